import type { CacheKey } from '../../infra/cache.ts'

/** The word list as moderators left it; forgotten when they edit it. */
export const wordListKey: CacheKey = { family: 'word_list', id: 'all', ttlSeconds: 600 }
