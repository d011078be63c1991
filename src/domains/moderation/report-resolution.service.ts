import { publish } from '../../infra/outbox.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { invalidField } from '../../lib/errors.ts'
import { addTitleViewersIn } from '../catalog/title-viewer.service.ts'
import { suspendUser } from '../users/suspension.service.ts'
import { insertDecisions, type LockedContent } from './decision.queries.ts'
import { carryOut, lockForDecision, type ModerationContext, tellReporters } from './decision.service.ts'
import { ownContent } from './moderation.errors.ts'
import { unflagReported } from './queue.queries.ts'
import { lockRemoved, type RemovedContent } from './removed-content.queries.ts'
import { contentGone, reportNotFound, reportResolved } from './report.errors.ts'
import { reportFigures } from './report.policy.ts'
import { countGoodReports, getAdminReport } from './report.queries.ts'
import type { AdminReport, ResolutionBody } from './report.schemas.ts'
import {
  findReportedReview,
  lockReport,
  resolveOneReport,
  resolveReportsOf,
  resolveReportsOfRemoved,
} from './report-resolution.queries.ts'

type Context = ModerationContext

function checkBody({ resolution, reason, suspend_until, keep_content }: ResolutionBody): void {
  if (resolution !== 'dismissed' && reason === undefined) {
    throw invalidField('body.reason', 'is required: the author is told')
  }
  if (suspend_until && resolution !== 'user_suspended')
    throw invalidField('body.suspend_until', 'goes with user_suspended')
  if (keep_content && resolution !== 'user_warned' && resolution !== 'user_suspended') {
    throw invalidField('body.keep_content', 'goes with user_warned and user_suspended')
  }
}

/** What the author of the review is in for. */
async function dealWithAuthor(
  tx: TxCtx<Context>,
  actor: Actor,
  content: Pick<LockedContent, 'id' | 'user_id'>,
  body: ResolutionBody,
): Promise<void> {
  const { resolution, reason = '', suspend_until: until = null } = body
  if (resolution !== 'user_warned' && resolution !== 'user_suspended') return
  if (content.user_id === null) throw invalidField('body.resolution', 'cannot be: the author’s account was erased')
  if (resolution === 'user_suspended') await suspendUser(tx, actor, content.user_id, { reason, until })
  else await publish(tx, 'user.warned', { user_id: content.user_id, actor_id: actor.id, review_id: content.id, reason })
}

/** Resolves the one report; its review leaves the queue when too few others speak against it. */
async function dismiss(tx: TxCtx<Context>, actor: Actor, id: string, reviewId: string | null, note: string | null) {
  await tellReporters(
    tx,
    await resolveOneReport(tx.db, id, { resolution: 'dismissed', note, by: actor.id }),
    'dismissed',
  )
  if (reviewId !== null && (await countGoodReports(tx.db, reviewId)) < reportFigures.flagging) {
    await unflagReported(tx.db, reviewId)
  }
}

/** Resolves every open report of the review, and rejects it unless it is to be kept. */
async function uphold(tx: TxCtx<Context>, actor: Actor, content: LockedContent, body: ResolutionBody): Promise<void> {
  const { resolution, reason = null, note = null, keep_content: keep = false } = body
  await dealWithAuthor(tx, actor, content, body)
  if (!keep) {
    await carryOut(tx, actor, content, { decision: 'reject', reason, resolution, note })
    return
  }
  await tellReporters(tx, await resolveReportsOf(tx.db, [content.id], { resolution, note, by: actor.id }), resolution)
  await unflagReported(tx.db, content.id)
}

/** The same for a review that its author took away before anybody looked: there is nothing left to reject. */
async function upholdRemoved(tx: TxCtx<Context>, actor: Actor, content: RemovedContent, body: ResolutionBody) {
  const { resolution, note = null } = body
  await dealWithAuthor(tx, actor, content, body)
  const resolved = await resolveReportsOfRemoved(tx.db, content.id, { resolution, note, by: actor.id })
  await tellReporters(tx, resolved, resolution)
}

/** What is left of a reported review that is gone. @throws AppError 409 for one's own */
async function findRemoved(tx: TxCtx<Context>, actor: Actor, id: string | null): Promise<RemovedContent | undefined> {
  const removed = id === null ? undefined : await lockRemoved(tx.db, id)
  if (removed?.user_id === actor.id) throw ownContent()
  return removed
}

/**
 * Says what becomes of a report. Of two moderators at once, one wins.
 * @throws AppError 403 when the author may not be suspended, 404, 409, 422
 */
export function resolveReport(ctx: Context, actor: Actor, id: string, body: ResolutionBody): Promise<AdminReport> {
  checkBody(body)
  return inTx(ctx, async (tx) => {
    const reported = await findReportedReview(tx.db, id)
    if (!reported) throw reportNotFound()
    const { review_id: reviewId, removed_review_id: removedId } = reported
    // The review before its reports, as everybody locks them.
    const content = reviewId === null ? null : await lockForDecision(tx, actor, reviewId)
    const removed = await findRemoved(tx, actor, removedId)
    const report = await lockReport(tx.db, id)
    if (!report) throw reportNotFound()
    if (report.resolution !== null) throw reportResolved()
    if (body.resolution === 'dismissed') await dismiss(tx, actor, id, report.review_id, body.note ?? null)
    else if (content !== null) await uphold(tx, actor, content, body)
    else if (removed) await upholdRemoved(tx, actor, removed, body)
    else throw contentGone()
    const about = content ?? removed
    await insertDecisions(tx.db, [
      {
        ...{
          kind: 'report',
          decision: body.resolution,
          moderator_id: actor.id,
          report_id: id,
          review_id: about?.id ?? null,
        },
        ...{ movie_id: about?.movie_id ?? null, author_id: about?.user_id ?? null, reason: body.reason ?? null },
        ...{ before: { resolution: null }, after: { resolution: body.resolution, note: body.note ?? null } },
      },
    ])
    return addTitleViewersIn(tx.db, actor.id, await getAdminReport(tx.db, id))
  })
}
