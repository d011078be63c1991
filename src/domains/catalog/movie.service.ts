import type { Needs } from '../../context.ts'
import { bodyOf, type CachedBody } from '../../infra/cache-body.ts'
import { compileHot } from '../../infra/hot-query.ts'
import { encodeCursor, toPage, wholePage } from '../../lib/page.ts'
import { isUuid, oneNameOf, sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { type Found, orMoved } from './moved.service.ts'
import { type Embeds, movieKey, movieStatsKey } from './movie.cache.ts'
import { titleNotFound } from './movie.errors.ts'
import { findSlugAfter, movieById, movieBySlug, statsById, statsBySlug, type TitleName } from './movie.queries.ts'
import { Movie, MovieStats, movieSchemas, titleReviewsScope } from './movie.schemas.ts'
import { type ContentType, summarySchemas } from './movie-summary.schemas.ts'
import { findOwnReview, listFirstReviews } from './movie-viewer.queries.ts'
import { listSimilar } from './similar.queries.ts'
import { addTitleViewers } from './title-viewer.service.ts'

type Context = Needs<'db' | 'hot' | 'cache' | 'config'>

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
function embedsOf(include: string | undefined): Embeds {
  if (include === undefined) return ''
  const named = include.split(',')
  return (['reviews', 'similar'] as const).filter((embed) => named.includes(embed)).join(',') as Embeds
}

/** The first page of a title's reviews; its cursor goes on in the list of them. */
async function firstReviews(ctx: Context, movieId: string, viewer: string | null) {
  const rows = await listFirstReviews(ctx.db, movieId, { viewer, rows: embeddedLimit + 1 })
  const { data, page } = toPage(rows, embeddedLimit, null, (last) =>
    encodeCursor(ctx.config.JWT_SECRET, titleReviewsScope('newest', {}), [last.sort_key, last.id, movieId]),
  )
  return { data: [...data], page }
}

async function writeMovie(ctx: Context, title: TitleName, embedded: Embeds): Promise<string> {
  const [found] = await ctx.hot.run(isUuid(title.name) ? movies.byId : movies.bySlug, title)
  if (!found) throw titleNotFound()
  const movie: Movie = found
  if (embedded.includes('similar')) {
    movie.similar = wholePage(await listSimilar(ctx.db, movie.id, embeddedLimit), embeddedLimit)
  }
  if (embedded.includes('reviews')) movie.reviews = await firstReviews(ctx, movie.id, null)
  return stringifyMovie(movie)
}

/** What everybody sees of a title, kept, with what this account sees of it, read anew. */
async function addViewer(ctx: Context, body: CachedBody, embedded: Embeds, viewer: string): Promise<CachedBody> {
  const movie = JSON.parse(body.json.toString()) as Movie
  const [myReview, reviews] = await Promise.all([
    findOwnReview(ctx.db, movie.id, viewer),
    embedded.includes('reviews') ? firstReviews(ctx, movie.id, viewer) : undefined,
  ])
  const seen = { ...movie, viewer: { my_review: myReview }, ...(reviews ? { reviews } : {}) }
  return bodyOf(Buffer.from(stringifyMovie((await addTitleViewers(ctx, viewer, seen)) as Movie)))
}

async function writeStats(ctx: Context, title: TitleName): Promise<string> {
  const [found] = await ctx.hot.run(isUuid(title.name) ? stats.byId : stats.bySlug, title)
  if (!found) throw titleNotFound()
  return stringifyStats(found.stats)
}

/**
 * The full form of a title as JSON, with first pages of what `include` names.
 * @param viewer the account that asks, if one does
 */
export function openMovie(
  ctx: Context,
  type: ContentType,
  idOrSlug: string,
  include?: string,
  viewer: string | null = null,
): Promise<Found> {
  const title = { type, name: oneNameOf(idOrSlug) }
  const embedded = embedsOf(include)
  // Who signed in gets reviews of their own, so that those of everybody need not be read for them.
  const kept = viewer === null || embedded !== 'reviews' ? embedded : ''
  const body = ctx.cache.rememberBody(movieKey(type, title.name, kept), () => writeMovie(ctx, title, kept))
  const found = orMoved(title.name, body, (former) => findSlugAfter(ctx.db, type, former))
  if (viewer === null) return found
  return found.then<Found>((known) => ('movedTo' in known ? known : addViewer(ctx, known, embedded, viewer)))
}

export function openMovieStats(ctx: Context, type: ContentType, idOrSlug: string): Promise<Found> {
  const title = { type, name: oneNameOf(idOrSlug) }
  const found = ctx.cache.rememberBody(movieStatsKey(type, title.name), () => writeStats(ctx, title))
  return orMoved(title.name, found, (former) => findSlugAfter(ctx.db, type, former))
}
