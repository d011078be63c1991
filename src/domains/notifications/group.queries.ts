import { sql } from 'kysely'
import type { Tx } from '../../infra/db.ts'
import { modesOf } from './mode.queries.ts'
import { type Carried, channelsOf, digestDue, type Made } from './write.queries.ts'

/** The types that are grouped, with what must hold for somebody to be in the group. */
export type GroupedType = 'new_follower' | 'review_helpful'

export interface Act {
  readonly type: GroupedType
  /** Who is told. */
  readonly user_id: string
  readonly actor_id: string
  readonly review_id: string | null
}

export interface ActState {
  /** Whether they follow, or find it helpful, at this moment, in the sight of who is told. */
  readonly holds: boolean
  /** The group that they are in already, whether it was read or not. */
  readonly known: { readonly id: string; readonly is_withdrawn: boolean; readonly revision: number } | null
  /** Whether a group that they were in for it is deleted. */
  readonly is_remembered: boolean
  /** Which text it is about; 0 for none. */
  readonly revision: number
  /** How its review stands; null for what is about none. */
  readonly status: 'pending' | 'approved' | 'rejected' | null
  /**
   * The group that can grow: one that is on the list, while the type is wanted there; else one of today, since nobody
   * marks as read what is not on the list.
   */
  readonly open: string | null
}

/** How things stand with an act, whatever the event said. The counter of who is told is held. */
export async function getActState(db: Tx, { type, user_id, actor_id, review_id }: Act): Promise<ActState> {
  const fact =
    type === 'new_follower'
      ? sql`exists (select from follows f where f.follower_id = ${actor_id}::uuid and f.followee_id = ${user_id}::uuid)`
      : sql`exists (
          select from review_votes v join reviews r on r.id = v.review_id
          where v.review_id = ${review_id}::uuid and v.user_id = ${actor_id}::uuid and v.vote_type = 'helpful'
            and v.revision = r.revision and r.user_id = ${user_id}::uuid)`
  const group = sql`n.user_id = ${user_id}::uuid and n.type = ${type}::notification_type
    and n.type in ('new_follower', 'review_helpful') and n.review_id is not distinct from ${review_id}::uuid`
  const { rows } = await sql<ActState>`
    /* getActState */
    select ${fact} and sees_user(${user_id}::uuid, ${actor_id}::uuid) as holds, present.revision, present.status,
      exists (
        select from notification_acts_told t
        where t.user_id = ${user_id}::uuid and t.type = ${type}::notification_type
          and t.review_id is not distinct from ${review_id}::uuid and t.actor_id = ${actor_id}::uuid
          and t.revision >= present.revision) as is_remembered,
      (
        select json_build_object('id', n.id, 'is_withdrawn', a.is_withdrawn, 'revision', a.revision)
        from notifications n
        join notification_actors a on a.notification_id = n.id and a.actor_id = ${actor_id}::uuid
        where ${group}
        order by a.revision desc, n.position desc
        limit 1
      ) as known,
      (
        select n.id from notifications n
        where ${group} and n.read_at is null
          and n.in_app = (${modesOf(type, sql`${user_id}::uuid`)} ->> 'in_app' = 'on')
          and (n.in_app or n.created_at > now() - interval '1 day')
        order by n.position desc
        limit 1
      ) as open
    from (
      select coalesce(max(r.revision), 0) as revision, max(r.moderation_status) as status from reviews r
      where r.id = ${review_id}::uuid
    ) present`.execute(db)
  return rows[0]!
}

/** Puts somebody into a group; who is in it for a former text stays, for the present one. @returns whether they are new in it */
async function upsertActor(db: Tx, id: string, actorId: string, revision: number): Promise<boolean> {
  const { rows } = await sql<{ is_new: boolean }>`
    /* addNotificationActor */
    insert into notification_actors (notification_id, actor_id, revision)
    values (${id}::uuid, ${actorId}::uuid, ${revision})
    on conflict (notification_id, actor_id) do update
    set revision = excluded.revision, acted_at = excluded.acted_at, is_withdrawn = false
    returning coalesce(old.is_withdrawn, true) as is_new`.execute(db)
  return rows[0]!.is_new
}

