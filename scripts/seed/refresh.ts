import type pg from 'pg'

/** Brings up to date what follows from the titles that an import touched. */
export async function refreshTitles(client: pg.ClientBase): Promise<void> {
  await client.query(`
    update movies set updated_at = now()
    where id in (select t.movie_id from seed_touched t join seed_titles s on s.movie_id = t.movie_id where s.existing)`)
}
