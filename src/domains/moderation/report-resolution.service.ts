import { publish } from '../../infra/outbox.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { invalidField } from '../../lib/errors.ts'
import { addTitleViewersIn } from '../catalog/title-viewer.service.ts'
import { suspendUser } from '../users/suspension.service.ts'
import { insertDecisions, type LockedContent } from './decision.queries.ts'
import { carryOut, lockForDecision, type ModerationContext, tellReporters } from './decision.service.ts'
import { unflagReported } from './queue.queries.ts'
import { contentGone, reportNotFound, reportResolved } from './report.errors.ts'
import { reportFigures } from './report.policy.ts'
import {
  countGoodReports,
  findReportedReview,
  getAdminReport,
  lockReport,
  resolveOneReport,
  resolveReportsOf,
} from './report.queries.ts'
import type { AdminReport, ResolutionBody } from './report.schemas.ts'

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
  content: LockedContent,
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

/**
 * Says what becomes of a report. Of two moderators at once, one wins.
 * @throws AppError 403 when the author may not be suspended, 404, 409, 422
 */
export function resolveReport(ctx: Context, actor: Actor, id: string, body: ResolutionBody): Promise<AdminReport> {
  checkBody(body)
  return inTx(ctx, async (tx) => {
    const reviewId = await findReportedReview(tx.db, id)
    if (reviewId === undefined) throw reportNotFound()
    // The review before its reports, as everybody locks them.
    const content = reviewId === null ? null : await lockForDecision(tx, actor, reviewId)
    const report = await lockReport(tx.db, id)
    if (!report) throw reportNotFound()
    if (report.resolution !== null) throw reportResolved()
    if (body.resolution === 'dismissed') await dismiss(tx, actor, id, report.review_id, body.note ?? null)
    else if (content === null) throw contentGone()
    else await uphold(tx, actor, content, body)
    await insertDecisions(tx.db, [
      {
        ...{
          kind: 'report',
          decision: body.resolution,
          moderator_id: actor.id,
          report_id: id,
          review_id: report.review_id,
        },
        ...{ movie_id: content?.movie_id ?? null, author_id: content?.user_id ?? null, reason: body.reason ?? null },
        ...{ before: { resolution: null }, after: { resolution: body.resolution, note: body.note ?? null } },
      },
    ])
    return addTitleViewersIn(tx.db, actor.id, await getAdminReport(tx.db, id))
  })
}
