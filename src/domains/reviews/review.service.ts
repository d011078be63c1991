import type { Needs } from '../../context.ts'
import { doOnce, type Once, type OnceKey } from '../../infra/idempotency.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import { type Actor, hasRole } from '../../lib/actor.ts'
import { type AppError, forbidden } from '../../lib/errors.ts'
import { forgetCatalogue } from '../catalog/catalogue.service.ts'
import { forgetTitle, forgetTitleScores } from '../catalog/title.service.ts'
import { addTitleViewersIn } from '../catalog/title-viewer.service.ts'
import { noticeOf, withLasting } from './automatic-moderation.policy.ts'
import type { Assessment } from './automatic-moderation.schemas.ts'
import { assessReview } from './automatic-moderation.service.ts'
import { burstFigures } from './burst.policy.ts'
import { guardAgainstBurst } from './burst.service.ts'
import { keepRemoved, lockAuthor, lockAuthorOf } from './removed-review.queries.ts'
import { holdReturning } from './returning-reviewer.service.ts'
import { reviewFamilies, titleReviewsKeys } from './review.cache.ts'
import { notYourReview, ownReview, reviewNotFound, staleVersion } from './review.errors.ts'
import { counts, mayCount, mayModerate, statusAfterEdit, writesAsCritic } from './review.policy.ts'
import {
  deleteReview,
  getOwnReview,
  getReviewedTitle,
  hasBlock,
  insertReview,
  keepOnWatchlist,
  keepRevision,
  type LockedReview,
  lockReview,
  type ReviewedTitle,
  updateDecision,
  updateReview,
} from './review.queries.ts'
import { type NewReview, type Review, type ReviewPatch, ratingFields } from './review.schemas.ts'
import { isSubstantial } from './revision.policy.ts'
import { findFirstOfRevision } from './revision.queries.ts'
import { tagsOf } from './tag.policy.ts'
import { insertTags, listTags, replaceTags } from './tag.queries.ts'

type Context = Needs<'db' | 'cache'> & { readonly requestId?: string }

/** Forgets what is kept of a title's reviews and, where its score moved, what shows the score. */
export async function forgetReviews(ctx: Needs<'cache'>, title: ReviewedTitle, scored: boolean): Promise<void> {
  await Promise.all([
    ctx.cache.forget(...titleReviewsKeys(title)),
    scored ? forgetTitleScores(ctx, title) : forgetTitle(ctx, title),
  ])
}

/** The same for a review that says something else than before, or that others may no longer see. */
export async function forgetShown(ctx: Needs<'cache'>, title: ReviewedTitle, scored: boolean): Promise<void> {
  await Promise.all([ctx.cache.forgetFamilies('trending_reviews'), forgetReviews(ctx, title, scored)])
}

/** Forgets all that is kept of reviews, and of titles that show them: for whoever changed many at once. */
export async function forgetAllReviews(ctx: Needs<'cache'>): Promise<void> {
  await ctx.cache.forgetFamilies(...reviewFamilies)
  await forgetCatalogue(ctx)
}

/** A review as its author reads it, in the transaction that wrote it. */
const readBack = async (tx: TxCtx<Context>, id: string, author: string): Promise<Review> =>
  addTitleViewersIn(tx.db, author, await getOwnReview(tx.db, id, author))

const namesOf = ({ id, movie_id, user_id }: { id: string; movie_id: string; user_id: string | null }) => ({
  review_id: id,
  movie_id,
  author_id: user_id,
})

