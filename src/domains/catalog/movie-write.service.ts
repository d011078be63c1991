import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import type { Tx } from '../../infra/db.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Client } from '../../lib/client.ts'
import { genreFamilies } from './genre.cache.ts'
import { movieKeys, movieListFamilies, reviewedFamilies } from './movie.cache.ts'
import { staleTitle, titleNotFound } from './movie.errors.ts'
import { findMovie } from './movie.queries.ts'
import type { Movie } from './movie.schemas.ts'
import { checkInput } from './movie-input.policy.ts'
import type { MoviePatch, NewMovie } from './movie-input.schemas.ts'
import { writeParts } from './movie-parts.service.ts'
import type { ContentType } from './movie-summary.schemas.ts'
import { findOwnReview } from './movie-viewer.queries.ts'
import {
  deleteMovie,
  insertMovie,
  keepFormerSlug,
  listStory,
  lockCatalogue,
  lockMovies,
  refreshRanks,
  updateMovie,
} from './movie-write.queries.ts'
import { releaseOf } from './release.policy.ts'
import { freeSlug, slugAfter } from './slug.service.ts'
import { checkFirstPart, closeRanks, placeOf } from './story.service.ts'
import { addTitleViewersIn } from './title-viewer.service.ts'

type Context = Needs<'db' | 'cache'> & { readonly requestId?: string; readonly client?: Client }

/** The columns of a title that a body says something of. */
function columnsOf(input: MoviePatch) {
  const { slug, release_date, release_year, release_precision, ...rest } = input
  const { genres, languages, companies, aliases, cast, crew, ...columns } = rest
  return columns
}

/** The titles whose full form shows a title: itself, and the story it is part of. */
const storyOf = (db: Tx, movie: { id: string; part_of: string | null }) => listStory(db, movie.part_of ?? movie.id)

async function forget(ctx: Needs<'cache'>, titles: ReadonlyArray<{ id: string; slug: string; type: ContentType }>) {
  await ctx.cache.forget(...titles.flatMap(({ id, slug, type }) => movieKeys(type, [id, slug])))
  await ctx.cache.forgetFamilies(...movieListFamilies, ...genreFamilies, ...reviewedFamilies)
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
    await recordAudit(tx, { action: 'title.created', actorId: actor.id, targetId: id, details: { slug } })
    await publish(tx, 'title.created', { movie_id: id })
    const touched = await storyOf(tx.db, { id, part_of: place.part_of })
    tx.afterCommit(() => forget(ctx, touched))
    return readBack(tx.db, actor, type, id)
  })
}

/** A title that an editor names. */
export interface NamedTitle {
  readonly type: ContentType
  readonly id: string
  /** The versions that the editor goes by; any will do when it is left out. */
  readonly wanted?: readonly number[] | undefined
}

/** A title of its type, locked, with the one that it is or becomes a part of. @throws AppError 404, 409 */
async function lockForChange(db: Tx, { type, id, wanted }: NamedTitle, partOf?: string | null) {
  const locked = await lockMovies(db, partOf ? [id, partOf] : [id])
  const own = locked.find((movie) => movie.id === id.toLowerCase() && movie.type === type)
  if (!own) throw titleNotFound()
  if (wanted && !wanted.includes(own.version)) throw staleTitle()
  return { own, first: locked.find((movie) => movie.id === partOf?.toLowerCase()) }
}

/** Changes what the body names: what is left out stays, null clears, a list replaces the whole list. */
export function changeMovie(ctx: Context, actor: Actor, title: NamedTitle, input: MoviePatch): Promise<Movie> {
  checkInput(input)
  return inTx(ctx, async (tx) => {
    await lockCatalogue(tx.db)
    const { own, first } = await lockForChange(tx.db, title, input.part_of)
    const before = await storyOf(tx.db, own)
    const release = releaseOf(input, own)
    const place = placeOf(input, own)
    if (input.part_of) await checkFirstPart(tx.db, own, first)
    const slug = await slugAfter(tx.db, own, input, input.title ?? own.title, release.release_year)
    await updateMovie(tx.db, own.id, { ...columnsOf(input), ...release, ...place, slug })
    if (slug !== own.slug) await keepFormerSlug(tx.db, own.id, own.slug, slug)
    await writeParts(tx.db, own.id, input)
    await refreshRanks(tx.db, [own.id])
    const details = { slug, fields: Object.keys(input) }
    await recordAudit(tx, { action: 'title.updated', actorId: actor.id, targetId: own.id, details })
    await publish(tx, 'title.updated', { movie_id: own.id })
    const after = await storyOf(tx.db, { id: own.id, part_of: place.part_of })
    tx.afterCommit(() => forget(ctx, [...before, ...after]))
    return readBack(tx.db, actor, own.type, own.id)
  })
}

export function removeMovie(ctx: Context, actor: Actor, title: NamedTitle): Promise<void> {
  return inTx(ctx, async (tx) => {
    await lockCatalogue(tx.db)
    const { own } = await lockForChange(tx.db, title)
    const touched = await storyOf(tx.db, own)
    await closeRanks(tx.db, own)
    await deleteMovie(tx.db, own.id)
    const details = { slug: own.slug }
    await recordAudit(tx, { action: 'title.deleted', actorId: actor.id, targetId: own.id, details })
    await publish(tx, 'title.deleted', { movie_id: own.id })
    tx.afterCommit(() => forget(ctx, touched))
  })
}
