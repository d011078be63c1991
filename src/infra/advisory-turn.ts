import { sql } from 'kysely'
import type { Tx } from './db.ts'

/** @returns whether this transaction is the only one to do what has that name, until its end */
export async function takeTurn(tx: Tx, name: string): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`/* takeTurn */
    select pg_try_advisory_xact_lock(hashtextextended(${`lemonnpie turn ${name}`}, 0)) as taken`.execute(tx)
  return rows[0]!.taken
}
