import type { Needs } from '../../context.ts'
import { inTx } from '../../infra/tx.ts'
import { refreshStatistics } from './search.queries.ts'

/** Counts words and sorts titles into tiers as of now, which searching weighs by. Does nothing while another process is at it. */
export async function refreshSearchStatistics(ctx: Needs<'db' | 'log'>): Promise<void> {
  const begun = performance.now()
  const refreshed = await inTx(ctx, (tx) => refreshStatistics(tx.db))
  if (refreshed) ctx.log.info({ duration_ms: Math.round(performance.now() - begun) }, 'refreshed the search statistics')
}
