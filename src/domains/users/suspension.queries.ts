import { sql } from 'kysely'
import { named, type Tx } from '../../infra/db.ts'

/** An account by id, kept from changing until the transaction ends. */
export const lockAccount = (db: Tx, id: string) =>
  db
    .selectFrom('users')
    .modifyFront(named('lockAccount'))
    .select(['id', 'role'])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst()

/** Suspends an account from now on, in place of an earlier suspension. */
export const updateSuspension = (db: Tx, id: string, until: string | null, reason: string) =>
  db
    .updateTable('users')
    .modifyEnd(named('updateSuspension'))
    .set({ suspended_at: sql`now()`, suspended_until: until, suspension_reason: reason, updated_at: sql`now()` })
    .where('id', '=', id)
    .execute()
