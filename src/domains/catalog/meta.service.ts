import type { Needs } from '../../context.ts'
import type { CachedBody } from '../../infra/cache.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { closedLists } from './genre.service.ts'
import { constants, Meta } from './meta.schemas.ts'
import { summarySchemas } from './movie-summary.schemas.ts'

const stringifyMeta = stringifierOf(Meta, summarySchemas)
const key = { family: 'genre_pages', id: 'meta', ttlSeconds: 300 }

/** Every closed list as JSON. */
export const openMeta = (ctx: Needs<'readDb' | 'cache'>): Promise<CachedBody> =>
  ctx.cache.rememberBody(key, async () => stringifyMeta({ ...constants, ...(await closedLists(ctx)) }))