/** Puts the first into a group that was just made. */
export async function beginGroup(db: Tx, id: string, actorId: string, revision: number): Promise<void> {
  await upsertActor(db, id, actorId, revision)
  await sql`/* beginGroup */ update notifications set actor_count = 1 where id = ${id}::uuid`.execute(db)
}

/**
 * Puts somebody into a group who was never in it for this. It moves to the top, and is told from then on as its owner wants it now.
 * @returns whether it is on the list, and by which channels it is to be carried where it is not
 */
export async function growGroup(
  db: Tx,
  { type, user_id, actor_id }: Act,
  id: string,
  revision: number,
  carried: readonly Carried[],
): Promise<Made & { readonly in_app: boolean }> {
  const isNew = await upsertActor(db, id, actor_id, revision)
  const { rows } = await sql<Made & { readonly in_app: boolean }>`
    /* growGroup */
    with wanted as materialized (
      select w.user_id, w.modes, nullif(w.modes ->> 'email', 'off') as mail
      from (select ${user_id}::uuid as user_id, ${modesOf(type, sql`${user_id}::uuid`)} as modes) w
    ), counted as (
      update notification_counters c
      set last_position = c.last_position + 1,
        digest_due_at = case when w.mail = 'daily' and c.digest_due_at is null
          then ${digestDue(sql.ref('c.user_id'), sql.ref('c.digested_on'))} else c.digest_due_at end
      from wanted w
      where c.user_id = w.user_id
      returning c.user_id, c.last_position
    )
    update notifications n
    set position = c.last_position, actor_count = n.actor_count + ${isNew}::boolean::integer, updated_at = now(),
      live = w.modes ->> 'realtime' = 'on', mail = w.mail
    from counted c
    join wanted w using (user_id)
    where n.id = ${id}::uuid
    returning n.id, n.user_id, n.in_app, ${channelsOf(carried, sql.ref('n.user_id'), sql.ref('w.modes'))} as channels`.execute(
    db,
  )
  return rows[0]!
}

/** Lets somebody back into the group that they were in. It stays where it is, read or not. */
export async function restoreActor(db: Tx, id: string, actorId: string): Promise<void> {
  await sql`
    /* restoreNotificationActor */
    with restored as (
      update notification_actors a set is_withdrawn = false
      where a.notification_id = ${id}::uuid and a.actor_id = ${actorId}::uuid and a.is_withdrawn
      returning a.notification_id
    )
    update notifications n set actor_count = n.actor_count + 1 from restored r where n.id = r.notification_id`.execute(
    db,
  )
}

/**
 * Takes somebody out of groups whose owners' counters are held. A group that nobody is left in is not shown, and counts as
 * read. @returns whose groups they were
 */
export async function withdrawActor(db: Tx, actorId: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ user_id: string }>`
    /* withdrawNotificationActor */
    with gone as (
      update notification_actors a set is_withdrawn = true
      where a.actor_id = ${actorId}::uuid and a.notification_id = any (${ids}::uuid[]) and not a.is_withdrawn
      returning a.notification_id
    ), shrunk as (
      update notifications n
      set actor_count = n.actor_count - 1, read_at = case when n.actor_count = 1 then coalesce(n.read_at, now()) else n.read_at end
      from gone g
      where n.id = g.notification_id
      returning n.user_id, n.in_app and not n.is_held and old.read_at is null and new.read_at is not null as closed
    ), left_over as (
      update notification_counters c set unread_count = c.unread_count - s.closed
      from (select user_id, count(*)::integer as closed from shrunk where closed group by user_id) s
      where c.user_id = s.user_id
    )
    select distinct user_id from shrunk`.execute(db)
  return rows.map(({ user_id }) => user_id)
}
