import type { Needs } from '../../context.ts'
import { pruneIdempotencyKeys } from '../../infra/idempotency.ts'
import { inTx } from '../../infra/tx.ts'
import { forgetRemoved } from './removed-review.queries.ts'
import { forgetReviewers } from './returning-reviewer.service.ts'
import {
  applyPrior,
  type CountedTable,
  listIdsAfter,
  recount,
  refreshPrior,
  refreshReviewTrending,
} from './review-stats.queries.ts'

const beforeAll = '00000000-0000-0000-0000-000000000000'

/** Rows that are locked and recounted at a time: some ten milliseconds, for which who votes or publishes there waits. */
const batchSize = 500

/**
 * Compares what is counted along with the rows themselves, repairs what differs, and says how much did. Nothing should:
 * whoever writes a review or a vote keeps the counts right in the same transaction.
 * @returns rows repaired
 */
export async function reconcile(ctx: Needs<'db' | 'log' | 'metrics'>, table: CountedTable): Promise<number> {
  let repaired = 0
  let after = beforeAll
  for (;;) {
    const ids = await listIdsAfter(ctx.db, table, after, batchSize)
    if (ids.length > 0) repaired += await recount(ctx.db, table, ids)
    if (ids.length < batchSize) break
    after = ids.at(-1)!
  }
  ctx.metrics.counterDrift.inc({ table }, repaired)
  if (repaired > 0) ctx.log.error({ table, repaired }, 'counts had drifted from the rows, and were repaired')
  return repaired
}

/** Scores of titles against reviews, counters of reviews against votes. */
export async function reconcileReviews(ctx: Needs<'db' | 'log' | 'metrics'>): Promise<void> {
  await reconcile(ctx, 'movie_stats')
  await reconcile(ctx, 'reviews')
}

const priorBatch = 2_000

async function applyToAll(ctx: Needs<'db'>): Promise<number> {
  let titles = 0
  for (;;) {
    const applied = await applyPrior(ctx.db, priorBatch)
    titles += applied
    if (applied < priorBatch) return titles
  }
}

/** Takes the mean of all ratings anew, and draws weighted ratings to it: in batches, so that nobody waits for long. */
export async function refreshRatingPrior(ctx: Needs<'db' | 'log'>): Promise<void> {
  // A run that died leaves titles that follow the mean before, which is forgotten when it moves again.
  const left = await applyToAll(ctx)
  const moved = await refreshPrior(ctx.db)
  const titles = left + (moved ? await applyToAll(ctx) : 0)
  if (moved || titles > 0) ctx.log.info({ titles }, 'weighted ratings follow the mean of the catalogue')
}

/** Trending scores of reviews as of now. Does nothing while another process is at it. */
export async function refreshTrendingReviews(ctx: Needs<'db' | 'log'>): Promise<void> {
  const begun = performance.now()
  const refreshed = await inTx(ctx, (tx) => refreshReviewTrending(tx.db))
  if (refreshed) ctx.log.info({ duration_ms: Math.round(performance.now() - begun) }, 'refreshed the trending reviews')
}

const forgottenBatch = 1_000

/** Forgets what is left of deleted reviews, once nobody needs it. */
export async function forgetRemovedReviews(ctx: Needs<'db' | 'log'>): Promise<void> {
  let forgotten = 0
  for (;;) {
    const some = await forgetRemoved(ctx.db, forgottenBatch)
    forgotten += some
    if (some < forgottenBatch) break
  }
  if (forgotten > 0) ctx.log.info({ forgotten }, 'forgot what was left of deleted reviews')
}

/** Forgets the answers that were kept for requests sent twice, once they are a day old, and who left a review long ago. */
export async function pruneKeptAnswers(ctx: Needs<'db' | 'log'>): Promise<void> {
  const pruned = await pruneIdempotencyKeys(ctx)
  if (pruned > 0) ctx.log.info({ pruned }, 'forgot answers of requests that were sent under a key')
  const forgotten = await forgetReviewers(ctx)
  if (forgotten > 0) ctx.log.info({ forgotten }, 'forgot which titles erased accounts had reviewed')
}
