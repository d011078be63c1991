import type { Needs } from '../../context.ts'
import type { CachedBody } from '../../infra/cache.ts'
import { isUuid, sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { type Embeds, movieKey, movieStatsKey } from './movie.cache.ts'
import { titleNotFound } from './movie.errors.ts'
import { findMovie, findMovieStats, findSlugAfter } from './movie.queries.ts'
import { Movie, MovieStats, movieSchemas } from './movie.schemas.ts'
import { isNotFound } from './movie-list.policy.ts'
import { type ContentType, summarySchemas } from './movie-summary.schemas.ts'
import { listSimilar } from './similar.queries.ts'

type Context = Needs<'readDb' | 'cache'>

/** A title under the slug that it has, or where it went. */
type Found = CachedBody | { readonly movedTo: string }

const schemas = [...sharedSchemas, ...summarySchemas, ...movieSchemas]
const stringifyMovie = stringifierOf(Movie, schemas)
const stringifyStats = stringifierOf(MovieStats, schemas)

const embeddedLimit = 20

/** Looks, for what was not found, whether it is a slug that a title had before. */
export async function orMoved(
  ctx: Needs<'readDb'>,
  type: ContentType,
  idOrSlug: string,
  found: Promise<CachedBody>,
): Promise<Found> {
  try {
    return await found
  } catch (error) {
    const movedTo = isNotFound(error) && !isUuid(idOrSlug) ? await findSlugAfter(ctx.readDb, type, idOrSlug) : undefined
    if (movedTo === undefined) throw error
    return { movedTo }
  }
}

/** One form for what may be written in two orders. */
function embedsOf(include = ''): Embeds {
  const named = include.split(',')
  return (['reviews', 'similar'] as const).filter((embed) => named.includes(embed)).join(',') as Embeds
}

const onePage = <T>(data: T[]) => ({ data, page: { limit: embeddedLimit, next_cursor: null, total: null } })

async function writeMovie(ctx: Context, type: ContentType, idOrSlug: string, embedded: Embeds): Promise<string> {
  const movie = await findMovie(ctx.readDb, type, idOrSlug)
  if (!movie) throw titleNotFound()
  if (embedded.includes('similar')) movie.similar = onePage(await listSimilar(ctx.readDb, movie.id, embeddedLimit))
  if (embedded.includes('reviews')) movie.reviews = onePage([])
  return stringifyMovie(movie)
}

/** The full form of a title as JSON, with first pages of what `include` names. */
export const openMovie = (ctx: Context, type: ContentType, idOrSlug: string, include?: string): Promise<Found> => {
  const embedded = embedsOf(include)
  const key = movieKey(type, idOrSlug, embedded)
  return orMoved(
    ctx,
    type,
    idOrSlug,
    ctx.cache.rememberBody(key, () => writeMovie(ctx, type, idOrSlug, embedded)),
  )
}

export const openMovieStats = (ctx: Context, type: ContentType, idOrSlug: string): Promise<Found> =>
  orMoved(
    ctx,
    type,
    idOrSlug,
    ctx.cache.rememberBody(movieStatsKey(type, idOrSlug), async () => {
      const stats = await findMovieStats(ctx.readDb, type, idOrSlug)
      if (!stats) throw titleNotFound()
      return stringifyStats(stats)
    }),
  )
