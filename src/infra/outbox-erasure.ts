import { sql } from 'kysely'
import type { Tx } from './db.ts'

/** Deletes the events that carry one of these e-mail addresses, in any case, whether they were relayed or not. */
export async function eraseAddressed(tx: Tx, addresses: readonly string[]): Promise<void> {
  await sql`/* eraseAddressedEvents */
    delete from outbox_events
    where payload ? 'email' and lower(payload ->> 'email') = any(${addresses.map((one) => one.toLowerCase())})`.execute(
    tx,
  )
}
