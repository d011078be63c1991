import { sql } from 'kysely'
import type { Json } from '../../db/types.ts'
import { type Db, named, type Tx } from './db.ts'

export interface OutboxEvent {
  readonly id: number
  readonly event_id: string
  readonly name: string
  readonly payload: Json
  readonly request_id: string | null
  readonly age_seconds: number
}

const columns = ['id', 'event_id', 'name', 'payload', 'request_id'] as const

/**
 * Locks unpublished events, the oldest first, leaving out those that another relay has. Never by `id >` the last one
 * seen: ids commit out of order. An event of a newer version's is left for that version's relay.
 */
export const claimUnpublished = (tx: Tx, names: readonly string[], most: number): Promise<OutboxEvent[]> =>
  tx
    .selectFrom('outbox_events')
    .modifyFront(named('claimUnpublished'))
    .select(columns)
    .select(sql<number>`extract(epoch from clock_timestamp() - created_at)::float8`.as('age_seconds'))
    .where('published_at', 'is', null)
    .where('name', 'in', names)
    .orderBy('id')
    .limit(most)
    .forUpdate()
    .skipLocked()
    .execute()

export interface Relayed {
  readonly id: number
  readonly relayed_to: readonly string[]
}

/** @param recheckSeconds when to look for the first time whether all have handled it */
export async function markPublished(tx: Tx, events: readonly Relayed[], recheckSeconds: number): Promise<void> {
  await sql`/* markPublished */
    update outbox_events e
    set published_at = clock_timestamp(), relayed_to = r.relayed_to,
      recheck_at = case when r.relayed_to <> '{}' then clock_timestamp() + make_interval(secs => ${recheckSeconds}) end
    from (
      select (value ->> 'id')::bigint as id,
        array(select jsonb_array_elements_text(value -> 'relayed_to')) as relayed_to
      from jsonb_array_elements(${JSON.stringify(events)}::jsonb)
    ) r
    where e.id = r.id`.execute(tx)
}

export interface UnhandledEvent extends OutboxEvent {
  /** Those of its subscribers that have not handled it. */
  readonly missing: readonly string[]
}

/**
 * Takes events that are due to be looked at again. Those that all have handled are settled; the others are due again
 * when they are twice as old, within a day.
 * @returns how many were looked at, and those that somebody has not handled
 */
export async function recheckPublished(tx: Tx, most: number): Promise<{ seen: number; unhandled: UnhandledEvent[] }> {
  const { rows } = await sql<UnhandledEvent>`/* recheckPublished */
    with due as (
      select id from outbox_events
      where recheck_at <= now()
      order by recheck_at
      limit ${most}
      for update skip locked
    ), looked as (
      select e.id, array(
        select s from unnest(e.relayed_to) s
        where not exists (select from handled_events h where h.event_id = e.event_id and h.consumer = s)
      ) as missing
      from outbox_events e join due using (id)
    )
    update outbox_events e
    set recheck_at = case when missing <> '{}' then now() + least(now() - e.published_at, interval '1 day') end
    from looked
    where e.id = looked.id
    returning e.id, e.event_id, e.name, e.payload, e.request_id, looked.missing,
      extract(epoch from now() - e.created_at)::float8 as age_seconds`.execute(tx)
  return { seen: rows.length, unhandled: rows.filter(({ missing }) => missing.length > 0) }
}

/** How many events wait for the relay (10,000 at most are counted), and for how many seconds the oldest has. */
export async function outboxState(db: Db): Promise<{ unpublished: number; oldest_seconds: number }> {
  const { rows } = await sql<{ unpublished: number; oldest_seconds: number }>`/* outboxState */
    select
      (select count(*) from (select from outbox_events where published_at is null limit 10000) waiting) as unpublished,
      coalesce((
        select extract(epoch from now() - created_at)::float8 from outbox_events
        where published_at is null order by id limit 1
      ), 0) as oldest_seconds`.execute(db)
  return rows[0]!
}

/**
 * Deletes some of the events that were published long ago: earlier when all have handled them.
 * @returns how many
 */
export async function pruneOutbox(db: Db, days: { handled: number; unhandled: number }, most: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`/* pruneOutbox */
    delete from outbox_events where id in (
      select id from outbox_events
      where published_at < now() - make_interval(days => ${days.handled})
        and (recheck_at is null or published_at < now() - make_interval(days => ${days.unhandled}))
      order by published_at
      limit ${most}
      for update skip locked
    )`.execute(db)
  return Number(numAffectedRows)
}
