import type pg from 'pg'

/**
 * Brings up to date what follows from the titles that an import touched. Where these are a tenth of all or more, everything
 * is done anew, which is then the cheaper way.
 */
export async function refreshTitles(client: pg.ClientBase): Promise<void> {
  await client.query(`
    update movies set updated_at = now()
    where id in (select t.movie_id from seed_touched t join seed_titles s on s.movie_id = t.movie_id where s.existing)`)
  const touched = await client.query<{ ids: string[]; many: boolean }>(`
    select array_agg(movie_id) as ids, count(*) * 10 >= (select count(*) from movies) as many
    from (select distinct movie_id from seed_touched) t having count(*) > 0`)
  const [found] = touched.rows
  if (!found) return
  const ids = found.many ? null : found.ids
  await client.query('select refresh_popularity($1)', [ids])
  await client.query('select refresh_trending($1)', [ids])
}
