import type { Needs } from '../../context.ts'
import type { CachedBody } from '../../infra/cache.ts'
import { wholePage } from '../../lib/page.ts'
import { trendingKey } from './movie.cache.ts'
import { writeMovieList } from './movie-list.service.ts'
import type { ContentType } from './movie-summary.schemas.ts'
import { bodyForViewer } from './title-viewer.service.ts'
import { listTrending } from './trending.queries.ts'
import type { TrendingQuery } from './trending.schemas.ts'

type Context = Needs<'db' | 'hot' | 'cache'>

/** The hottest titles of a window as JSON. */
export const browseTrending = (
  ctx: Context,
  type: ContentType,
  { window, limit }: TrendingQuery,
  viewer: string | null = null,
): Promise<CachedBody> =>
  bodyForViewer(
    ctx,
    viewer,
    ctx.cache.rememberBody(trendingKey(type, window, limit), async () =>
      writeMovieList(wholePage(await listTrending(ctx.db, type, window, limit), limit)),
    ),
    writeMovieList,
  )
