import type { CacheKey } from '../../infra/cache.ts'
import type { ContentType } from './movie-summary.schemas.ts'

const minute = 60
const hour = 60 * minute

/** What may be embedded in a title, as the part of its key. */
export const embeds = ['', 'reviews', 'similar', 'reviews,similar'] as const
export type Embeds = (typeof embeds)[number]

/**
 * A title is kept under each name that it is asked for by: its id and its slug. One that shows similar titles changes
 * when any of them does, like those lists, and goes with their family.
 */
export const movieKey = (type: ContentType, idOrSlug: string, embedded: Embeds = ''): CacheKey => ({
  family: embedded.includes('similar') ? 'similar' : 'movie',
  id: `${type}:${idOrSlug}:${embedded}`,
  // Reviews show the names of their authors, which may be as late as that.
  ttlSeconds: embedded.includes('reviews') ? minute : hour,
})

export const movieStatsKey = (type: ContentType, idOrSlug: string): CacheKey => ({
  family: 'movie_stats',
  id: `${type}:${idOrSlug}`,
  ttlSeconds: 5 * minute,
})

/** Everything that is kept of a title alone, to be forgotten when it or its stats change. */
export const movieKeys = (type: ContentType, names: readonly string[]): CacheKey[] =>
  names.flatMap((name) => [movieStatsKey(type, name), ...embeds.map((embedded) => movieKey(type, name, embedded))])

/** The families of what is kept of a title alone. */
export const movieFamilies = ['movie', 'movie_stats'] as const

/** What shows titles among others: a change of a title's fields may change any of it. */
export const movieListFamilies = [
  'movies',
  'movies_total',
  'similar',
  'featured',
  'featured_ends',
  'trending',
  'person',
  'titles',
  'search',
  'suggestions',
] as const

/**
 * What reviews keep that shows titles, or is asked for by a title's slug: a title's own change may change any of it. Apart
 * from the lists above, which go with every review.
 */
export const reviewedFamilies = ['title_reviews', 'reviews_total', 'trending_reviews'] as const

/** `id` is the whole query in one form. Short, for lists change with every title and review. */
export const movieListKey = (id: string): CacheKey => ({ family: 'movies', id, ttlSeconds: minute })
export const movieTotalKey = (id: string): CacheKey => ({ family: 'movies_total', id, ttlSeconds: minute })

export const similarKey = (type: ContentType, idOrSlug: string, limit: number): CacheKey => ({
  family: 'similar',
  id: `${type}:${idOrSlug}:${limit}`,
  ttlSeconds: hour,
})

/** `end`: when the next title goes off the list; the page is another one from then on. */
export const featuredKey = (type: ContentType, page: string, end = ''): CacheKey => ({
  family: 'featured',
  id: `${type}:${end}:${page}`,
  ttlSeconds: 30 * minute,
})

/** When the front page changes next by itself. */
export const featuredEndsKey = (type: ContentType): CacheKey => ({
  family: 'featured_ends',
  id: type,
  ttlSeconds: 30 * minute,
})

export const featuredFamilies = ['featured', 'featured_ends'] as const

export const trendingKey = (type: ContentType, window: string, page: string): CacheKey => ({
  family: 'trending',
  id: `${type}:${window}:${page}`,
  ttlSeconds: 15 * minute,
})
