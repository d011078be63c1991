import { AccountId, Cursor, closed, IncludeTotal, Limit, oneOf, pageOf, refTo, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { trendingWindows } from '../catalog/trending.schemas.ts'
import { exampleReview, Review, reviewLanguages } from './review.schemas.ts'

export { nameParams, type TitleKind, titleKinds } from '../catalog/movie-kind.schemas.ts'

export const reviewSorts = ['newest', 'oldest', 'highest', 'lowest', 'most_helpful'] as const
export const spoilerFilters = ['include', 'exclude'] as const
export type ReviewSort = (typeof reviewSorts)[number]

const Reveal = Type.Boolean({ default: false, description: 'Whether to show spoilers.' })
const Bound = Type.Integer({ minimum: 1, maximum: 10, examples: [8] })

const filterFields = {
  rating_min: Type.Optional({ ...Bound, description: 'Least overall rating.' } as typeof Bound),
  rating_max: Type.Optional({ ...Bound, description: 'Greatest overall rating.' } as typeof Bound),
  language: Type.Optional(oneOf(reviewLanguages)),
  spoiler: Type.Optional(
    oneOf(spoilerFilters, {
      default: 'include',
      description: '`exclude` leaves out reviews that are a spoiler as a whole.',
    }),
  ),
  tag: Type.Optional(
    Type.String({ minLength: 1, maxLength: 40, description: 'Written as you like.', examples: ['must_watch'] }),
  ),
  critic_only: Type.Optional(Type.Boolean({ default: false, description: 'Only reviews by critics.' })),
}

const pageFields = {
  sort: Type.Optional(
    oneOf(reviewSorts, {
      default: 'newest',
      description: 'Ties are in the order of writing: newest first, with `oldest` and `lowest` oldest first.',
    }),
  ),
  reveal: Reveal,
  limit: Limit,
  cursor: Type.Optional(Cursor),
  include_total: IncludeTotal,
}

/** The reviews of one title or by one account. */
export const ReviewsOfQuery = closed({ ...filterFields, ...pageFields })
export type ReviewsOfQuery = Static<typeof ReviewsOfQuery>

export const ReviewListQuery = closed({
  movie_id: Type.Optional(Uuid),
  user_id: Type.Optional(AccountId),
  ...filterFields,
  ...pageFields,
})
export type ReviewListQuery = Static<typeof ReviewListQuery>

export const ReviewQuery = closed({ reveal: Reveal })

export const TrendingReviewsQuery = closed({
  window: oneOf(trendingWindows, { default: 'week', description: 'How fast interest cools.' }),
  reveal: Reveal,
  limit: Limit,
})
export type TrendingReviewsQuery = Static<typeof TrendingReviewsQuery>

export const ReviewList = pageOf(refTo(Review), {
  examples: [{ data: [exampleReview], page: { limit: 20, next_cursor: null, total: null } }],
})

export const AuthorParams = Type.Object({ user_id: AccountId })

/** What a cursor of a title's reviews belongs to: the same wherever the first page of them stands. */
export const titleReviewsScope = (sort: ReviewSort, filters: object): string =>
  `title_reviews:${sort}:${JSON.stringify(filters)}`
