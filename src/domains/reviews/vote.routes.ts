import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { addSchemas, deleted, problems, refTo } from '../../lib/schemas.ts'
import { ReviewParams } from './review.schemas.ts'
import { ReviewVotes, VoteBody } from './vote.schemas.ts'
import { unvoteReview, voteOnReview } from './vote.service.ts'

const tags = ['Reviews']
const config = { access: 'user' } as const

/** What readers think of a review. */
export function voteRoutes(app: App): void {
  addSchemas(app, [ReviewVotes])
  app.post(
    '/reviews/:review_id/vote',
    {
      config,
      schema: {
        operationId: 'voteOnReview',
        tags,
        summary: 'Vote on a review, or switch your vote',
        description: 'The same vote again changes nothing; after a substantial edit it is a vote on the new text.',
        params: ReviewParams,
        body: VoteBody,
        response: { 200: refTo(ReviewVotes), ...problems(400, 403, 404, 409, 413, 415, 422) },
      },
    },
    async (request) => voteOnReview(request.ctx, actorOf(request), request.params.review_id, request.body.vote_type),
  )

  app.delete(
    '/reviews/:review_id/vote',
    {
      config,
      schema: {
        operationId: 'removeReviewVote',
        tags,
        summary: 'Take your vote back',
        description: 'Without one nothing changes. One on a review that a block hides stays until the block ends: 404.',
        params: ReviewParams,
        response: { ...deleted, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      await unvoteReview(request.ctx, actorOf(request), request.params.review_id)
      return reply.code(204).send(null)
    },
  )
}
