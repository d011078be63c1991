import type pg from 'pg'

/** Popularity, then trending, which follows from it: of some titles, or of all (null). */
async function refresh(client: pg.ClientBase, ids: readonly string[] | null): Promise<void> {
  await client.query('select refresh_popularity($1)', [ids])
  await client.query('select refresh_trending($1)', [ids])
}

/** Where the titles concerned are a tenth of all or more, doing all is the cheaper way. */
const shareOfAll = 'count(*) * 10 >= (select count(*) from movies) as many'

/** Brings up to date what follows from the titles that an import touched. */
export async function refreshTouched(client: pg.ClientBase): Promise<void> {
  await client.query(`
    update movies set updated_at = now()
    where id in (select t.movie_id from seed_touched t join seed_titles s on s.movie_id = t.movie_id where s.existing)`)
  const touched = await client.query<{ ids: string[] | null; many: boolean }>(
    `select array_agg(movie_id) as ids, ${shareOfAll} from (select distinct movie_id from seed_touched) t`,
  )
  const { ids, many } = touched.rows[0]!
  if (!ids) return
  // A new catalogue has no statistics yet, and without them the first queries are planned badly.
  if (many) await client.query('analyze')
  await refresh(client, many ? null : ids)
}

/** The same for titles with ids in a range. */
export async function refreshRankings(client: pg.ClientBase, range: { from: string; to: string }): Promise<void> {
  const found = await client.query<{ many: boolean }>(`select ${shareOfAll} from movies where id between $1 and $2`, [
    range.from,
    range.to,
  ])
  if (found.rows[0]!.many) return refresh(client, null)
  const ids = await client.query<{ ids: string[] }>(
    'select array_agg(id) as ids from movies where id between $1 and $2',
    [range.from, range.to],
  )
  await refresh(client, ids.rows[0]!.ids)
}
