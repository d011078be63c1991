import { type Insertable, sql, type Updateable } from 'kysely'
import type { DB } from '../../../db/types.ts'
import { onViolation } from '../../infra/constraints.ts'
import { type Db, named, type Tx } from '../../infra/db.ts'
import { invalidField } from '../../lib/errors.ts'
import { slugTaken } from './movie.errors.ts'

const violations = {
  movies_slug_key: slugTaken,
  movies_part_of_fkey: () => invalidField('body.part_of', 'is no title'),
}

/**
 * Lets one transaction at a time change the catalogue. Editors are few, and two of them would otherwise add the same new
 * person twice, or wait for each other's counts of genres for ever.
 */
export async function lockCatalogue(db: Tx): Promise<void> {
  await sql`/* lockCatalogue */ select pg_advisory_xact_lock(hashtext('catalogue'))`.execute(db)
}

/** Titles by id, kept from changing until the transaction ends. */
export const lockMovies = (db: Tx, ids: readonly string[]) =>
  db
    .selectFrom('movies')
    .modifyFront(named('lockMovies'))
    .select(['id', 'type', 'slug', 'title', 'release_year', 'release_precision', 'part_of', 'part_number'])
    .select('release_date')
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forUpdate()
    .execute()

export type LockedMovie = Awaited<ReturnType<typeof lockMovies>>[number]

export const findSlugHolder = (db: Db, slug: string) =>
  db
    .selectFrom('movies')
    .modifyFront(named('findSlugHolder'))
    .select(['id', 'type'])
    .where('slug', '=', slug)
    .executeTakeFirst()

export const insertMovie = (db: Tx, values: Insertable<DB['movies']>) =>
  onViolation(
    violations,
    db.insertInto('movies').modifyEnd(named('insertMovie')).values(values).returning('id').executeTakeFirstOrThrow(),
  )

export const updateMovie = (db: Tx, id: string, values: Updateable<DB['movies']>) =>
  onViolation(
    violations,
    db
      .updateTable('movies')
      .modifyEnd(named('updateMovie'))
      .set({ ...values, updated_at: sql`now()` })
      .where('id', '=', id)
      .execute(),
  )

/** Longest that deleting a title may take, in milliseconds: a hundred thousand may have it on their lists. */
const deletionTimeout = '300000'

/** Deletes a title with all that hangs on it, for all in one statement: half of it could not be told from the whole. */
export async function deleteMovie(db: Tx, id: string): Promise<void> {
  await sql`/* allowLongDeletion */ select set_config('statement_timeout', ${deletionTimeout}, true)`.execute(db)
  await sql`/* deleteMovie long */ delete from movies where id = ${id}::uuid`.execute(db)
}

/** Keeps a slug that a title had; a title that has it now, or had it before, gives way. */
export async function keepFormerSlug(db: Tx, movieId: string, formerSlug: string, slug: string): Promise<void> {
  await db
    .deleteFrom('movie_former_slugs')
    .modifyEnd(named('forgetFormerSlug'))
    .where('slug', '=', slug)
    .where('movie_id', '=', movieId)
    .execute()
  await db
    .insertInto('movie_former_slugs')
    .modifyEnd(named('keepFormerSlug'))
    .values({ slug: formerSlug, movie_id: movieId })
    .onConflict((conflict) => conflict.column('slug').doUpdateSet({ movie_id: movieId }))
    .execute()
}

/** Every title of the story that a first part begins, it included; the first part comes first. */
export const listStory = (db: Db, firstPart: string) =>
  db
    .selectFrom('movies')
    .modifyFront(named('listStory'))
    .select(['id', 'type', 'slug', 'part_of'])
    .where((where) => where.or([where('id', '=', firstPart), where('part_of', '=', firstPart)]))
    .orderBy(sql`part_of is not null`)
    .orderBy('part_number')
    .orderBy('id')
    .execute()

/** Makes another title the first part of a story. */
export async function moveStory(db: Tx, from: string, to: string): Promise<void> {
  await db.updateTable('movies').modifyEnd(named('openStory')).set({ part_of: null }).where('id', '=', to).execute()
  await db
    .updateTable('movies')
    .modifyEnd(named('moveStory'))
    .set({ part_of: to })
    .where('part_of', '=', from)
    .execute()
}

/** Popularity and trending of titles, computed anew. */
export async function refreshRanks(db: Tx, ids: readonly string[]): Promise<void> {
  await sql`/* refreshRanks */ select refresh_popularity(${[...ids]}::uuid[])`.execute(db)
  await sql`/* refreshRanks */ select refresh_trending(${[...ids]}::uuid[])`.execute(db)
}
