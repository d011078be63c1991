import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../infra/db.ts'

/** What is written down for good is counted no further than this. */
export const mostCounted = 10_000

/** How many rows there are, or `mostCounted` where there are more. @param rows `from … where …` */
export async function countUpTo(db: Db, rows: RawBuilder<unknown>): Promise<number> {
  const { rows: counted } = await sql<{ total: number }>`
    /* countUpTo */
    select count(*) as total from (select ${rows} limit ${mostCounted}) counted`.execute(db)
  return counted[0]!.total
}
