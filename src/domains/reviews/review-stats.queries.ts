import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'

/** Of which table a batch of ids is, and what counts anew what hangs on them. */
const batches = {
  movie_stats: { ids: sql`select movie_id as id from movie_stats`, refresh: sql`refresh_review_stats` },
  reviews: { ids: sql`select id from reviews`, refresh: sql`refresh_review_votes` },
} as const
export type CountedTable = keyof typeof batches

/** The next ids of a table in order. */
export async function listIdsAfter(db: Db, table: CountedTable, after: string, wanted: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    /* listIdsAfter */
    select x.id from (${batches[table].ids}) x where x.id > ${after}::uuid order by x.id limit ${wanted}`.execute(db)
  return rows.map(({ id }) => id)
}

/** Counts anew what the rows of these ids say. @returns how many said something wrong; they are right now */
export async function recount(db: Db, table: CountedTable, ids: readonly string[]): Promise<number> {
  const { rows } = await sql<{ repaired: number }>`
    /* recountReviews */
    select ${batches[table].refresh}(${[...ids]}::uuid[]) as repaired`.execute(db)
  return rows[0]!.repaired
}

/** @returns whether the mean of the catalogue has moved */
export async function refreshPrior(db: Db): Promise<boolean> {
  const { rows } = await sql<{ moved: boolean }>`
    /* refreshRatingPrior */
    select refresh_rating_prior() as moved`.execute(db)
  return rows[0]!.moved
}

/** @returns how many titles got the weighted rating of the present mean, at most so many */
export async function applyPrior(db: Db, wanted: number): Promise<number> {
  const { rows } = await sql<{ applied: number }>`
    /* applyRatingPrior */
    select apply_rating_prior(${wanted}) as applied`.execute(db)
  return rows[0]!.applied
}

/** Longest that a job's one statement may take, in milliseconds; the pool's own limit is for requests. */
const refreshTimeout = '300000'

/** @returns whether it was done; false while another process does it */
export async function refreshReviewTrending(tx: Db): Promise<boolean> {
  const { rows } = await sql<{ free: boolean }>`
    /* lockReviewTrending */
    select pg_try_advisory_xact_lock(hashtext('refreshReviewTrending')) as free,
      set_config('statement_timeout', ${refreshTimeout}, true)`.execute(tx)
  if (!rows[0]?.free) return false
  await sql`/* refreshReviewTrending long */ select refresh_review_trending()`.execute(tx)
  return true
}
