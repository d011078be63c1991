import type { CacheKey } from '../../infra/cache.ts'
import { type ReviewSort, reviewSorts } from './review-list.schemas.ts'

const minute = 60

interface TitleName {
  readonly type: 'movie' | 'series'
  readonly name: string
}

/** The first page of a title's reviews as anybody sees it, under the name that the title is asked for by. */
export const titleReviewsKey = ({ type, name }: TitleName, sort: ReviewSort): CacheKey => ({
  family: 'title_reviews',
  id: `${type}:${name}:${sort}`,
  // An author's new name is as late as that.
  ttlSeconds: minute,
})

/** All that is kept of a title's reviews, to be forgotten when one of them, or a vote, changes. */
export const titleReviewsKeys = ({ type, id, slug }: { type: 'movie' | 'series'; id: string; slug: string }) =>
  [id, slug].flatMap((name) => reviewSorts.map((sort) => titleReviewsKey({ type, name }, sort)))

/** The families of all that is kept of reviews alone. */
export const reviewFamilies = ['title_reviews', 'reviews_total', 'trending_reviews'] as const

/** How many approved reviews a filter finds: counting is dear, and a minute late is good enough. */
export const reviewTotalKey = (id: string): CacheKey => ({ family: 'reviews_total', id, ttlSeconds: minute })

export const trendingReviewsKey = (window: string, limit: number, reveal: boolean): CacheKey => ({
  family: 'trending_reviews',
  id: `${window}:${limit}:${reveal}`,
  ttlSeconds: minute,
})
