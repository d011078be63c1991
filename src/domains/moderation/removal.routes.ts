import type { FastifyRequest } from 'fastify'
import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { IfMatchHeaders, wantedVersions } from '../../http/version-tag.ts'
import { deleted, problems } from '../../lib/schemas.ts'
import { RemovedReviewParams } from './removal.schemas.ts'
import { deleteContent } from './removal.service.ts'

/** Deleting a review, which resolves its reports when a moderator does it. */
export function removalRoutes(app: App): void {
  app.delete(
    '/reviews/:review_id',
    {
      config: { access: 'user' },
      schema: {
        operationId: 'deleteReview',
        tags: ['Reviews'],
        summary: 'Delete a review',
        description:
          'Your own; moderators may delete any, which resolves its open reports as content_removed and is written down.',
        headers: IfMatchHeaders,
        params: RemovedReviewParams,
        response: { ...deleted, ...problems(400, 403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      const wanted = wantedVersions(request as FastifyRequest)
      await deleteContent(request.ctx, actorOf(request), request.params.review_id, wanted)
      return reply.code(204).send(null)
    },
  )
}
