import type { CacheKey } from '../../infra/cache.ts'

export const genresKey: CacheKey = { family: 'genres', id: 'all', ttlSeconds: 300 }
export const languagesKey: CacheKey = { family: 'languages', id: 'all', ttlSeconds: 300 }

/** A page of one of the two as it is sent. */
export const genrePageKey = (list: 'genres' | 'languages', page: string): CacheKey => ({
  family: 'genre_pages',
  id: `${list}:${page}`,
  ttlSeconds: 300,
})

/** Forgotten when a title changes, for the counts. */
export const genreFamilies = ['genres', 'languages', 'genre_pages'] as const
