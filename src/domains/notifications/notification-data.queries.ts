import { sql } from 'kysely'
import { type Db, named } from '../../infra/db.ts'

/** A row of an export, in the order of `nth`. */
export interface Exported {
  readonly nth: string
}

/** What somebody was told, the oldest first. */
export async function exportNotifications(db: Db, userId: string, after: Exported | undefined, limit: number) {
  const { rows } = await sql<Exported>`
    /* exportNotifications */
    select n.position::text as nth, n.id, n.type, n.actor_id, n.review_id, n.movie_id, n.announcement_id, n.data, n.actor_count,
      n.in_app, n.live, n.mail, n.read_at, n.created_at, n.updated_at
    from notifications n
    where n.user_id = ${userId}::uuid and n.position > ${after?.nth ?? '0'}::bigint
    order by n.position
    limit ${limit}`.execute(db)
  return rows
}

/** How somebody wants to be told, and on which browsers: without the keys that messages to these are sealed with. */
export async function exportPreferences(db: Db, userId: string) {
  const { rows } = await sql<object>`
    /* exportNotificationPreferences */
    select s.time_zone, s.digest_hour, null as type, null as channel, null as mode from notification_settings s
    where s.user_id = ${userId}::uuid
    union all
    (select null, null, p.type::text, p.channel, p.mode from notification_preferences p
    where p.user_id = ${userId}::uuid order by p.type, p.channel)`.execute(db)
  return rows
}

export const exportSubscriptions = (db: Db, userId: string) =>
  db
    .selectFrom('push_subscriptions')
    .modifyFront(named('exportPushSubscriptions'))
    .select(['id', 'endpoint', 'created_at', 'told_at'])
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .limit(100)
    .execute()
