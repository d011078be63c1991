import type { CacheKey } from '../../infra/cache.ts'

/** Forgotten as a family: any title may change any of them. */
export const personKey = (idOrSlug: string, page: string): CacheKey => ({
  family: 'person',
  id: `${idOrSlug}:${page}`,
  ttlSeconds: 3600,
})
