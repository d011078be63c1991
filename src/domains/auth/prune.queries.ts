import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../infra/db.ts'
import { sessionDays } from './session.queries.ts'

/** What is past its use, table by table: each statement removes at most so many rows, the oldest first. */
const statements: Readonly<Record<string, (most: number) => RawBuilder<unknown>>> = {
  // A used token that comes again betrays a thief for as long as it could have lived.
  refresh_tokens: (most) => sql`/* pruneRefreshTokens */
    delete from refresh_tokens where token_hash in (
      select token_hash from refresh_tokens
      where used_at is not null and created_at < now() - make_interval(days => ${sql.lit(sessionDays)})
      order by created_at limit ${most} for update skip locked)`,
  ended_sessions: (most) => sql`/* pruneEndedSessions */
    delete from sessions where id in (
      select id from sessions where ended_at < now() - make_interval(days => ${sql.lit(sessionDays)})
      order by ended_at limit ${most} for update skip locked)`,
  expired_sessions: (most) => sql`/* pruneExpiredSessions */
    delete from sessions where id in (
      select id from sessions where expires_at < now() order by expires_at limit ${most} for update skip locked)`,
  mail_tokens: (most) => sql`/* pruneMailTokens */
    delete from mail_tokens where token_hash in (
      select token_hash from mail_tokens where expires_at < now() - interval '1 day'
      order by expires_at limit ${most} for update skip locked)`,
  login_failures: (most) => sql`/* pruneLoginFailures */
    delete from login_failures where email_hash in (
      select email_hash from login_failures where last_failed_at < now() - interval '1 day'
      order by last_failed_at limit ${most} for update skip locked)`,
  known_devices: (most) => sql`/* pruneKnownDevices */
    delete from known_devices where (user_id, device_hash) in (
      select user_id, device_hash from known_devices where last_seen_at < now() - interval '1 year'
      order by last_seen_at limit ${most} for update skip locked)`,
}

export const prunable = Object.keys(statements)

/** @returns how many rows of a table were past their use and are gone now, at most so many */
export async function prune(db: Tx, table: string, most: number): Promise<number> {
  const { numAffectedRows = 0n } = await statements[table]!(most).execute(db)
  return Number(numAffectedRows)
}

/** Entries that are older than the log keeps them. */
export async function pruneAuditLog(db: Tx, most: number): Promise<number> {
  const { rows } = await sql<{ removed: number }>`
    /* pruneAuditLog */ select audit_log_prune(${most}::integer) as removed`.execute(db)
  return rows[0]!.removed
}
