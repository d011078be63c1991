import type { CacheKey } from '../../infra/cache.ts'

/** What shows titles as they were found: any change of a title may change it. */
export const searchFamilies = ['search', 'suggestions'] as const

/** `id` is the whole query in one form. */
export const searchKey = (id: string): CacheKey => ({ family: 'search', id, ttlSeconds: 60 })

export const suggestionsKey = (id: string): CacheKey => ({ family: 'suggestions', id, ttlSeconds: 60 })
