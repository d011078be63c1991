import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import { type PlannedRows, plannedRows } from '../../lib/page-size.ts'
import { type NotificationType, type NotificationView, namedOfGroup } from './notification.schemas.ts'

/** A notification without its sentence, and its position once more, as a number to sort by. */
export type NotificationRow = Omit<NotificationView, 'message'> & { readonly nth: number }

/**
 * Whether what a notification tells of is there for its reader at this moment. Jobs take away what is not, a little later.
 * @param n the notification
 */
export const isThere = (n: RawBuilder<unknown>) => {
  const anybodyInIt = sql`${n}.actor_count > 0 and exists (
      select from notification_actors a
      where a.notification_id = ${n}.id and not a.is_withdrawn and sees_user(${n}.user_id, a.actor_id))`
  return sql`
  case ${n}.type
    when 'followed_user_review' then exists (
      select from reviews r
      where r.id = ${n}.review_id and r.user_id = ${n}.actor_id and r.moderation_status = 'approved'
        and sees_user(${n}.user_id, r.user_id))
    when 'review_helpful' then ${anybodyInIt} and exists (
      select from reviews r where r.id = ${n}.review_id and r.moderation_status = 'approved')
    when 'new_follower' then ${anybodyInIt}
    when 'watchlist_release' then exists (
      select from movies m where m.id = ${n}.movie_id
        and release_day(m.release_date, m.release_precision) <= (now() at time zone 'Africa/Lagos')::date)
    when 'system' then ${n}.announcement_id is null or exists (
      select from announcements a where a.id = ${n}.announcement_id and a.called_off_at is null)
    else true
  end`
}

/** Rows of `notifications` as their reader may see them: names, titles and reviews are those of this moment. */
export const shown = (rows: RawBuilder<unknown>) => sql`
  select n.id, n.position::text as position, n.type, coalesce(acting.actors, '[]') as actors,
    case when n.type = 'followed_user_review' then 1 else n.actor_count end as actor_count,
    about.movie, review.review,
    n.data ->> 'decision' as decision, n.data ->> 'resolution' as resolution, n.data ->> 'report_id' as report_id,
    n.data ->> 'role' as role, n.data ->> 'former_role' as former_role, n.data ->> 'notice' as notice,
    announced.title, announced.body, coalesce(n.data ->> 'reason', report.resolution_note) as reason,
    n.data ->> 'until' as until, n.read_at, n.created_at, n.updated_at, n.position as nth
  from ${rows} n
  left join announcements announced on announced.id = n.announcement_id
  left join reports report on report.id = (n.data ->> 'report_id')::uuid
  left join lateral (
    select row_to_json(seen) as review, seen.movie_id
    from reviews_as_seen(n.user_id, false) seen
    where seen.id = n.review_id
  ) review on n.review_id is not null
  left join lateral (
    select row_to_json(m) as movie
    from (
      select ms.*, v.viewer
      from movie_summaries ms
      cross join lateral title_viewer(n.user_id, ms.id) v (viewer)
      where ms.id = coalesce(n.movie_id, review.movie_id)
    ) m
  ) about on true
  left join lateral (
    select json_agg(row_to_json(u) order by who.acted_at desc, who.actor_id) as actors
    from (
      (select n.actor_id, n.updated_at as acted_at where n.actor_id is not null)
      union all (
        select a.actor_id, a.acted_at from notification_actors a
        where a.notification_id = n.id and not a.is_withdrawn and sees_user(n.user_id, a.actor_id)
        order by a.acted_at desc, a.actor_id
        limit ${sql.lit(namedOfGroup)}
      )
    ) who
    join user_summaries u on u.id = who.actor_id
  ) acting on true`

export interface ListOptions {
  readonly userId: string
  readonly types: readonly NotificationType[]
  readonly unread: boolean
  /** The position to go on below. */
  readonly below: string
  /** How many rows; ask for one more than a page has. */
  readonly rows: number
}

/** A row of a list; its fields are null where there is only the count to tell. */
type ListedRow = { readonly unread_count: number } & NotificationRow

/**
 * What somebody was told, the latest first, with how many they have not read. Answers one row without a notification when
 * the list is empty. To be compiled once for each size.
 */
export function listNotifications(db: Db, size: PlannedRows, asked: ListOptions) {
  const page = sql`(
    select n.* from notifications n
    where n.user_id = ${asked.userId}::uuid and n.position < ${asked.below}::bigint and n.in_app
      and n.type = any (${asked.types}::notification_type[]) and (n.read_at is null or not ${asked.unread}::boolean)
      and ${isThere(sql.ref('n'))}
    order by n.position desc
    limit ${sql.lit(plannedRows[size])}
  )`
  return sql<ListedRow>`
    select counted.unread_count, shown.*
    from (
      select coalesce((select c.unread_count from notification_counters c where c.user_id = ${asked.userId}::uuid), 0) as unread_count
    ) counted
    left join lateral (${shown(page)}) shown on true
    order by shown.nth desc
    limit ${asked.rows}`.compile(db)
}

/** What open connections are told: what came after a position, in order. */
export async function listNotificationsAfter(
  db: Db,
  asked: { readonly userId: string; readonly after: string; readonly rows: number },
): Promise<NotificationRow[]> {
  const { rows } = await sql<NotificationRow>`
    /* listNotificationsAfter */
    select shown.* from (${shown(sql`(
      select n.* from notifications n
      where n.user_id = ${asked.userId}::uuid and n.position > ${asked.after}::bigint and n.live and ${isThere(sql.ref('n'))}
      order by n.position
      limit ${asked.rows}
    )`)}) shown
    order by shown.nth`.execute(db)
  return rows
}

export interface LiveState {
  readonly last_position: string
  readonly unread_count: number
}

/** Where an account's list stands. */
export async function getLiveState(db: Db, userId: string): Promise<LiveState> {
  const { rows } = await sql<LiveState>`
    /* getLiveState */
    select coalesce(max(c.last_position), 0)::text as last_position, coalesce(max(c.unread_count), 0) as unread_count
    from notification_counters c
    where c.user_id = ${userId}::uuid`.execute(db)
  return rows[0]!
}