/** Publishes a review, or holds it for a moderator. Sent again under the same key, it answers the same again. */
export function publishReview(
  ctx: Context & Needs<'config'>,
  actor: Actor,
  input: NewReview,
  once?: OnceKey,
): Promise<Once<Review>> {
  const { movie_id, nollywood_tags = [], review_language = 'en', spoiler_warning = false, ...rest } = input
  const { keep_on_watchlist: keepsIt = false, ...ratings } = rest
  const tags = tagsOf(nollywood_tags)
  const write = async (tx: TxCtx<Context & Needs<'config'>>): Promise<Review> => {
    await lockAuthor(tx.db, actor.id)
    const text = { text: input.review_text, language: review_language, tags: nollywood_tags }
    const assessed = { authorId: actor.id, movieId: movie_id, ...text }
    const found = await assessReview(tx, { ...assessed, reviewId: null })
    const { status, ...assessment } = await holdReturning(tx, assessed, found)
    if (keepsIt) await keepOnWatchlist(tx.db)
    const id = await insertReview(tx.db, movie_id, {
      ...ratings,
      user_id: actor.id,
      review_language,
      spoiler_warning,
      as_critic: writesAsCritic(actor),
      moderation_status: status,
      moderation_reason: noticeOf(status, assessment.reasons),
      assessment: JSON.stringify(assessment),
    })
    await insertTags(tx.db, id, tags)
    await publish(tx, 'review.published', namesOf({ id, movie_id, user_id: actor.id }))
    await guardAgainstBurst(tx, movie_id, id)
    const review = await readBack(tx, id, actor.id)
    tx.afterCommit(() => forgetReviews(ctx, review.movie, true))
    return review
  }
  return inTx(ctx, (tx) => doOnce(tx, once, () => write(tx)))
}

/** @throws AppError 409 unless the version is one of those that the caller goes by */
function checkVersion({ version }: LockedReview, wanted: readonly number[] | undefined): void {
  if (wanted && !wanted.includes(version)) throw staleVersion()
}

/** What whoever reaches for somebody else's review is told: 404 where they may not know that it is there. */
async function refusalOf(tx: TxCtx<Context>, actor: Actor, review: LockedReview): Promise<AppError> {
  if (mayModerate(actor)) return notYourReview()
  const isSeen = review.moderation_status === 'approved' && !(await hasBlock(tx.db, actor.id, review.user_id))
  return isSeen ? notYourReview() : reviewNotFound()
}

/** A review that its author is about to change, locked. @throws AppError 404, 403, 409 */
async function lockOwn(tx: TxCtx<Context>, actor: Actor, id: string, wanted: readonly number[] | undefined) {
  const review = await lockReview(tx.db, id)
  if (review.user_id !== actor.id) throw await refusalOf(tx, actor, review)
  checkVersion(review, wanted)
  return review
}

/** Hours. */
const longestBurst = Math.max(...burstFigures.windows)

const editedFields = ['lemon_pie_rating', 'review_text', 'review_language', 'spoiler_warning', ...ratingFields] as const

/** The columns that a patch changes; those that it repeats are none. */
const changesOf = (review: LockedReview, patch: ReviewPatch) =>
  Object.fromEntries(
    editedFields.flatMap((field) => {
      const value = patch[field]
      return value === undefined || value === review[field] ? [] : [[field, value]]
    }),
  ) as Partial<Pick<LockedReview, (typeof editedFields)[number]>>

/**
 * Changes what the body names of one's own review. The text before is kept; one that became another text starts without
 * votes; an edit that changes nothing is none.
 * @param wanted the versions that the caller goes by
 */
