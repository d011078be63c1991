import type { Needs } from '../../context.ts'
import type { CachedBody } from '../../infra/cache.ts'
import { sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { trendingKey } from './movie.cache.ts'
import { MovieList } from './movie-list.schemas.ts'
import { type ContentType, type MovieSummary, summarySchemas } from './movie-summary.schemas.ts'
import { listTrending } from './trending.queries.ts'
import type { TrendingQuery } from './trending.schemas.ts'

type Context = Needs<'readDb' | 'cache'>

const stringifyList = stringifierOf(MovieList, [...sharedSchemas, ...summarySchemas])

const wholeList = (data: MovieSummary[], limit: number): string =>
  stringifyList({ data, page: { limit, next_cursor: null, total: null } })

/** The hottest titles of a window as JSON. */
export const browseTrending = (
  ctx: Context,
  type: ContentType,
  { window, limit }: TrendingQuery,
): Promise<CachedBody> =>
  ctx.cache.rememberBody(trendingKey(type, window, limit), async () =>
    wholeList(await listTrending(ctx.readDb, type, window, limit), limit),
  )
