import type { EventName, EventPayload } from '../events.ts'
import { named, type Tx } from './db.ts'

/**
 * Writes an event into the outbox of the current transaction: it happens if, and only if, the transaction commits.
 * Asking for a `Tx` keeps publishing outside a transaction from compiling.
 */
export async function publish<N extends EventName>(
  tx: { readonly db: Tx; readonly requestId?: string | undefined },
  name: N,
  payload: EventPayload<N>,
): Promise<void> {
  await tx.db
    .insertInto('outbox_events')
    .modifyEnd(named('publishEvent'))
    .values({ name, payload: JSON.stringify(payload), request_id: tx.requestId ?? null })
    .execute()
}
