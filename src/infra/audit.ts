import type { Client } from '../lib/client.ts'
import { named, type Tx } from './db.ts'

/** One thing that happened to an account or by it. */
export interface AuditEntry {
  /** What was done, in the past tense: `session.started`. */
  readonly action: string
  /** Who did it, by id; null or left out for nobody who is known. */
  readonly actorId?: string | null
  /** Whom or what it was done to, by id. */
  readonly targetId?: string | null
  /** What else is worth knowing; no e-mail address, name, password or token. */
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * Writes into the append-only audit log, in the transaction of what it tells: neither is there without the other. Where
 * the request came from, and its id, are taken from the context.
 */
export async function recordAudit(
  tx: { readonly db: Tx; readonly requestId?: string | undefined; readonly client?: Client | undefined },
  { action, actorId = null, targetId = null, details = {} }: AuditEntry,
): Promise<void> {
  await tx.db
    .insertInto('audit_log')
    .modifyEnd(named('recordAudit'))
    .values({
      action,
      actor_id: actorId,
      target_id: targetId,
      address: tx.client?.address ?? null,
      user_agent: tx.client?.userAgent ?? null,
      request_id: tx.requestId ?? null,
      details: JSON.stringify(details),
    })
    .execute()
}
