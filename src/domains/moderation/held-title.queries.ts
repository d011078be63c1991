import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import type { HeldTitle } from './held-title.schemas.ts'
import { countUpTo } from './total.queries.ts'

// One whose last held review went with its author stands until the next burst, and is nothing to decide on.
const heldTitles = sql`
  from title_bursts b
  join movie_stats s on s.movie_id = b.movie_id and s.held_count > 0
  where b.decided_at is null`

export const countHeldTitles = (db: Db): Promise<number> => countUpTo(db, heldTitles)

/** Titles whose scores are held, the latest first. */
export async function listHeldTitles(
  db: Db,
  { rows: most, after }: { readonly rows: number; readonly after?: readonly [heldAt: string, id: string] },
): Promise<HeldTitle[]> {
  const beyond = after ? sql`and (b.held_at, b.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``
  const { rows } = await sql<HeldTitle>`
    /* listHeldTitles */
    select b.id, b.began_at, b.held_at, b.extreme, b.window_hours, b.reviews, b.extremes, b.expected,
      b.held_count as held_reviews,
      (select row_to_json(m) from (select ms.*, null as viewer from movie_summaries ms where ms.id = b.movie_id) m) as movie
    from (
      select b.*, s.held_count
      ${heldTitles} ${beyond}
      order by b.held_at desc, b.id desc limit ${most}
    ) b
    order by b.held_at desc, b.id desc`.execute(db)
  return rows
}
