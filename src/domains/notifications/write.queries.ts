import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../infra/db.ts'
import { modesOf } from './mode.queries.ts'
import type { NotificationType } from './notification.schemas.ts'
import { type ChannelName, defaultSettings } from './preference.schemas.ts'

/** What a notification is about. */
export interface About {
  readonly actor_id?: string
  readonly review_id?: string | null
  readonly movie_id?: string | null
  readonly announcement_id?: string
  readonly data?: object
}

/** A channel that leads elsewhere, so that somebody must carry it there. */
export interface Carried {
  readonly name: ChannelName
  /** The mode in which it tells at once. */
  readonly mode: string
  /** Whether an account, the column `user_id`, can be reached by it. */
  readonly reaches: (userId: RawBuilder<unknown>) => RawBuilder<boolean>
}

export interface Made {
  readonly id: string
  readonly user_id: string
  /** By which channels it is to be carried. */
  readonly channels: string[]
}

/**
 * Holds the counters of accounts until the transaction ends, in the order of their ids. To be called before anything else
 * of their notifications is written.
 * @returns those that there are
 */
export async function lockCounters(db: Tx, userIds: readonly string[]): Promise<string[]> {
  await sql`/* addCounters */
    insert into notification_counters (user_id)
    select u.id from users u
    where u.id = any (${userIds}::uuid[])
      and not exists (select from notification_counters c where c.user_id = u.id)
    order by u.id
    on conflict do nothing`.execute(db)
  const { rows } = await sql<{ user_id: string }>`
    /* lockCounters */
    select c.user_id from notification_counters c
    where c.user_id = any (${userIds}::uuid[])
    order by c.user_id
    for no key update`.execute(db)
  return rows.map(({ user_id }) => user_id)
}

/** When the mail of the day of an account is due next. */
export const digestDue = (userId: RawBuilder<unknown>, toldOn: RawBuilder<unknown>) => sql`(
  select next_digest(
    now(), coalesce(max(s.time_zone), ${defaultSettings.time_zone}), coalesce(max(s.digest_hour), ${defaultSettings.digest_hour}::smallint), ${toldOn})
  from notification_settings s where s.user_id = ${userId})`

/** The channels that carry something to an account, by the modes in which it wants it. */
export const channelsOf = (carried: readonly Carried[], userId: RawBuilder<unknown>, modes: RawBuilder<unknown>) => {
  const each = carried.map(
    ({ name, mode, reaches }) =>
      sql`case when ${modes} ->> ${name}::text = ${mode} and ${reaches(userId)} then ${name}::text end`,
  )
  return sql`array_remove(array[${sql.join(each)}]::text[], null)`
}

/**
 * Tells some accounts the same, each by the channels that it wants, in one statement that takes their counters in the
 * order of their ids. Whoever wants it by none gets no row; nor do accounts that are gone.
 */
export async function insertNotifications(
  db: Tx,
  type: NotificationType,
  userIds: readonly string[],
  about: About,
  carried: readonly Carried[],
): Promise<Made[]> {
  const w = sql.ref('w.user_id')
  const { rows } = await sql<Made>`
    /* insertNotifications */
    with asked as materialized (
      select u.id as user_id, ${modesOf(type, sql.ref('u.id'))} as modes
      from users u
      where u.id = any (${userIds}::uuid[])
    ), wanted as materialized (
      select w.user_id, w.modes ->> 'in_app' = 'on' as in_app, w.modes ->> 'realtime' = 'on' as live,
        nullif(w.modes ->> 'email', 'off') as mail, ${channelsOf(carried, w, sql.ref('w.modes'))} as channels
      from asked w
    ), counted as (
      insert into notification_counters as c (user_id, last_position, unread_count, digest_due_at)
      select w.user_id, 1, w.in_app::integer, case when w.mail = 'daily' then ${digestDue(w, sql`null`)} end
      from wanted w
      where w.in_app or w.live or w.mail = 'daily' or cardinality(w.channels) > 0
      order by w.user_id
      on conflict (user_id) do update
      set last_position = c.last_position + 1, unread_count = c.unread_count + excluded.unread_count,
        digest_due_at = case
          when c.digest_due_at is not null or excluded.digest_due_at is null then c.digest_due_at
          when c.digested_on is null then excluded.digest_due_at
          else ${digestDue(sql.ref('c.user_id'), sql.ref('c.digested_on'))} end
      returning c.user_id, c.last_position
    ), made as (
      insert into notifications
        (user_id, type, position, actor_id, review_id, movie_id, announcement_id, data, in_app, live, mail)
      select w.user_id, ${type}::notification_type, c.last_position, ${about.actor_id ?? null}::uuid, ${about.review_id ?? null}::uuid,
        ${about.movie_id ?? null}::uuid, ${about.announcement_id ?? null}::uuid, ${JSON.stringify(about.data ?? {})}::jsonb,
        w.in_app, w.live, w.mail
      from counted c
      join wanted w using (user_id)
      returning id, user_id
    )
    select made.id, made.user_id, wanted.channels from made join wanted using (user_id)`.execute(db)
  return rows
}

