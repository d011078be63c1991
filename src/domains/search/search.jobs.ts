import type { Needs } from '../../context.ts'
import { inTx } from '../../infra/tx.ts'
import { forgetOtherAnswers, keepCommonAnswers, listCommonWords, refreshStatistics } from './search.queries.ts'

/** About a quarter of a second that editors may have to wait. */
const wordsAtOnce = 4

/** Answers the commonest words ahead of being asked, a few at a time, so that whoever writes titles gets in between. */
async function keepCommonSearches(ctx: Needs<'db'>): Promise<number> {
  const words = await listCommonWords(ctx.db)
  await forgetOtherAnswers(ctx.db, words)
  for (let at = 0; at < words.length; at += wordsAtOnce) {
    await inTx(ctx, (tx) => keepCommonAnswers(tx.db, words.slice(at, at + wordsAtOnce)))
  }
  return words.length
}

/** Counts words and sorts titles into tiers as of now, which searching weighs by. Does nothing while another process is at it. */
export async function refreshSearchStatistics(ctx: Needs<'db' | 'log'>): Promise<void> {
  const begun = performance.now()
  const refreshed = await inTx(ctx, (tx) => refreshStatistics(tx.db))
  if (!refreshed) return
  const common_words = await keepCommonSearches(ctx)
  const duration_ms = Math.round(performance.now() - begun)
  ctx.log.info({ duration_ms, common_words }, 'refreshed the search statistics')
}
