import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { addSchemas, problems } from '../../lib/schemas.ts'
import { Feed, FeedQuery, feedSchemas } from './feed.schemas.ts'
import { browseFeed } from './feed.service.ts'

/** What those whom one follows did. */
export function feedRoutes(app: App): void {
  addSchemas(app, feedSchemas)
  app.get(
    '/users/feed',
    {
      config: { access: 'user' },
      schema: {
        operationId: 'listFeed',
        tags: ['Social'],
        summary: 'What those whom you follow did',
        description:
          'Newest first. Private lists, and what was deleted or rejected, are left out at once; spoilers are masked. Small ' +
          'acts of one kind within an hour are one activity, which stays where it began. A feed has no total: nothing keeps ' +
          'it, and counting takes as long as reading to the end.',
        querystring: FeedQuery,
        response: { 200: Feed, ...problems(403, 422) },
      },
    },
    async (request, reply) => {
      const page = await browseFeed(request.ctx, actorOf(request), request.query)
      return reply.header('cache-control', 'private, no-cache').send(page)
    },
  )
}
