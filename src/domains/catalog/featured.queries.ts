import { sql } from 'kysely'
import { type Db, named, type Tx } from '../../infra/db.ts'
import type { Featured } from './featured.schemas.ts'
import type { ContentType, MovieSummary } from './movie-summary.schemas.ts'

export async function listFeatured(db: Db, type: ContentType, limit: number): Promise<MovieSummary[]> {
  const result = await sql<MovieSummary>`
    /* listFeatured */
    select ms.*, null as viewer
    from (
      select f.movie_id, f.position
      from featured_movies f
      join movies m on m.id = f.movie_id
      where m.type = ${type} and (f.featured_until is null or f.featured_until > now())
      order by f.position, f.movie_id
      limit ${limit}
    ) chosen
    join movie_summaries ms on ms.id = chosen.movie_id
    order by chosen.position, chosen.movie_id`.execute(db)
  return result.rows
}

/** Puts a title on the front page, or moves it there. */
export const upsertFeatured = (db: Tx, movieId: string, position: number, until: string | null): Promise<Featured> =>
  db
    .insertInto('featured_movies')
    .modifyEnd(named('upsertFeatured'))
    .values({ movie_id: movieId, position, featured_until: until })
    .onConflict((conflict) => conflict.column('movie_id').doUpdateSet({ position, featured_until: until }))
    .returning(['movie_id', 'position', 'featured_until as until'])
    .executeTakeFirstOrThrow()

export const deleteFeatured = (db: Tx, movieId: string) =>
  db.deleteFrom('featured_movies').modifyEnd(named('deleteFeatured')).where('movie_id', '=', movieId).execute()
