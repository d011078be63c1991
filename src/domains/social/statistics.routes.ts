import type { App } from '../../http/app-type.ts'
import { forReader, sendBody } from '../../http/send-body.ts'
import { addSchemas, notModified, problems, refTo } from '../../lib/schemas.ts'
import { UserParams } from './follow.schemas.ts'
import { statisticsSchemas, UserStatistics } from './statistics.schemas.ts'
import { openStatisticsBody } from './statistics.service.ts'

/** An account in numbers. */
export function statisticsRoutes(app: App): void {
  addSchemas(app, statisticsSchemas)
  app.get(
    '/users/:user_id/statistics',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getUserStatistics',
        tags: ['Social'],
        summary: 'An account in numbers',
        description:
          'Exact at any moment. 404 for an account that does not exist, is suspended, or is out of your sight.',
        params: UserParams,
        response: { 200: refTo(UserStatistics), ...notModified, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const statistics = await openStatisticsBody(request.ctx, request.actor, request.params.user_id)
      return sendBody(request, reply, statistics, forReader(request, reply, 'public, no-cache'))
    },
  )
}
