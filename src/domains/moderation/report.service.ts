import type { Needs } from '../../context.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { addTitleViewers, addTitleViewersIn } from '../catalog/title-viewer.service.ts'
import { flagReported } from './queue.queries.ts'
import { ownReview, reviewNotFound, tooManyReports } from './report.errors.ts'
import { reportFigures } from './report.policy.ts'
import {
  countGoodReports,
  getOwnReport,
  insertReport,
  listOwnReports,
  listReports,
  lockReportable,
  lockReporter,
} from './report.queries.ts'
import type { AdminReportsQuery, MyReportsQuery, NewReport, Report } from './report.schemas.ts'

type Context = Needs<'db'> & { readonly requestId?: string }

/**
 * Reports a review that everybody sees. Enough reports by accounts in good standing put it into the moderation queue,
 * where it stays shown.
 */
export function reportReview(ctx: Context, actor: Actor, reviewId: string, input: NewReport): Promise<Report> {
  return inTx(ctx, async (tx) => {
    await lockReporter(tx.db, actor.id)
    const review = await lockReportable(tx.db, reviewId, actor.id)
    if (!review || (review.moderation_status !== 'approved' && review.user_id !== actor.id)) throw reviewNotFound()
    if (review.user_id === actor.id) throw ownReview()
    if (review.reports_today >= reportFigures.perDay) throw tooManyReports({ headers: { 'retry-after': '86400' } })
    const { id } = await insertReport(tx.db, reviewId, actor.id, input)
    const good = await countGoodReports(tx.db, reviewId)
    if (good >= reportFigures.flagging && (await flagReported(tx.db, reviewId))) {
      await publish(tx, 'review.flagged', { review_id: reviewId, movie_id: review.movie_id, reports: good })
    }
    return addTitleViewersIn(tx.db, actor.id, await getOwnReport(tx.db, id))
  })
}

type Position = [string, string]

/** What somebody reported, and what became of it. */
export async function browseOwnReports(
  ctx: Needs<'db' | 'hot' | 'config'>,
  actor: Actor,
  { limit, cursor }: MyReportsQuery,
) {
  const secret = ctx.config.JWT_SECRET
  const scope = `reports:${actor.id}`
  const after = cursor === undefined ? undefined : (decodeCursor(secret, scope, cursor) as unknown as Position)
  const rows = await listOwnReports(ctx.db, actor.id, { rows: limit + 1, ...(after ? { after } : {}) })
  const page = toPage(rows, limit, null, (last) => encodeCursor(secret, scope, [last.created_at, last.id]))
  return addTitleViewers(ctx, actor.id, { ...page, data: [...page.data] })
}

/** All reports, for moderators. */
export async function browseReports(ctx: Needs<'db' | 'hot' | 'config'>, actor: Actor, query: AdminReportsQuery) {
  const { status = 'open', reason, review_id: reviewId, limit, cursor } = query
  const secret = ctx.config.JWT_SECRET
  const filters = { status, ...(reason ? { reason } : {}), ...(reviewId ? { reviewId } : {}) }
  const scope = `admin-reports:${JSON.stringify(filters)}`
  const after = cursor === undefined ? undefined : (decodeCursor(secret, scope, cursor) as unknown as Position)
  const rows = await listReports(ctx.db, filters, { rows: limit + 1, ...(after ? { after } : {}) })
  const page = toPage(rows, limit, null, (last) => encodeCursor(secret, scope, [last.created_at, last.id]))
  return addTitleViewers(ctx, actor.id, { ...page, data: [...page.data] })
}
