import type { Needs } from '../../context.ts'
import { publish, publishAll } from '../../infra/outbox.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { invalidField } from '../../lib/errors.ts'
import { countHeld, endBurst, type FreedReview, lockHeldCount, rejectHeld } from './burst.queries.ts'
import { notHeld, ownReview, reviewedTitleNotFound } from './review.errors.ts'
import { getReviewedTitle } from './review.queries.ts'
import { forgetShown } from './review.service.ts'

type Context = Needs<'db' | 'cache'> & { readonly requestId?: string }

/** Which of the held reviews of a title count; the others are rejected, with a reason. */
export interface Release {
  readonly count: 'all' | 'some' | 'none'
  /** With some: those that count. */
  readonly reviewIds: readonly string[]
  /** With all: those that do not. */
  readonly except: readonly string[]
  readonly reason: string
}

export interface Released {
  readonly counted: FreedReview[]
  readonly rejected: FreedReview[]
}

/** Lets count what is to count, and rejects the rest. @throws AppError 422 naming the field whose ids are not all held */
async function decideHeld(tx: TxCtx<Context>, actor: Actor, movieId: string, release: Release): Promise<Released> {
  const { count, reviewIds, except, reason } = release
  const chosen = count === 'all' ? { except } : { only: reviewIds }
  const counted = count === 'none' ? [] : await countHeld(tx.db, movieId, chosen, actor.id)
  if (count === 'some' && counted.length < new Set(reviewIds).size) {
    throw invalidField('body.review_ids', 'must be reviews of this title that are held')
  }
  const rejected = count === 'all' && except.length === 0 ? [] : await rejectHeld(tx.db, movieId, actor.id, reason)
  if (count === 'all' && rejected.length < new Set(except).size) {
    throw invalidField('body.except', 'must be reviews of this title that are held')
  }
  return { counted, rejected }
}

/**
 * Ends the hold of a title's score.
 * @throws AppError 404, 409 when it is not held (any more) or a review of one's own is, 422
 */
export function releaseScore(ctx: Context, actor: Actor, movieId: string, release: Release): Promise<Released> {
  const { count, except, reason } = release
  return inTx(ctx, async (tx) => {
    const held = await lockHeldCount(tx.db, movieId)
    if (held === undefined) throw reviewedTitleNotFound()
    if (held === 0) throw notHeld()
    const { counted, rejected } = await decideHeld(tx, actor, movieId, release)
    if ([...counted, ...rejected].some(({ user_id }) => user_id === actor.id)) {
      throw ownReview({ message: 'A review of yours is held: somebody else must decide.' })
    }
    const decision = except.length > 0 ? 'some' : count
    await endBurst(tx.db, movieId, { decision, decidedBy: actor.id, reason })
    const told = rejected.map(({ id, user_id }) => ({
      ...{ review_id: id, movie_id: movieId, author_id: user_id },
      ...{ actor_id: actor.id, decision: 'reject' as const, reason },
    }))
    await publishAll(tx, 'review.moderated', told)
    const counts = { counted: counted.length, rejected: rejected.length }
    await publish(tx, 'title.score_released', { movie_id: movieId, actor_id: actor.id, ...counts })
    const title = await getReviewedTitle(tx.db, movieId)
    tx.afterCommit(() => forgetShown(ctx, title, true))
    return { counted, rejected }
  })
}

/** Ends the hold of a title's score once nothing of it is held any more: moderators may also go review by review. */
export async function settleScore(tx: TxCtx<Context>, actor: Actor, movieId: string): Promise<void> {
  if ((await lockHeldCount(tx.db, movieId)) !== 0) return
  const ended = await endBurst(tx.db, movieId, { decision: 'one_by_one', decidedBy: actor.id, reason: null })
  if (!ended) return
  await publish(tx, 'title.score_released', { movie_id: movieId, actor_id: actor.id, counted: 0, rejected: 0 })
}
