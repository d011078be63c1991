import type { Needs } from '../../context.ts'
import { inTx } from '../../infra/tx.ts'
import { prunable, prune, pruneAuditLog } from './prune.queries.ts'

/** So many rows in one transaction, so that none of them is locked for long. */
export const batchRows = 1_000

/**
 * Removes sessions, tokens, counts, devices and audit entries that are past their use, batch by batch. Processes that do
 * it at once take different rows.
 */
export async function pruneSignIns(ctx: Needs<'db' | 'log'>, rows: number = batchRows): Promise<void> {
  const removed: Record<string, number> = {}
  const work = [
    ...prunable.map((table) => [table, (db: Parameters<typeof prune>[0]) => prune(db, table, rows)] as const),
    ['audit_log', (db: Parameters<typeof prune>[0]) => pruneAuditLog(db, rows)] as const,
  ]
  for (const [table, removeSome] of work) {
    let batch = rows
    while (batch === rows) {
      batch = await inTx(ctx, (tx) => removeSome(tx.db))
      if (batch > 0) removed[table] = (removed[table] ?? 0) + batch
    }
  }
  if (Object.keys(removed).length > 0) ctx.log.info({ removed }, 'removed what signing in needs no longer')
}
