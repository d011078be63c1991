import type { Needs } from '../../context.ts'
import type { CachedBody } from '../../infra/cache.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { trendingKey } from './movie.cache.ts'
import { writeMovieList } from './movie-list.service.ts'
import type { ContentType } from './movie-summary.schemas.ts'
import { bodyForViewer } from './title-viewer.service.ts'
import { countTrending, listTrending } from './trending.queries.ts'
import type { TrendingQuery } from './trending.schemas.ts'

type Context = Needs<'db' | 'hot' | 'cache' | 'config'>

/** A page of the hottest titles of a window as JSON. */
export async function browseTrending(
  ctx: Context,
  type: ContentType,
  { window, limit, cursor, include_total: includeTotal }: TrendingQuery,
  viewer: string | null = null,
): Promise<CachedBody> {
  const scope = `trending:${type}:${window}`
  const secret = ctx.config.JWT_SECRET
  // A bad cursor is refused whether or not the page is in the cache.
  const after = cursor === undefined ? {} : { after: decodeCursor(secret, scope, cursor) as [number, string] }
  const key = trendingKey(type, window, `${limit}:${includeTotal}:${cursor ?? ''}`)
  const kept = ctx.cache.rememberBody(key, async () => {
    const [rows, total] = await Promise.all([
      listTrending(ctx.db, { type, window, rows: limit + 1, ...after }),
      includeTotal ? countTrending(ctx.db, type, window) : null,
    ])
    const page = toPage(rows, limit, total, ({ score, id }) => encodeCursor(secret, scope, [score, id]))
    return writeMovieList({ ...page, data: [...page.data] })
  })
  return bodyForViewer(ctx, viewer, kept, writeMovieList)
}
