import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { tidyBody } from '../../http/tidy-body.ts'
import { addSchemas, problems, refTo } from '../../lib/schemas.ts'
import {
  HeldTitleList,
  HeldTitleParams,
  HeldTitlesQuery,
  heldTitleSchemas,
  ReleaseBody,
  ReleaseOutcome,
} from './held-title.schemas.ts'
import { browseHeldTitles, releaseTitle } from './held-title.service.ts'

const config = { access: 'moderator' } as const
const tags = ['Moderation']

/** Titles whose scores are held because of a burst. */
export function heldTitleRoutes(app: App): void {
  addSchemas(app, heldTitleSchemas)
  app.get(
    '/admin/moderation/held-titles',
    {
      config,
      schema: {
        operationId: 'listHeldTitles',
        tags,
        summary: 'List titles whose score is held',
        description: 'With the figures that say why. Their reviews are in the queue (`why=held`).',
        querystring: HeldTitlesQuery,
        response: { 200: HeldTitleList, ...problems(403, 422) },
      },
    },
    async (request) => browseHeldTitles(request.ctx, actorOf(request), request.query),
  )

  app.put(
    '/admin/moderation/held-titles/:movie_id',
    {
      config,
      preValidation: tidyBody,
      schema: {
        operationId: 'releaseHeldTitle',
        tags,
        summary: 'End the hold of a score',
        description:
          'All, all but some, some or none of the held reviews count; those that do not are rejected, and their authors told. ' +
          'Of more than 1,000 the last are seen to a little later; the answer counts all of them. ' +
          'Who has a review among them leaves it to somebody else.',
        params: HeldTitleParams,
        body: ReleaseBody,
        response: { 200: refTo(ReleaseOutcome), ...problems(400, 403, 404, 409, 413, 415, 422) },
      },
    },
    async (request) => releaseTitle(request.ctx, actorOf(request), request.params.movie_id, request.body),
  )
}
