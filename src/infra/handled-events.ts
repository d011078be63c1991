import { sql } from 'kysely'
import { type Db, named, type Tx } from './db.ts'

/** @returns whether the mark is new */
async function mark(db: Db | Tx, consumer: string, eventId: string): Promise<boolean> {
  const marked = await db
    .insertInto('handled_events')
    .modifyEnd(named('markHandled'))
    .values({ consumer, event_id: eventId })
    .onConflict((conflict) => conflict.doNothing())
    .returning('event_id')
    .executeTakeFirst()
  return marked !== undefined
}

/**
 * Marks an event as handled by a consumer. The mark commits with the transaction's other effects or not at all; a second
 * transaction that asks at the same time waits for the first.
 * @returns false when it had been handled before: then do nothing
 */
export const firstTime = (db: Tx, consumer: string, eventId: string): Promise<boolean> => mark(db, consumer, eventId)

/** Marks what needed no transaction of its own, once it is done. */
export const markHandled = async (db: Db, consumer: string, eventId: string): Promise<void> =>
  void (await mark(db, consumer, eventId))

export async function isHandled(db: Db, consumer: string, eventId: string): Promise<boolean> {
  const found = await db
    .selectFrom('handled_events')
    .modifyFront(named('isHandled'))
    .select('event_id')
    .where('event_id', '=', eventId)
    .where('consumer', '=', consumer)
    .executeTakeFirst()
  return found !== undefined
}

/** Deletes some of the marks older than so many days. @returns how many */
export async function pruneHandledEvents(db: Db, days: number, most: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`/* pruneHandledEvents */
    delete from handled_events where (event_id, consumer) in (
      select event_id, consumer from handled_events
      where handled_at < now() - make_interval(days => ${days})
      order by handled_at
      limit ${most}
      for update skip locked
    )`.execute(db)
  return Number(numAffectedRows)
}