/**
 * Marks what is unread of an account, or one of it, as read. Its counter is held.
 * @returns how many were, and how many are left; undefined when the one is not there
 */
export async function markRead(
  db: Tx,
  userId: string,
  id: string | null,
): Promise<{ readonly marked: number; readonly unread_count: number } | undefined> {
  // What is held was not to be seen.
  const one = id === null ? sql`and not n.is_held` : sql`and n.id = ${id}::uuid`
  const { rows } = await sql<{ found: boolean; marked: number; unread_count: number }>`
    /* markNotificationsRead */
    with marked as (
      update notifications n set read_at = now()
      where n.user_id = ${userId}::uuid ${one} and n.read_at is null
      returning n.in_app and not n.is_held as counted
    ), counted as (
      update notification_counters c
      set unread_count = c.unread_count - (select count(*) from marked where counted)
      where c.user_id = ${userId}::uuid
      returning c.unread_count
    )
    select ${id === null ? sql`true` : sql`exists (select from notifications n where n.user_id = ${userId}::uuid ${one})`} as found,
      (select count(*)::integer from marked) as marked,
      coalesce((select unread_count from counted), 0) as unread_count`.execute(db)
  const { found, ...state } = rows[0]!
  return found ? state : undefined
}

/**
 * Deletes notifications of accounts whose counters are held. Who was in groups among them is remembered, so that doing it
 * again tells nobody twice.
 * @returns whose they were
 */
export async function deleteNotifications(db: Tx, ids: readonly string[], owner?: string): Promise<string[]> {
  const ofOwner = owner === undefined ? sql`` : sql`and n.user_id = ${owner}::uuid`
  const { rows } = await sql<{ user_id: string }>`
    /* deleteNotifications */
    with gone as (
      delete from notifications n where n.id = any (${ids}::uuid[]) ${ofOwner}
      returning n.id, n.user_id, n.type, n.review_id, n.movie_id, n.in_app and n.read_at is null and not n.is_held as counted
    ), remembered as (
      insert into notification_acts_told as t (user_id, type, actor_id, review_id, movie_id, revision)
      select g.user_id, g.type, a.actor_id, g.review_id, g.movie_id, max(a.revision)
      from gone g
      join notification_actors a on a.notification_id = g.id
      where exists (select from users u where u.id = a.actor_id)
        and (g.review_id is null or exists (select from reviews r where r.id = g.review_id))
      group by g.user_id, g.type, a.actor_id, g.review_id, g.movie_id
      order by g.user_id, g.type, g.review_id, a.actor_id
      on conflict on constraint notification_acts_told_key do update set revision = greatest(t.revision, excluded.revision)
    ), left_over as (
      update notification_counters c set unread_count = c.unread_count - g.unread
      from (select user_id, count(*)::integer as unread from gone where counted group by user_id) g
      where c.user_id = g.user_id
    )
    select distinct user_id from gone`.execute(db)
  return rows.map(({ user_id }) => user_id)
}
