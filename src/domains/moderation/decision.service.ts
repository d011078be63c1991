import type { Needs } from '../../context.ts'
import type { Tx } from '../../infra/db.ts'
import { publishAll } from '../../infra/outbox.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Client } from '../../lib/client.ts'
import { AppError, invalidField } from '../../lib/errors.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { settleScore } from '../reviews/held-score.service.ts'
import { decideReview } from '../reviews/review.service.ts'
import {
  countDecisions,
  getState,
  insertDecisions,
  type LockedContent,
  listDecisions,
  lockContent,
} from './decision.queries.ts'
import type {
  BulkBody,
  BulkOutcome,
  DecidedContent,
  DecisionBody,
  DecisionsQuery,
  Verdict,
} from './decision.schemas.ts'
import { alreadyDecided, contentChanged, contentNotFound, ownContent } from './moderation.errors.ts'
import { dequeue } from './queue.queries.ts'
import type { Resolution } from './report.schemas.ts'
import { type ResolvedReport, resolveReportsOf } from './report-resolution.queries.ts'

export type ModerationContext = Needs<'db' | 'cache' | 'log'> & {
  readonly requestId?: string
  readonly client?: Client
}
type Context = ModerationContext

interface Decision {
  readonly decision: Verdict
  readonly reason: string | null
  /** What becomes of the open reports of the review. */
  readonly resolution: Resolution
  /** What those who reported it are told. */
  readonly note: string | null
}

/** A review that `actor` may decide on, locked. @throws AppError 404, 409 */
export async function lockForDecision(tx: TxCtx<Context>, actor: Actor, id: string): Promise<LockedContent> {
  const content = await lockContent(tx.db, id)
  if (!content) throw contentNotFound()
  if (content.user_id === actor.id) throw ownContent()
  return content
}

/** Tells the reporters. */
export const tellReporters = (
  tx: { readonly db: Tx; readonly requestId?: string | undefined },
  reports: readonly ResolvedReport[],
  resolution: Resolution,
) =>
  publishAll(
    tx,
    'report.resolved',
    reports.map(({ id, reporter_id, review_id }) => ({ report_id: id, reporter_id, review_id, resolution })),
  )

/** Carries a decision out: status and score, queue, reports, the record. */
export async function carryOut(
  tx: TxCtx<Context>,
  actor: Actor,
  content: LockedContent,
  { decision, reason, resolution, note }: Decision,
): Promise<DecidedContent> {
  await decideReview(tx, actor, content.id, { decision, reason })
  await dequeue(tx.db, [content.id])
  const resolved = await resolveReportsOf(tx.db, [content.id], { resolution, note, by: actor.id })
  await tellReporters(tx, resolved, resolution)
  const after = await getState(tx.db, content.id)
  const { moderation_status, exclusion } = content
  await insertDecisions(tx.db, [
    {
      ...{
        kind: 'review',
        decision,
        reason,
        moderator_id: actor.id,
        review_id: content.id,
        movie_id: content.movie_id,
      },
      ...{ author_id: content.user_id, before: { moderation_status, exclusion }, after },
    },
  ])
  await settleScore(tx, actor, content.movie_id)
  return { content_id: content.id, ...after, resolved_reports: resolved.length }
}

function checkReason({ decision, reason }: Pick<DecisionBody, 'decision' | 'reason'>): void {
  if (decision === 'reject' && reason === undefined) throw invalidField('body.reason', 'is required to reject')
}

/** Whether a decision would leave a review as it is. */
const isNothing = ({ moderation_status: status, exclusion }: LockedContent, decision: Verdict): boolean =>
  decision === 'approve' ? status === 'approved' && exclusion !== 'held' : status === 'rejected'

/**
 * Approves or rejects a review that is in the queue, or with `reopen` any other. Of two moderators at once, one wins.
 * @throws AppError 404, 409 for one's own review, a stale version or what was decided already, 422
 */
export function decideContent(ctx: Context, actor: Actor, id: string, body: DecisionBody): Promise<DecidedContent> {
  checkReason(body)
  const { decision, reason = null, version, reopen = false } = body
  return inTx(ctx, async (tx) => {
    const content = await lockForDecision(tx, actor, id)
    if (version !== undefined && version !== content.version) throw contentChanged()
    if (!content.is_queued && (!reopen || isNothing(content, decision))) throw alreadyDecided()
    const resolution = decision === 'approve' ? 'dismissed' : 'content_removed'
    return carryOut(tx, actor, content, { decision, reason, resolution, note: null })
  })
}

/** One decision on many reviews of the queue, each in a transaction of its own, with an outcome for each. */
export async function decideMany(ctx: Context, actor: Actor, body: BulkBody): Promise<BulkOutcome> {
  checkReason(body)
  const { content_ids: ids, versions, ...decision } = body
  if (versions && versions.length !== ids.length) throw invalidField('body.versions', 'must be as many as content_ids')
  const outcomes: BulkOutcome['outcomes'] = []
  // One after another: a hundred at once would take the pool from everybody else.
  for (const [index, id] of ids.entries()) {
    try {
      await decideContent(ctx, actor, id, { ...decision, ...(versions ? { version: versions[index]! } : {}) })
      outcomes.push({ content_id: id, done: true, error: null, message: null })
    } catch (error) {
      if (!(error instanceof AppError)) ctx.log.error({ err: error, review_id: id }, 'a decision of many failed')
      const [code, message] = error instanceof AppError ? [error.code, error.message] : ['internal_error', 'It failed.']
      outcomes.push({ content_id: id, done: false, error: code, message })
    }
  }
  return { outcomes }
}

/** What was decided, for moderators. */
export async function browseDecisions(ctx: Needs<'db' | 'config'>, query: DecisionsQuery) {
  const { limit, cursor, include_total: includeTotal, ...filters } = query
  const secret = ctx.config.JWT_SECRET
  const scope = `decisions:${JSON.stringify([filters.content_id, filters.author_id, filters.moderator_id])}`
  const after = cursor === undefined ? undefined : (decodeCursor(secret, scope, cursor) as unknown as [string, string])
  const [rows, total] = await Promise.all([
    listDecisions(ctx.db, filters, { rows: limit + 1, ...(after ? { after } : {}) }),
    includeTotal ? countDecisions(ctx.db, filters) : null,
  ])
  const page = toPage(rows, limit, total, (last) => encodeCursor(secret, scope, [last.created_at, last.id]))
  return { ...page, data: [...page.data] }
}
