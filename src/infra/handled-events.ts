import { named, type Tx } from './db.ts'

/**
 * Marks an event as handled by a consumer. The mark commits with the transaction's other effects or not at all; a second
 * transaction that asks at the same time waits for the first.
 * @returns false when it had been handled before: then do nothing
 */
export async function firstTime(db: Tx, consumer: string, eventId: string): Promise<boolean> {
  const marked = await db
    .insertInto('handled_events')
    .modifyEnd(named('markHandled'))
    .values({ consumer, event_id: eventId })
    .onConflict((conflict) => conflict.doNothing())
    .returning('event_id')
    .executeTakeFirst()
  return marked !== undefined
}
