import type { Needs } from '../../context.ts'
import type { EventPayload } from '../../events.ts'
import { publish, publishAll } from '../../infra/outbox.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { invalidField } from '../../lib/errors.ts'
import {
  countHeld,
  endBurst,
  type FreedReview,
  freeNewcomers,
  hasHeld,
  isHeldAnew,
  lockHeldCount,
  rejectHeld,
} from './burst.queries.ts'
import { notHeld, ownReview, reviewedTitleNotFound } from './review.errors.ts'
import { getReviewedTitle } from './review.queries.ts'
import { forgetShown } from './review.service.ts'

type Context = Needs<'db' | 'cache'> & { readonly requestId?: string | undefined }

/** Which of the held reviews of a title count; the others are rejected, with a reason. */
export interface Release {
  readonly count: 'all' | 'some' | 'none'
  /** With some: those that count. */
  readonly reviewIds: readonly string[]
  /** With all: those that do not. */
  readonly except: readonly string[]
  readonly reason: string
}

/** What was decided of held reviews in one transaction. */
export interface Released {
  readonly counted: readonly FreedReview[]
  readonly rejected: readonly FreedReview[]
}

/** A decision, of which some is carried out. */
export interface ReleaseBegun {
  readonly released: Released
  /** How many count by it in the end, and how many are rejected. */
  readonly total: { readonly counted: number; readonly rejected: number }
}

type Rest = Omit<EventPayload<'title.score_decided'>, 'burst_id'>

/** Held reviews that one transaction sees to: a fraction of a second, in which nobody else can review the title. */
export const releaseBatch = 1_000

const noReviews: readonly FreedReview[] = []

/** Sees to those that are named. @throws AppError 422 naming the field whose ids are not all held */
async function decideNamed(tx: TxCtx<Context>, actor: Actor, movieId: string, release: Release): Promise<Released> {
  const { count, reviewIds, except, reason } = release
  const counted = count === 'some' ? await countHeld(tx.db, movieId, { ids: reviewIds }, actor.id) : noReviews
  if (count === 'some' && counted.length < new Set(reviewIds).size) {
    throw invalidField('body.review_ids', 'must be reviews of this title that are held')
  }
  const rejected = except.length > 0 ? await rejectHeld(tx.db, movieId, { ids: except }, actor.id, reason) : noReviews
  if (rejected.length < new Set(except).size) {
    throw invalidField('body.except', 'must be reviews of this title that are held')
  }
  return { counted, rejected }
}

/** Sees to some of those that are held still; with a burst to those of before the decision on it. */
async function decideSome(
  tx: TxCtx<Context>,
  { movie_id, actor_id, rest, reason }: Rest,
  which: { readonly most: number; readonly burstId?: string },
): Promise<Released> {
  return rest === 'count'
    ? { counted: await countHeld(tx.db, movie_id, which, actor_id), rejected: noReviews }
    : { counted: noReviews, rejected: await rejectHeld(tx.db, movie_id, which, actor_id, reason) }
}

/** Tells whoever is to know of what was decided, the readers of the title included. */
async function tellReleased(tx: TxCtx<Context>, { movie_id, actor_id, reason }: Rest, { rejected }: Released) {
  const told = rejected.map(({ id, user_id }) => ({
    ...{ review_id: id, movie_id, author_id: user_id },
    ...{ actor_id, decision: 'reject' as const, reason },
  }))
  await publishAll(tx, 'review.moderated', told)
  const title = await getReviewedTitle(tx.db, movie_id)
  tx.afterCommit(() => forgetShown(tx, title, true))
}

/**
 * Ends the hold of a title's score. Up to `most` reviews are seen to at once; of more the rest by `releaseMore`, and the
 * score counts as held until the last of them is.
 * @throws AppError 404, 409 when it is not held (any more) or a review of one's own is, 422
 */
export function releaseScore(
  ctx: Context,
  actor: Actor,
  movieId: string,
  release: Release,
  most = releaseBatch,
): Promise<ReleaseBegun> {
  const { count, except, reason } = release
  return inTx(ctx, async (tx) => {
    const held = await lockHeldCount(tx.db, movieId)
    if (held === undefined) throw reviewedTitleNotFound()
    if (held === 0) throw notHeld()
    if (await hasHeld(tx.db, movieId, actor.id)) {
      throw ownReview({ message: 'A review of yours is held: somebody else must decide.' })
    }
    const decision = except.length > 0 ? 'some' : count
    const burst_id = await endBurst(tx.db, movieId, { decision, decidedBy: actor.id, reason })
    // Somebody has decided, and what they decided is being carried out.
    if (burst_id === undefined) throw notHeld()
    const named = await decideNamed(tx, actor, movieId, release)
    const rest = { movie_id: movieId, actor_id: actor.id, rest: count === 'all' ? 'count' : 'reject', reason } as const
    const some = await decideSome(tx, rest, { most })
    const released = {
      counted: [...named.counted, ...some.counted],
      rejected: [...named.rejected, ...some.rejected],
    }
    await tellReleased(tx, rest, released)
    const left = (await lockHeldCount(tx.db, movieId)) ?? 0
    if (left > 0) await publish(tx, 'title.score_decided', { ...rest, burst_id })
    const total = {
      counted: released.counted.length + (rest.rest === 'count' ? left : 0),
      rejected: released.rejected.length + (rest.rest === 'reject' ? left : 0),
    }
    await publish(tx, 'title.score_released', { movie_id: movieId, actor_id: actor.id, ...total })
    return { released, total }
  })
}

/**
 * Carries on with a decision that more reviews were held for than one transaction sees to. What came since then, held only
 * because those were, counts as any other.
 * @returns what was decided now; null when there is nothing left to see to
 */
export async function releaseMore(
  tx: TxCtx<Context>,
  { burst_id, ...rest }: EventPayload<'title.score_decided'>,
  most = releaseBatch,
): Promise<Released | null> {
  const held = await lockHeldCount(tx.db, rest.movie_id)
  if (!held || (await isHeldAnew(tx.db, rest.movie_id, burst_id))) return null
  const released = await decideSome(tx, rest, { most, burstId: burst_id })
  const decided = released.counted.length + released.rejected.length
  // Not for as long as the count says: it may have drifted.
  if (decided === 0 && (await freeNewcomers(tx.db, rest.movie_id, burst_id, most)) === 0) return null
  await tellReleased(tx, rest, released)
  return released
}

/** Ends the hold of a title's score once nothing of it is held any more: moderators may also go review by review. */
export async function settleScore(tx: TxCtx<Context>, actor: Actor, movieId: string): Promise<void> {
  if ((await lockHeldCount(tx.db, movieId)) !== 0) return
  const ended = await endBurst(tx.db, movieId, { decision: 'one_by_one', decidedBy: actor.id, reason: null })
  if (ended === undefined) return
  await publish(tx, 'title.score_released', { movie_id: movieId, actor_id: actor.id, counted: 0, rejected: 0 })
}
