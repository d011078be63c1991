import type { Needs } from '../../context.ts'
import { inTx } from '../../infra/tx.ts'
import { refreshTrending } from './trending.queries.ts'

/** Popularity and trending scores of all titles as of now. Does nothing while another process is at it. */
export async function refreshTrendingScores(ctx: Needs<'db' | 'log'>): Promise<void> {
  const begun = performance.now()
  const refreshed = await inTx(ctx, (tx) => refreshTrending(tx.db))
  if (refreshed) ctx.log.info({ duration_ms: Math.round(performance.now() - begun) }, 'refreshed the trending titles')
}
