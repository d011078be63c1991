import type { Needs } from '../../context.ts'
import type { CachedBody } from '../../infra/cache.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { genreIds } from './genre.service.ts'
import { movieListKey, movieTotalKey } from './movie.cache.ts'
import type { MovieFilters } from './movie-filter.queries.ts'
import { type AskedFilters, defaultOrder, filtersOf } from './movie-list.policy.ts'
import { countMovies, listMovies } from './movie-list.queries.ts'
import { MovieList, type MovieListQuery } from './movie-list.schemas.ts'
import { type ContentType, summarySchemas } from './movie-summary.schemas.ts'
import { bodyForViewer } from './title-viewer.service.ts'

type Context = Needs<'readDb' | 'hot' | 'cache' | 'config'>

/** Any list of titles as JSON. */
export const writeMovieList = stringifierOf(MovieList, [...sharedSchemas, ...summarySchemas])

async function resolveFilters(
  ctx: Needs<'readDb' | 'cache'>,
  type: ContentType,
  { genres, ...filters }: AskedFilters,
): Promise<MovieFilters> {
  return genres ? { ...filters, type, genre_ids: await genreIds(ctx, genres) } : { ...filters, type }
}

/**
 * A page of titles as JSON: by any filter, in any order, from anywhere.
 * @param viewer the account that asks, if one does
 */
export async function browseMovies(
  ctx: Context,
  type: ContentType,
  query: MovieListQuery,
  viewer: string | null = null,
): Promise<CachedBody> {
  const asked = filtersOf(query)
  const { sort = 'release_date', limit, cursor, include_total: includeTotal } = query
  const order = query.order ?? defaultOrder(sort)
  const what = JSON.stringify([type, asked])
  const scope = `${what}:${sort}:${order}`
  const secret = ctx.config.JWT_SECRET
  // A bad cursor is refused whether or not the page is in the cache.
  const after = cursor === undefined ? undefined : (decodeCursor(secret, scope, cursor) as [string | number, string])

  const kept = ctx.cache.rememberBody(movieListKey(`${scope}:${limit}:${includeTotal}:${cursor ?? ''}`), async () => {
    const filters = await resolveFilters(ctx, type, asked)
    const [rows, total] = await Promise.all([
      listMovies(ctx.readDb, { filters, sort, order, rows: limit + 1, ...(after ? { after } : {}) }),
      includeTotal ? ctx.cache.remember(movieTotalKey(what), () => countMovies(ctx.readDb, filters)) : null,
    ])
    const page = toPage(rows, limit, total, (last) => encodeCursor(secret, scope, [last.sort_key, last.id]))
    return writeMovieList({ ...page, data: [...page.data] })
  })
  return bodyForViewer(ctx, viewer, kept, writeMovieList)
}
