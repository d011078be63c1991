import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { tidyBody } from '../../http/tidy-body.ts'
import { addSchemas, problems, refTo } from '../../lib/schemas.ts'
import { Type } from '../../lib/typebox.ts'
import {
  AdminReport,
  AdminReportList,
  AdminReportsQuery,
  MyReportsQuery,
  NewReport,
  Report,
  ReportList,
  ReportParams,
  ResolutionBody,
  reportSchemas,
} from './report.schemas.ts'
import { browseOwnReports, browseReports, reportReview } from './report.service.ts'
import { resolveReport } from './report-resolution.service.ts'

/** Reports: made by anybody with an account, resolved by moderators. */
export function reportRoutes(app: App): void {
  addSchemas(app, reportSchemas)
  app.post(
    '/reviews/:review_id/report',
    {
      config: { access: 'user' },
      preValidation: tidyBody,
      schema: {
        operationId: 'reportReview',
        tags: ['Reviews'],
        summary: 'Report a review',
        description: 'Once each, thirty a day. What became of it is in `/users/reports`.',
        params: Type.Object({ review_id: ReportParams.properties.report_id }),
        body: NewReport,
        response: { 201: refTo(Report), ...problems(400, 403, 404, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const report = await reportReview(request.ctx, actorOf(request), request.params.review_id, request.body)
      return reply.code(201).header('location', '/api/v1/users/reports').send(report)
    },
  )

  app.get(
    '/users/reports',
    {
      config: { access: 'user' },
      schema: {
        operationId: 'listMyReports',
        tags: ['Reviews'],
        summary: 'What you have reported, and what became of it',
        querystring: MyReportsQuery,
        response: { 200: ReportList, ...problems(403, 422) },
      },
    },
    async (request) => browseOwnReports(request.ctx, actorOf(request), request.query),
  )

  app.get(
    '/admin/reports',
    {
      config: { access: 'moderator' },
      schema: {
        operationId: 'listReports',
        tags: ['Moderation'],
        summary: 'List reports',
        querystring: AdminReportsQuery,
        response: { 200: AdminReportList, ...problems(403, 422) },
      },
    },
    async (request) => browseReports(request.ctx, actorOf(request), request.query),
  )

  app.put(
    '/admin/reports/:report_id/resolve',
    {
      config: { access: 'moderator' },
      preValidation: tidyBody,
      schema: {
        operationId: 'resolveReport',
        tags: ['Moderation'],
        summary: 'Say what becomes of a report',
        description:
          'The reporter is told, and the author where it concerns them. Moderators may suspend users and critics. Of two ' +
          'moderators at once one wins, the other gets a 409.',
        params: ReportParams,
        body: ResolutionBody,
        response: { 200: refTo(AdminReport), ...problems(400, 403, 404, 409, 413, 415, 422) },
      },
    },
    async (request) => resolveReport(request.ctx, actorOf(request), request.params.report_id, request.body),
  )
}
