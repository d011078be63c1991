import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'
import type { ContentType, MovieSummary } from './movie-summary.schemas.ts'
import { lockCatalogue } from './movie-write.queries.ts'
import type { TrendingWindow } from './trending.schemas.ts'

interface TrendingOptions {
  readonly type: ContentType
  readonly window: TrendingWindow
  /** How many; ask for one more than a page has. */
  readonly rows: number
  /** The score and the id of the title to go on after. */
  readonly after?: readonly [score: number, id: string]
}

export async function listTrending(
  db: Db,
  { type, window, rows, after }: TrendingOptions,
): Promise<Array<MovieSummary & { readonly score: number }>> {
  const beyond = after ? sql`and (t.score, t.movie_id) < (${after[0]}::double precision, ${after[1]}::uuid)` : sql``
  const result = await sql<MovieSummary & { readonly score: number }>`
    /* listTrending */
    select ms.*, null as viewer, hot.score
    from (
      select t.movie_id, t.score
      from movie_trending t
      join movies m on m.id = t.movie_id
      where t.trending_window = ${window}::trending_window and m.type = ${type} ${beyond}
      order by t.score desc, t.movie_id desc
      limit ${rows}
    ) hot
    join movie_summaries ms on ms.id = hot.movie_id
    order by hot.score desc, hot.movie_id desc`.execute(db)
  return result.rows
}

export async function countTrending(db: Db, type: ContentType, window: TrendingWindow): Promise<number> {
  const result = await sql<{ total: number }>`
    /* countTrending */
    select count(*) as total
    from movie_trending t
    join movies m on m.id = t.movie_id
    where t.trending_window = ${window}::trending_window and m.type = ${type}`.execute(db)
  return result.rows[0]!.total
}

/** Longest that a refresh of every title may take, in milliseconds; the pool's own limit is for requests. */
const refreshTimeout = '300000'

/** @returns whether it was done; false while another session does it */
export async function refreshTrending(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ free: boolean }>`
    /* lockTrending */
    select pg_try_advisory_xact_lock(hashtext('refreshTrending')) as free,
      set_config('statement_timeout', ${refreshTimeout}, true)`.execute(tx)
  if (!rows[0]?.free) return false
  // An editor locks the same rows in another order.
  await lockCatalogue(tx)
  await sql`/* refreshPopularity long */ select refresh_popularity()`.execute(tx)
  await sql`/* refreshTrending long */ select refresh_trending()`.execute(tx)
  return true
}
