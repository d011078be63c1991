import type pg from 'pg'

/** Where titles are a tenth of all or more, doing all anew is the cheaper way. */
const isMuch = 'count(*) * 10 >= (select count(*) from movies)'

/** Popularity, then trending, which follows from it: of some titles, or of all (null). */
export async function refreshRankings(client: pg.ClientBase, ids: readonly string[] | null): Promise<void> {
  await client.query('select refresh_popularity($1)', [ids])
  await client.query('select refresh_trending($1)', [ids])
}

/** The same for all titles, where the new ones have no statistics yet: their rows are written with what they will hold. */
export async function rankAnew(client: pg.ClientBase): Promise<void> {
  await client.query(`
    with fresh as materialized (select * from title_popularity(null)), known as (
      update movie_stats s set popularity = f.popularity, trending = f.trending
      from fresh f where f.movie_id = s.movie_id and s.popularity is distinct from f.popularity
    )
    insert into movie_stats (movie_id, type, release_year, popularity, trending)
    select m.id, m.type, m.release_year, f.popularity, f.trending
    from fresh f join movies m on m.id = f.movie_id
    where not exists (select from movie_stats s where s.movie_id = m.id)`)
  await client.query('select refresh_trending(null)')
}

export async function refreshSearch(client: pg.ClientBase, ids: readonly string[] | null): Promise<void> {
  if (ids === null) await client.query('select search_refresh_all()')
  else await client.query('select search_refresh($1)', [ids])
}

/** The lists in the short forms of titles, whose triggers wait along with those of search. */
async function refreshSummaries(client: pg.ClientBase, ids: readonly string[] | null): Promise<void> {
  await client.query('select refresh_summary_lists($1)', [ids])
}

/** Brings up to date what follows from the titles that an import touched. */
export async function refreshTouched(client: pg.ClientBase): Promise<void> {
  await client.query(`
    update movies set updated_at = now()
    where id in (select t.movie_id from seed_touched t join seed_titles s on s.movie_id = t.movie_id where s.existing)`)
  const touched = await client.query<{ ids: string[] | null; much: boolean }>(
    `select array_agg(movie_id) as ids, ${isMuch} as much from (select distinct movie_id from seed_touched) t`,
  )
  const { ids, much } = touched.rows[0]!
  // A new catalogue has no statistics yet, and without them the first queries are planned badly.
  if (ids && much) await client.query('analyze')
  if (ids) await refreshRankings(client, much ? null : ids)
  const found = await client.query<{ ids: string[] | null }>(`
    select array_agg(movie_id) as ids from (
      select movie_id from seed_touched union select movie_id from seed_reindexed
      union select m.id from movies m join seed_touched t on m.part_of = t.movie_id) t`)
  if (!found.rows[0]!.ids) return
  await refreshSummaries(client, much ? null : found.rows[0]!.ids)
  await refreshSearch(client, much ? null : found.rows[0]!.ids)
}

/** What is done for titles with ids in a range: rankings first, then the search index, which orders by them. */
export interface RangeRefresh {
  readonly summaries: () => Promise<void>
  readonly rankings: () => Promise<void>
  readonly search: () => Promise<void>
}

export async function rangeRefresh(client: pg.ClientBase, range: { from: string; to: string }): Promise<RangeRefresh> {
  const found = await client.query<{ ids: string[] | null }>(
    `select case when ${isMuch} then null else array_agg(id) end as ids from movies where id between $1 and $2`,
    [range.from, range.to],
  )
  const { ids } = found.rows[0]!
  return {
    summaries: () => refreshSummaries(client, ids),
    rankings: () => refreshRankings(client, ids),
    search: () => refreshSearch(client, ids),
  }
}
