import type { FastifyReply, FastifyRequest } from 'fastify'
import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { IdempotencyHeaders, markReplayed, onceKeyOf } from '../../http/idempotency.ts'
import { forReader, sendBody } from '../../http/send-body.ts'
import { tidyBody } from '../../http/tidy-body.ts'
import { IfMatchHeaders, versionedBody, versionTag, wantedVersions } from '../../http/version-tag.ts'
import { addSchemas, notModified, problems, refTo } from '../../lib/schemas.ts'
import { NewReview, Review, ReviewParams, ReviewPatch, reviewSchemas } from './review.schemas.ts'
import { editReview, publishReview } from './review.service.ts'
import { ReviewQuery } from './review-list.schemas.ts'
import { browseRevisions, openReview } from './review-read.service.ts'
import { ReviewRevision, RevisionList, RevisionQuery } from './revision.schemas.ts'

const tags = ['Reviews']

/** Sends a review to the one who wrote it, with the tag that an edit of theirs names. */
const sendOwn = (reply: FastifyReply, review: Review) => reply.header('etag', versionTag(review.version)).send(review)

/** What is done with one review. */
export function reviewRoutes(app: App): void {
  addSchemas(app, [...reviewSchemas, ReviewRevision])
  app.post(
    '/reviews',
    {
      config: { access: 'verified' },
      preValidation: tidyBody,
      schema: {
        operationId: 'createReview',
        tags,
        summary: 'Publish a review',
        description:
          'One per account and title. Automatic moderation may leave it `pending`: then only you see it until a moderator ' +
          'has looked. One cast before the first release is kept and shown, but does not count. Who reviews a title has ' +
          'watched it. Double-clicks are safe with an `Idempotency-Key`.',
        headers: IdempotencyHeaders,
        body: NewReview,
        response: { 201: refTo(Review), ...problems(400, 403, 404, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const once = await publishReview(request.ctx, actorOf(request), request.body, onceKeyOf(request))
      const { answer, replayed } = once
      markReplayed(reply, replayed).code(201).header('location', `/api/v1/reviews/${answer.id}`)
      return sendOwn(reply, answer)
    },
  )

  app.get(
    '/reviews/:review_id',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getReview',
        tags,
        summary: 'Get one review',
        description: 'One that is not approved is there for its author and for moderators only.',
        params: ReviewParams,
        querystring: ReviewQuery,
        response: { 200: refTo(Review), ...notModified, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const { json, version } = await openReview(
        request.ctx,
        request.actor,
        request.params.review_id,
        request.query.reveal,
      )
      return sendBody(request, reply, versionedBody(json, version), forReader(request, reply, 'public, max-age=15'))
    },
  )

  app.put(
    '/reviews/:review_id',
    {
      config: { access: 'verified' },
      preValidation: tidyBody,
      schema: {
        operationId: 'updateReview',
        tags,
        summary: 'Change your review',
        description:
          'What is left out stays, null clears, a list replaces the whole list. The new text is moderated anew, and the ' +
          'former one kept for moderators. After a substantial edit the votes so far no longer count for the text. With ' +
          '`If-Match` nothing is changed that you have not read.',
        headers: IfMatchHeaders,
        params: ReviewParams,
        body: ReviewPatch,
        response: { 200: refTo(Review), ...problems(400, 403, 404, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const { review_id } = request.params
      const wanted = wantedVersions(request as FastifyRequest)
      return sendOwn(reply, await editReview(request.ctx, actorOf(request), review_id, request.body, wanted))
    },
  )

  app.get(
    '/reviews/:review_id/revisions',
    {
      config: { access: 'moderator' },
      schema: {
        operationId: 'listReviewRevisions',
        tags,
        summary: 'List what a review said before its edits',
        description: 'The latest first; the present text is not among them.',
        params: ReviewParams,
        querystring: RevisionQuery,
        response: { 200: RevisionList, ...problems(403, 404, 422) },
      },
    },
    async (request) => browseRevisions(request.ctx, request.params.review_id, request.query),
  )
}
