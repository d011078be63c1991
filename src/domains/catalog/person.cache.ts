import type { CacheKey } from '../../infra/cache.ts'

/** Forgotten as a family: any title may change any of them. */
export const personKey = (idOrSlug: string, limit: number, cursor: string): CacheKey => ({
  family: 'person',
  id: `${idOrSlug}:${limit}:${cursor}`,
  ttlSeconds: 3600,
})
