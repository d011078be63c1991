import type pg from 'pg'
import { generatedId } from '../generated-ids.ts'
import { refreshRankings, refreshSearch } from '../refresh.ts'

/** Where reviewed titles are a tenth of all or more, doing all anew is the cheaper way. */
async function reviewedSince(client: pg.ClientBase, first: number): Promise<string[] | null> {
  const { rows } = await client.query<{ ids: string[] | null }>(
    `select case when count(*) * 10 >= (select count(*) from movies) then null else array_agg(movie_id) end as ids
     from (select distinct movie_id from reviews where id between $1 and $2) r`,
    [generatedId('review', first), generatedId('review', 2 ** 48 - 1)],
  )
  return rows[0]!.ids
}

/** What follows from reviews that were loaded without being counted: scores first, then rankings, which count reviews. */
export async function refreshScores(client: pg.ClientBase, first: number): Promise<() => Promise<void>> {
  const ids = await reviewedSince(client, first)
  await client.query('select refresh_review_stats($1)', [ids])
  await client.query('select refresh_rating_prior()')
  await client.query('select apply_rating_prior(2147483647)')
  await refreshRankings(client, ids)
  return async () => {
    await client.query('select refresh_review_trending()')
    await refreshSearch(client, ids)
  }
}
