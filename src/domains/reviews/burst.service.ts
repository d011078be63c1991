import type { Needs } from '../../context.ts'
import { publish } from '../../infra/outbox.ts'
import type { TxCtx } from '../../infra/tx.ts'
import { findBurst } from './burst.policy.ts'
import { endBurst, getArrivals, holdOne, holdReviews, insertBurst, lockHeldCount } from './burst.queries.ts'

type Context = TxCtx<Needs<'db'> & { readonly requestId?: string }>

/**
 * Called after a review was written, in its transaction. A burst far outside the title's own history is held: its reviews
 * leave the score, which is then the one from before, and wait for a moderator; so do those that come while it is held.
 */
export async function guardAgainstBurst(tx: Context, movieId: string, reviewId: string): Promise<void> {
  // Two reviews at once see each other, and none slips past a hold.
  const held = await lockHeldCount(tx.db, movieId)
  if (held === undefined) return
  if (held > 0) {
    await holdOne(tx.db, reviewId)
    return
  }
  const found = await getArrivals(tx.db, movieId)
  const burst = findBurst({
    ...found,
    recent: found.ages.map((age, index) => [age, found.ratings[index]!] as const),
  })
  if (!burst) return
  // Whoever deletes or decides the last held review ends a burst without a word about it.
  await endBurst(tx.db, movieId, { decision: 'one_by_one', decidedBy: null, reason: null })
  const reviews = await holdReviews(tx.db, movieId, burst.from_age)
  if (reviews === 0) return
  await insertBurst(tx.db, movieId, burst.from_age, burst)
  await publish(tx, 'title.score_held', { movie_id: movieId, reviews })
}