export function editReview(
  ctx: Context,
  actor: Actor,
  id: string,
  patch: ReviewPatch,
  wanted?: readonly number[],
): Promise<Review> {
  const tags = patch.nollywood_tags && tagsOf(patch.nollywood_tags)
  return inTx(ctx, async (tx) => {
    const before = await lockOwn(tx, actor, id, wanted)
    const changes = changesOf(before, patch)
    const tagsBefore = await listTags(tx.db, id)
    const retagged = tags !== undefined && tags.join() !== tagsBefore.join()
    if (Object.keys(changes).length === 0 && !retagged) return readBack(tx, id, actor.id)
    const after = { ...before, ...changes }
    const found = await assessReview(tx, {
      authorId: actor.id,
      movieId: before.movie_id,
      text: after.review_text,
      language: after.review_language,
      tags: patch.nollywood_tags ?? tagsBefore,
      reviewId: id,
    })
    const former =
      before.moderation_status === 'approved' ? null : (before.assessment as Omit<Assessment, 'status'> | null)
    const { status, ...assessment } = withLasting(found, former)
    await keepRevision(tx.db, before, tagsBefore)
    const statusAfter = statusAfterEdit(before, status)
    // Against what the revision began as too: many small edits make another text in the end.
    const first = await findFirstOfRevision(tx.db, id, before.revision)
    const isAnother = isSubstantial(before, after) || (first !== undefined && isSubstantial(first, after))
    const columns = {
      ...changes,
      moderation_status: statusAfter,
      moderation_reason: noticeOf(statusAfter, assessment.reasons),
      assessment: JSON.stringify(assessment),
      ...(isAnother ? { revision: before.revision + 1, helpful_votes: 0, unhelpful_votes: 0 } : {}),
    }
    await updateReview(tx.db, before, columns, longestBurst)
    if (retagged) await replaceTags(tx.db, id, tags)
    await publish(tx, 'review.updated', namesOf(before))
    await guardAgainstBurst(tx, before.movie_id, id)
    const review = await readBack(tx, id, actor.id)
    tx.afterCommit(() => forgetShown(ctx, review.movie, mayCount(before) || counts(review)))
    return review
  })
}

/** Keeps whoever wrote a review from posting another until the transaction ends; before any other lock is taken. */
export const holdAuthor = (tx: TxCtx<Needs<'db'>>, reviewId: string): Promise<void> => lockAuthorOf(tx.db, reviewId)

/** Deletes a review: its author does, or a moderator. What spoke against it is kept. @param wanted the versions that the caller goes by */
export function removeReview(ctx: Context, actor: Actor, id: string, wanted?: readonly number[]): Promise<void> {
  return inTx(ctx, async (tx) => {
    await lockAuthorOf(tx.db, id)
    const review = await lockReview(tx.db, id)
    if (review.user_id !== actor.id && !mayModerate(actor)) throw await refusalOf(tx, actor, review)
    checkVersion(review, wanted)
    const title = await getReviewedTitle(tx.db, review.movie_id)
    await keepRemoved(tx.db, id, actor.id)
    await deleteReview(tx.db, id)
    await publish(tx, 'review.deleted', { ...namesOf(review), actor_id: actor.id })
    tx.afterCommit(() => forgetShown(ctx, title, mayCount(review)))
  })
}

export interface Decision {
  readonly decision: 'approve' | 'reject'
  /** What the author is told. */
  readonly reason: string | null
}

/**
 * A moderator's word on a review: its status and its place in the scores follow in the same transaction. One that was held
 * is held no longer: approving it counts it, and a rejected one doesn't hold the score again when its author edits it. One
 * cast before the release stays out. Saying it again changes nothing.
 * @throws AppError 403 for others than moderators, 404, 409 for one's own review
 */
export function decideReview(ctx: Context, actor: Actor, id: string, { decision, reason }: Decision): Promise<void> {
  if (!hasRole(actor.role, 'moderator')) throw forbidden()
  return inTx(ctx, async (tx) => {
    const before = await lockReview(tx.db, id)
    if (before.user_id === actor.id) throw ownReview({ message: 'Somebody else must decide on your review.' })
    const status = decision === 'approve' ? 'approved' : 'rejected'
    if (before.moderation_status === status && before.exclusion !== 'held') return
    const decided = { moderation_status: status, moderation_reason: reason, moderated_by: actor.id } as const
    const after = await updateDecision(tx.db, before, decided)
    await publish(tx, 'review.moderated', { ...namesOf(before), actor_id: actor.id, decision, reason })
    const title = await getReviewedTitle(tx.db, before.movie_id)
    tx.afterCommit(() => forgetShown(ctx, title, counts(before) || counts(after) || before.exclusion === 'held'))
  })
}
