import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import type { MovieViewer } from './movie.schemas.ts'

type Review = NonNullable<MovieViewer['my_review']>

/** What an account has written about a title. */
export async function findOwnReview(db: Db, movieId: string, viewer: string): Promise<Review | null> {
  const { rows } = await sql<Review>`
    /* findOwnReview */
    select seen.*
    from reviews r
    join reviews_as_seen(${viewer}::uuid, false) seen on seen.id = r.id
    where r.user_id = ${viewer}::uuid and r.movie_id = ${movieId}::uuid`.execute(db)
  return rows[0] ?? null
}

export type EmbeddedReview = Review & { readonly sort_key: string }

/** The newest reviews of a title as somebody may read them: approved ones, and their own. */
export async function listFirstReviews(
  db: Db,
  movieId: string,
  { viewer, rows }: { readonly viewer: string | null; readonly rows: number },
): Promise<EmbeddedReview[]> {
  const newest = (visible: ReturnType<typeof sql>) => sql`(
    select r.id, r.created_at as sort_key
    from reviews r
    where r.movie_id = ${movieId}::uuid and ${visible} and not is_blocked(${viewer}::uuid, r.user_id)
    order by r.created_at desc, r.id desc
    limit ${rows})`
  const approved = sql`r.moderation_status = 'approved'`
  const own = sql`r.user_id = ${viewer}::uuid and r.moderation_status <> 'approved'`
  const result = await sql<EmbeddedReview>`
    /* listFirstReviews */
    select seen.*, page.sort_key
    from (
      select seen_by.id, seen_by.sort_key
      from (${sql.join([newest(approved), ...(viewer === null ? [] : [newest(own)])], sql` union all `)}) seen_by
      order by seen_by.sort_key desc, seen_by.id desc
      limit ${rows}
    ) page
    join reviews_as_seen(${viewer}::uuid, false) seen on seen.id = page.id
    order by page.sort_key desc, page.id desc`.execute(db)
  return result.rows
}
