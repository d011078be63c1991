import { sql } from 'kysely'
import type { Db } from '../infra/db.ts'

export interface FrontPageCounts {
  readonly titles: number
  readonly people: number
  readonly genres: number
}

/** How many there are of each, at this moment. */
export async function countFrontPage(db: Db): Promise<FrontPageCounts> {
  const { rows } = await sql<FrontPageCounts>`/* countFrontPage */
    select (select count(*) from movies) as titles,
           (select count(*) from people) as people,
           (select count(*) from genres) as genres`.execute(db)
  return rows[0]!
}
