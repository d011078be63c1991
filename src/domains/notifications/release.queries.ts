import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../infra/db.ts'

/** For how many days after it a release is still news. */
const newsDays = 30

/** Whether a title, a row, is out by now, as far as it is said. */
const isOut = (m: string): RawBuilder<boolean> => {
  const [day, precision] = [sql.ref(`${m}.release_date`), sql.ref(`${m}.release_precision`)]
  return sql<boolean>`coalesce(release_day(${day}, ${precision}) <= (now() at time zone 'Africa/Lagos')::date, false)`
}

/** Whether a title is out; false for one that is not there. */
export async function isReleased(db: Db, movieId: string): Promise<boolean> {
  const { rows } = await sql<{ is_out: boolean }>`
    /* isReleased */ select ${isOut('m')} as is_out from movies m where m.id = ${movieId}::uuid`.execute(db)
  return rows[0]?.is_out ?? false
}

/** Titles that came out lately, that somebody had waited for, and nobody was told of yet: all, or one of them. */
export async function listReleased(db: Db, movieId: string | null, most: number): Promise<string[]> {
  const one = movieId === null ? sql`` : sql`and m.id = ${movieId}::uuid`
  const { rows } = await sql<{ id: string }>`
    /* listReleased */
    select m.id from movies m
    where m.release_date between (now() at time zone 'Africa/Lagos')::date - ${newsDays + 31}::integer
        and (now() at time zone 'Africa/Lagos')::date
      and release_day(m.release_date, m.release_precision)
        between (now() at time zone 'Africa/Lagos')::date - ${newsDays}::integer and (now() at time zone 'Africa/Lagos')::date
      and not exists (select from notification_fan_outs f where f.kind = 'release' and f.subject_id = m.id)
      and exists (
        select from list_titles l where l.movie_id = m.id and l.list = 'watchlist'
          and l.added_at < release_day(m.release_date, m.release_precision)::timestamp at time zone 'Africa/Lagos') ${one}
    order by m.release_date, m.id
    limit ${most}`.execute(db)
  return rows.map(({ id }) => id)
}
