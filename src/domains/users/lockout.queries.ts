import { sql } from 'kysely'
import { type Db, named } from '../../infra/db.ts'

export interface Attempt {
  /** How many attempts there were since the last right one, this one included. */
  readonly failures: number
  /** Seconds until the lock opens, where there is one; at least 1. */
  readonly locked_seconds: number
}

/**
 * Counts an attempt before its password is looked at, so that of a hundred at once only the first few are tried. The last
 * of these sets the lock, which more attempts do not prolong; when it has opened, or after as long without an attempt,
 * counting begins anew.
 */
export async function countAttempt(db: Db, emailHash: Buffer, most: number, lockMinutes: number): Promise<Attempt> {
  const lock = sql`make_interval(mins => ${lockMinutes}::integer)`
  const { rows } = await sql<Attempt>`
    /* countAttempt */
    insert into login_failures as f (email_hash, failures) values (${emailHash}, 1)
    on conflict (email_hash) do update set
      failures = case when ${isOver(lock)} then 1 else f.failures + 1 end,
      last_failed_at = clock_timestamp(),
      locked_until = case
        when ${isOver(lock)} then null
        when f.locked_until is null and f.failures + 1 >= ${most}::integer then clock_timestamp() + ${lock}
        else f.locked_until
      end
    returning failures,
      greatest(1, ceil(extract(epoch from locked_until - clock_timestamp())))::integer as locked_seconds`.execute(db)
  return rows[0]!
}

const isOver = (lock: ReturnType<typeof sql>) =>
  sql`coalesce(f.locked_until < clock_timestamp(), f.last_failed_at < clock_timestamp() - ${lock})`

/** The password was right: what was counted is forgotten. */
export const forgetFailures = (db: Db, emailHash: Buffer) =>
  db.deleteFrom('login_failures').modifyEnd(named('forgetFailures')).where('email_hash', '=', emailHash).execute()

/** Takes back an attempt whose password was never looked at. */
export const uncountAttempt = (db: Db, emailHash: Buffer, most: number) =>
  db
    .updateTable('login_failures')
    .modifyEnd(named('uncountAttempt'))
    .set({
      failures: sql`failures - 1`,
      locked_until: sql`case when failures - 1 >= ${most}::integer then locked_until end`,
    })
    .where('email_hash', '=', emailHash)
    .where('failures', '>', 0)
    .execute()
