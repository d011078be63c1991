import type { Needs } from '../../context.ts'
import { publish } from '../../infra/outbox.ts'
import type { TxCtx } from '../../infra/tx.ts'
import { findBurst } from './burst.policy.ts'
import { endBurst, findBurstAge, holdReviews, insertBurst, lockArrivals } from './burst.queries.ts'

type Context = TxCtx<Needs<'db'> & { readonly requestId?: string }>

/**
 * Called after a review was written, in its transaction. A burst far outside the title's own history is held: its reviews
 * leave the score, which is then the one from before, and wait for a moderator; so do those that come while it is held.
 */
export async function guardAgainstBurst(tx: Context, movieId: string): Promise<void> {
  const found = await lockArrivals(tx.db, movieId)
  if (!found) return
  if (found.held_count > 0) {
    await holdReviews(tx.db, movieId, (await findBurstAge(tx.db, movieId)) ?? 0)
    return
  }
  const burst = findBurst({
    ...found,
    recent: found.ages.map((age, index) => [age, found.ratings[index]!] as const),
  })
  if (!burst) return
  // Whoever deletes or decides the last held review ends a burst without a word about it.
  await endBurst(tx.db, movieId, { decision: 'one_by_one', decidedBy: null, reason: null })
  const held = await holdReviews(tx.db, movieId, burst.from_age)
  if (held === 0) return
  await insertBurst(tx.db, movieId, burst.from_age, burst)
  await publish(tx, 'title.score_held', { movie_id: movieId, reviews: held })
}
