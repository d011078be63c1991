import type { Needs } from '../../context.ts'
import { compileHot } from '../../infra/hot-query.ts'
import { wholePage } from '../../lib/page.ts'
import { isUuid, oneNameOf, sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { type Found, orMoved } from './moved.service.ts'
import { type Embeds, movieKey, movieStatsKey } from './movie.cache.ts'
import { titleNotFound } from './movie.errors.ts'
import { findSlugAfter, movieById, movieBySlug, statsById, statsBySlug, type TitleName } from './movie.queries.ts'
import { Movie, MovieStats, movieSchemas } from './movie.schemas.ts'
import { type ContentType, summarySchemas } from './movie-summary.schemas.ts'
import { listSimilar } from './similar.queries.ts'

type Context = Needs<'db' | 'hot' | 'cache'>

const schemas = [...sharedSchemas, ...summarySchemas, ...movieSchemas]
const stringifyMovie = stringifierOf(Movie, schemas)
const stringifyStats = stringifierOf(MovieStats, schemas)

// Planning them takes Postgres longer than running them, so they are prepared.
const movies = {
  byId: compileHot('movieById', (db, title: TitleName) => movieById(db, title)),
  bySlug: compileHot('movieBySlug', (db, title: TitleName) => movieBySlug(db, title)),
}
const stats = {
  byId: compileHot('movieStatsById', (db, title: TitleName) => statsById(db, title)),
  bySlug: compileHot('movieStatsBySlug', (db, title: TitleName) => statsBySlug(db, title)),
}

const embeddedLimit = 20

/** One form for what may be written in two orders. */
function embedsOf(include = ''): Embeds {
  const named = include.split(',')
  return (['reviews', 'similar'] as const).filter((embed) => named.includes(embed)).join(',') as Embeds
}

async function writeMovie(ctx: Context, title: TitleName, embedded: Embeds): Promise<string> {
  const [found] = await ctx.hot.run(isUuid(title.name) ? movies.byId : movies.bySlug, title)
  if (!found) throw titleNotFound()
  const movie: Movie = found
  if (embedded.includes('similar')) {
    movie.similar = wholePage(await listSimilar(ctx.db, movie.id, embeddedLimit), embeddedLimit)
  }
  if (embedded.includes('reviews')) movie.reviews = wholePage([], embeddedLimit)
  return stringifyMovie(movie)
}

async function writeStats(ctx: Context, title: TitleName): Promise<string> {
  const [found] = await ctx.hot.run(isUuid(title.name) ? stats.byId : stats.bySlug, title)
  if (!found) throw titleNotFound()
  return stringifyStats(found.stats)
}

/** The full form of a title as JSON, with first pages of what `include` names. */
export function openMovie(ctx: Context, type: ContentType, idOrSlug: string, include?: string): Promise<Found> {
  const title = { type, name: oneNameOf(idOrSlug) }
  const embedded = embedsOf(include)
  const found = ctx.cache.rememberBody(movieKey(type, title.name, embedded), () => writeMovie(ctx, title, embedded))
  return orMoved(title.name, found, (former) => findSlugAfter(ctx.db, type, former))
}

export function openMovieStats(ctx: Context, type: ContentType, idOrSlug: string): Promise<Found> {
  const title = { type, name: oneNameOf(idOrSlug) }
  const found = ctx.cache.rememberBody(movieStatsKey(type, title.name), () => writeStats(ctx, title))
  return orMoved(title.name, found, (former) => findSlugAfter(ctx.db, type, former))
}
