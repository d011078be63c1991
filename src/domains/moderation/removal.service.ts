import { inTx, type TxCtx } from '../../infra/tx.ts'
import { type Actor, hasRole } from '../../lib/actor.ts'
import { settleScore } from '../reviews/held-score.service.ts'
import { holdAuthor, removeReview } from '../reviews/review.service.ts'
import { insertDecisions, type LockedContent, lockContent } from './decision.queries.ts'
import { type ModerationContext, tellReporters } from './decision.service.ts'
import { resolveReportsOf } from './report-resolution.queries.ts'

/** What stays of a review that a moderator deletes: the word on its reports, and the record. */
async function writeDown(tx: TxCtx<ModerationContext>, actor: Actor, content: LockedContent): Promise<void> {
  const { id, user_id, movie_id, moderation_status, exclusion } = content
  const resolution = 'content_removed'
  await tellReporters(tx, await resolveReportsOf(tx.db, [id], { resolution, note: null, by: actor.id }), resolution)
  await insertDecisions(tx.db, [
    {
      ...{ kind: 'review', decision: 'delete', moderator_id: actor.id, review_id: id, movie_id, author_id: user_id },
      ...{ before: { moderation_status, exclusion }, after: null },
    },
  ])
}

/**
 * Deletes a review: its author does, or a moderator, whose decision it is like any other.
 * @param wanted the versions that the caller goes by
 * @throws AppError 404, 403, 409
 */
export function deleteContent(
  ctx: ModerationContext,
  actor: Actor,
  id: string,
  wanted?: readonly number[],
): Promise<void> {
  return inTx(ctx, async (tx) => {
    await holdAuthor(tx, id)
    const content = hasRole(actor.role, 'moderator') ? await lockContent(tx.db, id) : undefined
    const isOthers = content !== undefined && content.user_id !== actor.id
    if (isOthers) await writeDown(tx, actor, content)
    await removeReview(tx, actor, id, wanted)
    if (isOthers) await settleScore(tx, actor, content.movie_id)
  })
}
