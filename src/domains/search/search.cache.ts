import type { CacheKey } from '../../infra/cache.ts'

const minute = 60

/** `id` is the whole query in one form. */
export const searchKey = (id: string): CacheKey => ({ family: 'search', id, ttlSeconds: 30 * minute })

export const suggestionsKey = (id: string): CacheKey => ({ family: 'suggestions', id, ttlSeconds: 60 * minute })
