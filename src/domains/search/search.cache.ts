import type { CacheKey } from '../../infra/cache.ts'

/** `id` is the whole query in one form. */
export const searchKey = (id: string): CacheKey => ({ family: 'search', id, ttlSeconds: 60 })

export const suggestionsKey = (id: string): CacheKey => ({ family: 'suggestions', id, ttlSeconds: 60 })
