import { sql } from 'kysely'
import type { EventName, EventPayload } from '../events.ts'
import type { Tx } from './db.ts'
import { payloadProblem } from './event-check.ts'

/** What NOTIFY tells the relay on: that there is something, not what. */
export const outboxChannel = 'outbox'

/**
 * Writes an event into the outbox of the current transaction: it happens if, and only if, the transaction commits.
 * Asking for a `Tx` keeps publishing outside a transaction from compiling.
 * @throws Error when the payload is not what events.ts says
 */
export async function publish<N extends EventName>(
  tx: { readonly db: Tx; readonly requestId?: string | undefined },
  name: N,
  payload: EventPayload<N>,
): Promise<void> {
  const wrong = payloadProblem(name, payload)
  if (wrong !== null) throw new Error(wrong)
  // Postgres tells the relay at the commit, once however many events the transaction has.
  await sql`/* publishEvent prepared */
    with event as (
      insert into outbox_events (name, payload, request_id)
      values (${name}, ${JSON.stringify(payload)}, ${tx.requestId ?? null})
    )
    select pg_notify(${outboxChannel}, '')`.execute(tx.db)
}

/** Writes several events of one name in one statement; none for an empty list. */
export async function publishAll<N extends EventName>(
  tx: { readonly db: Tx; readonly requestId?: string | undefined },
  name: N,
  payloads: ReadonlyArray<EventPayload<N>>,
): Promise<void> {
  if (payloads.length === 0) return
  const wrong = payloads.map((payload) => payloadProblem(name, payload)).find((problem) => problem !== null)
  if (wrong) throw new Error(wrong)
  await sql`/* publishEvents */
    with events as (
      insert into outbox_events (name, payload, request_id)
      select ${name}, value, ${tx.requestId ?? null} from jsonb_array_elements(${JSON.stringify(payloads)}::jsonb)
    )
    select pg_notify(${outboxChannel}, '')`.execute(tx.db)
}
