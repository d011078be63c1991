import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import { isWanted } from './mode.queries.ts'
import { isThere, type NotificationRow, shown } from './notification.queries.ts'
import type { ChannelName } from './preference.schemas.ts'

/** Who is told, and may be told by mail. */
export interface Recipient {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly is_verified: boolean
  readonly is_suspended: boolean
}

const recipient = sql`json_build_object('id', u.id, 'email', u.email, 'name', u.name, 'is_verified', u.is_verified,
  'is_suspended', u.suspended_at is not null and coalesce(u.suspended_until > now(), true))`

/** Whether an account, a column, has an address that mail may go to. */
export const hasVerifiedAddress = (userId: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql<boolean>`exists (select from users v where v.id = ${userId} and v.is_verified)`

export interface Delivery {
  readonly recipient: Recipient
  readonly notifications: readonly NotificationRow[]
}

async function deliver(db: Db, rows: RawBuilder<unknown>, userId: RawBuilder<unknown>): Promise<Delivery | undefined> {
  const { rows: found } = await sql<Delivery>`
    /* findDelivery */
    select ${recipient} as recipient, coalesce((
      select json_agg(row_to_json(s) order by s.nth) from (${shown(rows)}) s), '[]') as notifications
    from users u
    where u.id = ${userId}`.execute(db)
  return found[0]
}

/** A notification that is there, unread and wanted by a channel, for its reader; without it when it is not. */
export const findDelivery = (db: Db, id: string, userId: string, channel: ChannelName): Promise<Delivery | undefined> =>
  deliver(
    db,
    sql`(select n.* from notifications n where n.id = ${id}::uuid and n.user_id = ${userId}::uuid and n.read_at is null
      and ${isThere(sql.ref('n'))} and ${isWanted(sql.ref('n'), channel)})`,
    sql`${userId}::uuid`,
  )

/** How many a mail of the day names. */
export const namedInDigest = 20

export interface Digest extends Delivery {
  readonly total: number
}

/** What a mail of the day tells: what is unread of it, the latest of them by name. */
export async function findDigest(db: Db, userId: string, after: string, until: string): Promise<Digest | undefined> {
  const due = sql`n.user_id = ${userId}::uuid and n.position > ${after}::bigint and n.position <= ${until}::bigint
    and n.mail = 'daily' and n.read_at is null and ${isThere(sql.ref('n'))} and ${isWanted(sql.ref('n'), 'email')}`
  const rows = sql`(select n.* from notifications n where ${due} order by n.position desc limit ${namedInDigest})`
  const [delivery, { rows: counted }] = await Promise.all([
    deliver(db, rows, sql`${userId}::uuid`),
    sql<{
      total: number
    }>`/* countDigest */ select count(*)::integer as total from notifications n where ${due}`.execute(db),
  ])
  return delivery && { ...delivery, total: counted[0]!.total }
}

export interface DueDigest {
  readonly user_id: string
  /** Whether there is an address that it may go to, of somebody who is not suspended. */
  readonly is_reachable: boolean
  readonly day: string
  readonly after: string
  readonly until: string
}

/**
 * Takes mails of the day that are due, and says that this was the one of the day: whoever asks next gets others. The day
 * is that of the place where the account lives.
 */
export async function takeDueDigests(db: Db, fallbackZone: string, most: number): Promise<DueDigest[]> {
  const { rows } = await sql<DueDigest>`
    /* takeDueDigests */
    with due as materialized (
      select c.user_id, coalesce(s.time_zone, ${fallbackZone}) as zone
      from notification_counters c
      left join notification_settings s using (user_id)
      where c.digest_due_at <= now()
      order by c.digest_due_at, c.user_id
      limit ${most}
      for no key update of c skip locked
    )
    update notification_counters c
    set digest_due_at = null, digested_position = c.last_position, digested_on = (now() at time zone due.zone)::date
    from due
    where c.user_id = due.user_id
    returning c.user_id, ${hasVerifiedAddress(sql.ref('c.user_id'))} and sees_user(null, c.user_id) as is_reachable,
      new.digested_on::text as day, old.digested_position::text as after, new.digested_position::text as until`.execute(
    db,
  )
  return rows
}
