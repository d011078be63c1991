import { sql } from 'kysely'
import { onViolation } from '../../infra/constraints.ts'
import { type Db, named, type Tx } from '../../infra/db.ts'
import type { Featured } from './featured.schemas.ts'
import { titleNotFound } from './movie.errors.ts'
import type { ContentType, MovieSummary } from './movie-summary.schemas.ts'

interface FeaturedOptions {
  /** How many; ask for one more than a page has. */
  readonly rows: number
  /** What ends then or earlier is left out. */
  readonly at: string
  /** The position and the id of the title to go on after. */
  readonly after?: readonly [position: number, id: string]
}

export async function listFeatured(
  db: Db,
  type: ContentType,
  { rows, at, after }: FeaturedOptions,
): Promise<Array<MovieSummary & { readonly position: number }>> {
  const beyond = after ? sql`and (f.position, f.movie_id) > (${after[0]}::integer, ${after[1]}::uuid)` : sql``
  const result = await sql<MovieSummary & { readonly position: number }>`
    /* listFeatured */
    select ms.*, null as viewer, chosen.position
    from (
      select f.movie_id, f.position
      from featured_movies f
      join movies m on m.id = f.movie_id
      where m.type = ${type} and (f.featured_until is null or f.featured_until > ${at}::timestamptz) ${beyond}
      order by f.position, f.movie_id
      limit ${rows}
    ) chosen
    join movie_summaries ms on ms.id = chosen.movie_id
    order by chosen.position, chosen.movie_id`.execute(db)
  return result.rows
}

export async function countFeatured(db: Db, type: ContentType, at: string): Promise<number> {
  const result = await sql<{ total: number }>`
    /* countFeatured */
    select count(*) as total
    from featured_movies f
    join movies m on m.id = f.movie_id
    where m.type = ${type} and (f.featured_until is null or f.featured_until > ${at}::timestamptz)`.execute(db)
  return result.rows[0]!.total
}

/** When titles go off the front page, the next one first. */
export async function listFeaturedEnds(db: Db, type: ContentType): Promise<string[]> {
  const result = await sql<{ featured_until: string }>`
    /* listFeaturedEnds */
    select distinct f.featured_until
    from featured_movies f
    join movies m on m.id = f.movie_id
    where m.type = ${type} and f.featured_until > now()
    order by f.featured_until`.execute(db)
  return result.rows.map((row) => row.featured_until)
}

/** Puts a title on the front page, or moves it there. @throws AppError 404 when the title has been deleted meanwhile */
export const upsertFeatured = (db: Tx, movieId: string, position: number, until: string | null): Promise<Featured> =>
  onViolation(
    { featured_movies_movie_id_fkey: titleNotFound },
    db
      .insertInto('featured_movies')
      .modifyEnd(named('upsertFeatured'))
      .values({ movie_id: movieId, position, featured_until: until })
      .onConflict((conflict) => conflict.column('movie_id').doUpdateSet({ position, featured_until: until }))
      .returning(['movie_id', 'position', 'featured_until as until'])
      .executeTakeFirstOrThrow(),
  )

export const deleteFeatured = (db: Tx, movieId: string) =>
  db.deleteFrom('featured_movies').modifyEnd(named('deleteFeatured')).where('movie_id', '=', movieId).execute()
