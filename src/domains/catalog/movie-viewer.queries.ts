import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import type { Review } from '../reviews/review.schemas.ts'
import type { MovieViewer } from './movie.schemas.ts'

/** What of a title depends on who asks. */
export async function findViewer(db: Db, movieId: string, viewer: string): Promise<MovieViewer> {
  const { rows } = await sql<Review>`
    /* findViewer */
    select seen.*
    from reviews r
    join reviews_as_seen(${viewer}::uuid, false) seen on seen.id = r.id
    where r.user_id = ${viewer}::uuid and r.movie_id = ${movieId}::uuid`.execute(db)
  return { my_review: rows[0] ?? null }
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
    where r.movie_id = ${movieId}::uuid and ${visible}
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
