import type { Needs } from '../../context.ts'
import type { CachedBody } from '../../infra/cache.ts'
import { type Found, orMoved } from './moved.service.ts'
import { movieKeys, movieListFamilies } from './movie.cache.ts'
import { titleNotFound } from './movie.errors.ts'
import { findMovieId, findSlugAfter } from './movie.queries.ts'
import type { ContentType } from './movie-summary.schemas.ts'

interface TitleNames {
  readonly id: string
  readonly slug: string
  readonly type: ContentType
}

/** Forgets what is kept of a title alone. */
export const forgetTitle = ({ cache }: Needs<'cache'>, { id, slug, type }: TitleNames): Promise<void> =>
  cache.forget(...movieKeys(type, [id, slug]))

/** Forgets it, and every list that may show the score of the title or stand in the order of scores. */
export async function forgetTitleScores(ctx: Needs<'cache'>, title: TitleNames): Promise<void> {
  await Promise.all([forgetTitle(ctx, title), ctx.cache.forgetFamilies(...movieListFamilies)])
}

/** @throws AppError 404 unless there is a title of this id or slug now */
export async function requireTitle({ db }: Needs<'db'>, type: ContentType, idOrSlug: string): Promise<void> {
  if ((await findMovieId(db, type, idOrSlug)) === undefined) throw titleNotFound()
}

/** Looks, for what was not found under a title's slug, whether a title had that slug before. */
export const orTitleMoved = (
  { db }: Needs<'db'>,
  type: ContentType,
  idOrSlug: string,
  found: Promise<CachedBody>,
): Promise<Found> => orMoved(idOrSlug, found, (former) => findSlugAfter(db, type, former))
