import { randomUUID } from 'node:crypto'
import type { Tx } from '../../infra/db.ts'
import { titleExists } from './movie.errors.ts'
import { slugFor } from './movie-input.policy.ts'
import type { MoviePatch } from './movie-input.schemas.ts'
import type { ContentType } from './movie-summary.schemas.ts'
import { findSlugHolder, type LockedMovie } from './movie-write.queries.ts'

/**
 * The slug for a title and year; a film and a series of one name and year are told apart by their type.
 * @throws AppError 409 when it is that of another title of the same type
 */
export async function freeSlug(
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

/** The slug after a change: the given one, one of the new title or year, or the same as ever. */
export async function slugAfter(
  db: Tx,
  own: LockedMovie,
  input: MoviePatch,
  title: string,
  year: number | null,
): Promise<string> {
  if (input.slug !== undefined) return input.slug
  if (title === own.title && year === own.release_year) return own.slug
  return freeSlug(db, own.type, title, year, own.id)
}
