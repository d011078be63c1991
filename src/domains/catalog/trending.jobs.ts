import type { Needs } from '../../context.ts'
import { refreshTrending } from './trending.queries.ts'

/** Popularity and trending scores of all titles as of now. Does nothing while another process is at it. */
export async function refreshTrendingScores({ db, log }: Needs<'db' | 'log'>): Promise<void> {
  const begun = performance.now()
  const refreshed = await refreshTrending(db)
  if (refreshed) log.info({ duration_ms: Math.round(performance.now() - begun) }, 'refreshed the trending titles')
}
