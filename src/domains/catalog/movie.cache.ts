import type { CacheKey } from '../../infra/cache.ts'
import type { ContentType } from './movie-summary.schemas.ts'

const minute = 60
const hour = 60 * minute

/** What may be embedded in a title, as the part of its key. */
export const embeds = ['', 'reviews', 'similar', 'reviews,similar'] as const
export type Embeds = (typeof embeds)[number]

/** A title is kept under each name that it is asked for by: its id and its slug. */
export const movieKey = (type: ContentType, idOrSlug: string, embedded: Embeds = ''): CacheKey => ({
  family: 'movie',
  id: `${type}:${idOrSlug}:${embedded}`,
  ttlSeconds: hour,
})

export const movieStatsKey = (type: ContentType, idOrSlug: string): CacheKey => ({
  family: 'movie_stats',
  id: `${type}:${idOrSlug}`,
  ttlSeconds: 5 * minute,
})

/** Everything that is kept of a title alone, to be forgotten when it or its stats change. */
export const movieKeys = (type: ContentType, names: readonly string[]): CacheKey[] =>
  names.flatMap((name) => [movieStatsKey(type, name), ...embeds.map((embedded) => movieKey(type, name, embedded))])

/** What shows titles among others: a change of a title's fields may change any of it. */
export const movieListFamilies = [
  'movies',
  'movies_total',
  'similar',
  'featured',
  'trending',
  'person',
  'titles',
  'search',
  'suggestions',
] as const

/** `id` is the whole query in one form. Short, for lists change with every title and review. */
export const movieListKey = (id: string): CacheKey => ({ family: 'movies', id, ttlSeconds: minute })
export const movieTotalKey = (id: string): CacheKey => ({ family: 'movies_total', id, ttlSeconds: minute })

export const similarKey = (type: ContentType, idOrSlug: string, limit: number): CacheKey => ({
  family: 'similar',
  id: `${type}:${idOrSlug}:${limit}`,
  ttlSeconds: hour,
})

export const featuredKey = (type: ContentType, limit: number): CacheKey => ({
  family: 'featured',
  id: `${type}:${limit}`,
  ttlSeconds: 30 * minute,
})

export const trendingKey = (type: ContentType, window: string, limit: number): CacheKey => ({
  family: 'trending',
  id: `${type}:${window}:${limit}`,
  ttlSeconds: 15 * minute,
})
