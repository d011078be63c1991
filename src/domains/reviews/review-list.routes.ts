import type { App } from '../../http/app-type.ts'
import { forReader, sendBody } from '../../http/send-body.ts'
import { sendFound } from '../../http/send-found.ts'
import { addSchemas, movedPermanently, notModified, problems } from '../../lib/schemas.ts'
import { reviewSchemas } from './review.schemas.ts'
import {
  AuthorParams,
  nameParams,
  ReviewList,
  ReviewListQuery,
  ReviewsOfQuery,
  type TitleKind,
  TrendingReviewsQuery,
  titleKinds,
} from './review-list.schemas.ts'
import { browseAuthorReviews, browseReviews, browseTitleReviews, browseTrendingReviews } from './review-list.service.ts'

const tags = ['Reviews']
const config = { access: 'public' } as const
const visibility =
  'Approved ones, and those of your own that are not. With narrow filters a page may be short, or even empty: only a ' +
  '`next_cursor` of null is the end.'

/** How long browsers and shared caches may keep a list that is nobody's in particular. */
const briefly = 'public, max-age=15, stale-while-revalidate=30'

/** The reviews of one title, beside the other things of it. */
function titleRoutes(app: App, kind: TitleKind): void {
  const { type, path, param, one, label } = kind
  app.get(
    `${path}/:${param}/reviews`,
    {
      config,
      schema: {
        operationId: `list${one}Reviews`,
        tags,
        summary: `List the reviews of one ${label}`,
        description: visibility,
        params: nameParams(kind),
        querystring: ReviewsOfQuery,
        response: { 200: ReviewList, ...notModified, ...movedPermanently, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const { ctx, actor, params, query } = request
      const page = await browseTitleReviews(ctx, actor, type, params[param]!, query)
      return sendFound(request, reply, page, forReader(request, reply, briefly))
    },
  )
}

/** Lists of reviews. */
export function reviewListRoutes(app: App): void {
  addSchemas(app, reviewSchemas)
  for (const kind of titleKinds) titleRoutes(app, kind)

  app.get(
    '/reviews',
    {
      config,
      schema: {
        operationId: 'listReviews',
        tags,
        summary: 'List reviews by any filter, in any order',
        description: visibility,
        querystring: ReviewListQuery,
        response: { 200: ReviewList, ...notModified, ...problems(422) },
      },
    },
    async (request, reply) => {
      const page = await browseReviews(request.ctx, request.actor, request.query)
      return sendBody(request, reply, page, forReader(request, reply, briefly))
    },
  )

  app.get(
    '/reviews/trending',
    {
      config,
      schema: {
        operationId: 'listTrendingReviews',
        tags,
        summary: 'List the reviews of the moment',
        description: 'The hottest first, on one page; worked out every quarter of an hour.',
        querystring: TrendingReviewsQuery,
        response: { 200: ReviewList, ...notModified, ...problems(422) },
      },
    },
    async (request, reply) => {
      const page = await browseTrendingReviews(request.ctx, request.actor, request.query)
      return sendBody(request, reply, page, forReader(request, reply, briefly))
    },
  )

  app.get(
    '/users/:user_id/reviews',
    {
      config,
      schema: {
        operationId: 'listUserReviews',
        tags,
        summary: 'List the reviews by one account',
        description: `${visibility} 404 for an account that does not exist, is suspended, or is out of your sight.`,
        params: AuthorParams,
        querystring: ReviewsOfQuery,
        response: { 200: ReviewList, ...notModified, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const page = await browseAuthorReviews(request.ctx, request.actor, request.params.user_id, request.query)
      return sendBody(request, reply, page, forReader(request, reply, briefly))
    },
  )
}
