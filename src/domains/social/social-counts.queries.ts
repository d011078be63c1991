import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'

/** The ids of accounts after one, in their order. */
export async function listUserIdsAfter(db: Db, after: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    /* listUserIdsAfter */
    select u.id from users u where u.id > ${after}::uuid order by u.id limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

/** Counts the follows of accounts anew. @returns how many counts were wrong */
export async function recountFollows(db: Db, ids: readonly string[]): Promise<number> {
  const { rows } = await sql<{ repaired: number }>`
    /* recountFollows */
    select refresh_user_counts(${[...ids]}::uuid[]) as repaired`.execute(db)
  return rows[0]!.repaired
}
