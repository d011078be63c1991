import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { tidyBody } from '../../http/tidy-body.ts'
import { addSchemas, problems, refTo } from '../../lib/schemas.ts'
import {
  BulkBody,
  BulkOutcome,
  ContentParams,
  DecidedContent,
  DecisionBody,
  DecisionList,
  DecisionsQuery,
  decisionSchemas,
} from './decision.schemas.ts'
import { browseDecisions, decideContent, decideMany } from './decision.service.ts'
import { QueueList, QueueQuery, queueSchemas } from './queue.schemas.ts'
import { browseQueue } from './queue.service.ts'

const config = { access: 'moderator' } as const
const tags = ['Moderation']

/** What waits for moderators, and what they decide. */
export function queueRoutes(app: App): void {
  addSchemas(app, [...queueSchemas, ...decisionSchemas])
  app.get(
    '/admin/moderation',
    {
      config,
      schema: {
        operationId: 'listModerationQueue',
        tags,
        summary: 'List what waits for a moderator',
        description: 'With why it was flagged, its reports and the history of its author. Nothing is masked.',
        querystring: QueueQuery,
        response: { 200: QueueList, ...problems(403, 422) },
      },
    },
    async (request) => browseQueue(request.ctx, actorOf(request), request.query),
  )

  app.get(
    '/admin/moderation/decisions',
    {
      config,
      schema: {
        operationId: 'listModerationDecisions',
        tags,
        summary: 'List what moderators decided',
        description: 'For good: nothing of it is ever changed.',
        querystring: DecisionsQuery,
        response: { 200: DecisionList, ...problems(403, 422) },
      },
    },
    async (request) => browseDecisions(request.ctx, request.query),
  )

  app.post(
    '/admin/moderation/bulk',
    {
      config,
      preValidation: tidyBody,
      schema: {
        operationId: 'moderateMany',
        tags,
        summary: 'Decide on many reviews of the queue at once',
        description: 'Each is decided for itself: some may be done and others not.',
        body: BulkBody,
        response: { 200: BulkOutcome, ...problems(400, 403, 413, 415, 422) },
      },
    },
    async (request) => decideMany(request.ctx, actorOf(request), request.body),
  )

  app.post(
    '/admin/moderation/:content_id',
    {
      config,
      preValidation: tidyBody,
      schema: {
        operationId: 'moderateContent',
        tags,
        summary: 'Approve or reject a review',
        description:
          'Its author is told. Approving resolves its open reports as dismissed, rejecting as content_removed; the score of ' +
          'the title follows at once. Of two moderators at once one wins, the other gets a 409.',
        params: ContentParams,
        body: DecisionBody,
        response: { 200: refTo(DecidedContent), ...problems(400, 403, 404, 409, 413, 415, 422) },
      },
    },
    async (request) => decideContent(request.ctx, actorOf(request), request.params.content_id, request.body),
  )
}
