import type { Needs } from '../../context.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { ownReview, reviewNotFound } from './review.errors.ts'
import type { VoteType } from './review.schemas.ts'
import { forgetReviews } from './review.service.ts'
import { castVote, deleteVote } from './vote.queries.ts'
import type { ReviewVotes } from './vote.schemas.ts'

type Context = Needs<'db' | 'cache'> & { readonly requestId?: string }

/** Votes on a review, or switches the vote; the same vote again changes nothing. @throws AppError 404, 409 */
export function voteOnReview(ctx: Context, actor: Actor, reviewId: string, vote: VoteType): Promise<ReviewVotes> {
  return inTx(ctx, async (tx) => {
    const cast = await castVote(tx.db, reviewId, actor.id, vote)
    if (!cast) throw reviewNotFound()
    if (cast.is_own) throw ownReview({ message: 'You can’t vote on your own review.' })
    if (cast.changed) {
      await publish(tx, 'review.voted', { review_id: reviewId, user_id: actor.id, vote_type: vote })
      tx.afterCommit(() => forgetReviews(ctx, cast.title, false))
    }
    return cast.votes
  })
}

/** Takes one's vote back, if there is one. @throws AppError 404 */
export function unvoteReview(ctx: Context, actor: Actor, reviewId: string): Promise<void> {
  return inTx(ctx, async (tx) => {
    const removed = await deleteVote(tx.db, reviewId, actor.id)
    if (!removed) throw reviewNotFound()
    if (removed.changed) {
      await publish(tx, 'review.unvoted', { review_id: reviewId, user_id: actor.id })
      tx.afterCommit(() => forgetReviews(ctx, removed.title, false))
    }
  })
}
