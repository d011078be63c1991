import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'
import { isThere } from './notification.queries.ts'
import type { Kept } from './stale.queries.ts'

/** For how many days what was read is kept, and anything; and how many notifications an account has at most. */
export const keeping = { readDays: 90, days: 365, most: 1_000 } as const

/** Some that were read long ago. */
export async function listReadLongAgo(db: Db, most: number): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    /* listReadLongAgo */
    select n.id, n.user_id from notifications n
    where n.read_at < now() - make_interval(days => ${keeping.readDays})
    order by n.read_at
    limit ${most}`.execute(db)
  return rows
}

/** Some that are old. Ids are in the order of their making; a group that has grown since then is younger than its id. */
export async function listOld(db: Db, after: string, most: number): Promise<(Kept & { readonly is_old: boolean })[]> {
  const { rows } = await sql<Kept & { readonly is_old: boolean }>`
    /* listOldNotifications */
    select n.id, n.user_id, n.updated_at < now() - make_interval(days => ${keeping.days}) as is_old
    from notifications n
    where n.id > ${after}::uuid and n.id < (select uuidv7(make_interval(days => ${-keeping.days}::integer)))
    order by n.id
    limit ${most}`.execute(db)
  return rows
}

/** Accounts after one in the order of their ids, with the last position that they may keep where they have too many. */
export async function listOwnersAfter(
  db: Db,
  after: string,
  most: number,
): Promise<{ readonly user_id: string; readonly last_kept: string | null }[]> {
  const { rows } = await sql<{ user_id: string; last_kept: string | null }>`
    /* listNotificationOwners */
    select c.user_id, case when c.last_position > ${keeping.most} then (
      select n.position::text from notifications n where n.user_id = c.user_id
      order by n.position desc offset ${keeping.most - 1} limit 1) end as last_kept
    from notification_counters c
    where c.user_id > ${after}::uuid
    order by c.user_id
    limit ${most}`.execute(db)
  return rows
}

/** Some of an account's before a position. */
export async function listBefore(db: Db, userId: string, position: string, most: number): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    /* listNotificationsBefore */
    select n.id, n.user_id from notifications n
    where n.user_id = ${userId}::uuid and n.position < ${position}::bigint
    order by n.position
    limit ${most}`.execute(db)
  return rows
}

/** Counts what is unread of accounts whose counters are held. @returns how many were wrong */
export async function recountUnread(db: Tx, userIds: readonly string[]): Promise<number> {
  const { numAffectedRows = 0n } = await sql`/* recountUnread */
    update notification_counters c set unread_count = n.unread
    from (
      select u.user_id, (
        select count(*) from notifications n where n.user_id = u.user_id and n.in_app and n.read_at is null and not n.is_held)::integer as unread
      from unnest(${userIds}::uuid[]) u (user_id)
    ) n
    where c.user_id = n.user_id and c.unread_count <> n.unread`.execute(db)
  return Number(numAffectedRows)
}

/** Some of what accounts have unread that is not there any more, whatever the jobs that should have taken it away did. */
export async function listGone(db: Db, userIds: readonly string[], most: number): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    /* listNotificationsGone */
    select n.id, n.user_id from notifications n
    where n.user_id = any (${userIds}::uuid[]) and n.read_at is null and not ${isThere(sql.ref('n'))}
      -- What waits for a moderator may come back.
      and not exists (select from reviews r where r.id = n.review_id and r.moderation_status = 'pending')
    limit ${most}`.execute(db)
  return rows
}
