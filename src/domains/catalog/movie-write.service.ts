import { randomUUID } from 'node:crypto'
import type { Needs } from '../../context.ts'
import type { Tx } from '../../infra/db.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { genreFamilies } from './genre.cache.ts'
import { movieKeys, movieListFamilies } from './movie.cache.ts'
import { titleExists, titleNotFound } from './movie.errors.ts'
import { findMovie } from './movie.queries.ts'
import type { Movie } from './movie.schemas.ts'
import { checkInput, slugFor } from './movie-input.policy.ts'
import type { MoviePatch, NewMovie } from './movie-input.schemas.ts'
import { writeParts } from './movie-parts.service.ts'
import type { ContentType } from './movie-summary.schemas.ts'
import { findOwnReview } from './movie-viewer.queries.ts'
import {
  deleteMovie,
  findSlugHolder,
  insertMovie,
  keepFormerSlug,
  type LockedMovie,
  listStory,
  lockCatalogue,
  lockMovies,
  refreshRanks,
  updateMovie,
} from './movie-write.queries.ts'
import { releaseOf } from './release.policy.ts'
import { checkFirstPart, closeRanks, placeOf } from './story.service.ts'
import { addTitleViewersIn } from './title-viewer.service.ts'

type Context = Needs<'db' | 'cache'> & { readonly requestId?: string }

/** The columns of a title that a body says something of. */
function columnsOf(input: MoviePatch) {
  const { slug, release_date, release_year, release_precision, ...rest } = input
  const { genres, languages, companies, aliases, cast, crew, ...columns } = rest
  return columns
}

/**
 * The slug for a title and year; a film and a series of one name and year are told apart by their type.
 * @throws AppError 409 when it is that of another title of the same type
 */
async function freeSlug(
  db: Tx,
  type: ContentType,
  title: string,
  year: number | null,
  ownId?: string,
): Promise<string> {
  const slug = slugFor(title, year, `title-${randomUUID().slice(0, 8)}`)
  const holder = await findSlugHolder(db, slug)
  if (!holder || holder.id === ownId) return slug
  if (holder.type === type) throw titleExists()
  const typed = `${slug}-${type}`
  const typedHolder = await findSlugHolder(db, typed)
  if (typedHolder && typedHolder.id !== ownId) throw titleExists()
  return typed
}

/** The titles whose full form shows a title: itself, and the story it is part of. */
const storyOf = (db: Tx, movie: { id: string; part_of: string | null }) => listStory(db, movie.part_of ?? movie.id)

async function forget(ctx: Needs<'cache'>, titles: ReadonlyArray<{ id: string; slug: string; type: ContentType }>) {
  await ctx.cache.forget(...titles.flatMap(({ id, slug, type }) => movieKeys(type, [id, slug])))
  await ctx.cache.forgetFamilies(...movieListFamilies, ...genreFamilies)
}

/** The full form of a title to the one who wrote it. */
async function readBack(db: Tx, actor: Actor, type: ContentType, id: string): Promise<Movie> {
  const movie = { ...(await findMovie(db, type, id))!, viewer: { my_review: await findOwnReview(db, id, actor.id) } }
  return (await addTitleViewersIn(db, actor.id, movie)) as Movie
}

export function createMovie(ctx: Context, actor: Actor, type: ContentType, input: NewMovie): Promise<Movie> {
  checkInput(input)
  const release = releaseOf(input)
  return inTx(ctx, async (tx) => {
    await lockCatalogue(tx.db)
    const place = placeOf(input)
    if (place.part_of !== null) await checkFirstPart(tx.db, null, (await lockMovies(tx.db, [place.part_of]))[0])
    const slug = input.slug ?? (await freeSlug(tx.db, type, input.title, release.release_year))
    const { id } = await insertMovie(tx.db, { ...columnsOf(input), title: input.title, ...release, type, slug })
    await writeParts(tx.db, id, input)
    await refreshRanks(tx.db, [id])
    await publish(tx, 'title.created', { movie_id: id })
    const touched = await storyOf(tx.db, { id, part_of: place.part_of })
    tx.afterCommit(() => forget(ctx, touched))
    return readBack(tx.db, actor, type, id)
  })
}

/** A title of its type, locked, with the one that it is or becomes a part of. @throws AppError 404 */
async function lockForChange(db: Tx, type: ContentType, id: string, partOf?: string | null) {
  const locked = await lockMovies(db, partOf ? [id, partOf] : [id])
  const own = locked.find((movie) => movie.id === id.toLowerCase() && movie.type === type)
  if (!own) throw titleNotFound()
  return { own, first: locked.find((movie) => movie.id === partOf?.toLowerCase()) }
}

/** The slug after a change: the given one, one of the new title or year, or the same as ever. */
async function slugAfter(db: Tx, own: LockedMovie, input: MoviePatch, title: string, year: number | null) {
  if (input.slug !== undefined) return input.slug
  if (title === own.title && year === own.release_year) return own.slug
  return freeSlug(db, own.type, title, year, own.id)
}

/** Changes what the body names: what is left out stays, null clears, a list replaces the whole list. */
export function changeMovie(
  ctx: Context,
  actor: Actor,
  type: ContentType,
  id: string,
  input: MoviePatch,
): Promise<Movie> {
  checkInput(input)
  return inTx(ctx, async (tx) => {
    await lockCatalogue(tx.db)
    const { own, first } = await lockForChange(tx.db, type, id, input.part_of)
    const before = await storyOf(tx.db, own)
    const release = releaseOf(input, own)
    const place = placeOf(input, own)
    if (input.part_of) await checkFirstPart(tx.db, own, first)
    const slug = await slugAfter(tx.db, own, input, input.title ?? own.title, release.release_year)
    await updateMovie(tx.db, own.id, { ...columnsOf(input), ...release, ...place, slug })
    if (slug !== own.slug) await keepFormerSlug(tx.db, own.id, own.slug, slug)
    await writeParts(tx.db, own.id, input)
    await refreshRanks(tx.db, [own.id])
    await publish(tx, 'title.updated', { movie_id: own.id })
    const after = await storyOf(tx.db, { id: own.id, part_of: place.part_of })
    tx.afterCommit(() => forget(ctx, [...before, ...after]))
    return readBack(tx.db, actor, type, own.id)
  })
}

export function removeMovie(ctx: Context, type: ContentType, id: string): Promise<void> {
  return inTx(ctx, async (tx) => {
    await lockCatalogue(tx.db)
    const { own } = await lockForChange(tx.db, type, id)
    const touched = await storyOf(tx.db, own)
    await closeRanks(tx.db, own)
    await deleteMovie(tx.db, own.id)
    await publish(tx, 'title.deleted', { movie_id: own.id })
    tx.afterCommit(() => forget(ctx, touched))
  })
}
