import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'
import { isThere } from './notification.queries.ts'

/** A notification and whose it is. */
export interface Kept {
  readonly id: string
  readonly user_id: string
}

/** Some notifications of a review for others than the word of moderators, which its author keeps. */
export async function listOfReview(db: Db, reviewId: string, most: number): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    /* listNotificationsOfReview */
    select n.id, n.user_id from notifications n
    where n.review_id = ${reviewId}::uuid and n.type in ('followed_user_review', 'review_helpful')
    limit ${most}`.execute(db)
  return rows
}

/** Some notifications of a title that is gone. */
export async function listOfTitle(db: Db, movieId: string, most: number): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    /* listNotificationsOfTitle */
    select n.id, n.user_id from notifications n
    where n.movie_id = ${movieId}::uuid and n.type in ('followed_user_review', 'review_helpful', 'watchlist_release')
    limit ${most}`.execute(db)
  return rows
}

/** Some of what was told of an announcement. */
export async function listOfAnnouncement(db: Db, id: string, most: number): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    /* listNotificationsOfAnnouncement */
    select n.id, n.user_id from notifications n where n.announcement_id = ${id}::uuid limit ${most}`.execute(db)
  return rows
}

/** Some of what was told of a release. */
export async function listOfRelease(db: Db, movieId: string, most: number): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    /* listNotificationsOfRelease */
    select n.id, n.user_id from notifications n
    where n.movie_id = ${movieId}::uuid and n.type = 'watchlist_release'
    limit ${most}`.execute(db)
  return rows
}

/** Some notifications of reviews by an account that is out of sight at this moment; with a reader, theirs alone. */
export async function listByAuthor(db: Db, authorId: string, reader: string | null, most: number): Promise<Kept[]> {
  const own = reader === null ? sql`` : sql`and n.user_id = ${reader}::uuid`
  const { rows } = await sql<Kept>`
    /* listNotificationsByAuthor */
    select n.id, n.user_id from notifications n
    where n.actor_id = ${authorId}::uuid ${own} and not sees_user(${reader}::uuid, ${authorId}::uuid)
    limit ${most}`.execute(db)
  return rows
}

/** Some groups that an account is in that is out of sight at this moment; with an owner, theirs alone. */
export async function listGroupsOf(db: Db, actorId: string, owner: string | null, most: number): Promise<Kept[]> {
  const own = owner === null ? sql`` : sql`and n.user_id = ${owner}::uuid`
  const { rows } = await sql<Kept>`
    /* listGroupsOf */
    select n.id, n.user_id
    from notification_actors a
    join notifications n on n.id = a.notification_id
    where a.actor_id = ${actorId}::uuid and not a.is_withdrawn ${own} and not sees_user(${owner}::uuid, ${actorId}::uuid)
    limit ${most}`.execute(db)
  return rows
}

/** Forgets some of what an account that was erased has been in. It counts nowhere any more. @returns how many */
export async function deleteActor(db: Db, actorId: string, most: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`/* deleteNotificationActor */
    delete from notification_actors where actor_id = ${actorId}::uuid and notification_id in (
      select a.notification_id from notification_actors a
      where a.actor_id = ${actorId}::uuid and a.is_withdrawn
        and not exists (select from users u where u.id = ${actorId}::uuid)
      limit ${most})`.execute(db)
  return Number(numAffectedRows)
}

/** What is remembered of groups that are gone: of whom, or of what. */
export type Remembered = { readonly account: string } | { readonly review_id: string } | { readonly movie_id: string }

/** Forgets some of who was in groups that are deleted: of an account that was erased, or a review or title that is gone. */
export async function deleteToldActs(db: Db, gone: Remembered, most: number): Promise<number> {
  const of =
    'account' in gone
      ? sql`t.actor_id = ${gone.account}::uuid and not exists (select from users u where u.id = t.actor_id)
          or t.user_id = ${gone.account}::uuid and not exists (select from users u where u.id = t.user_id)`
      : 'review_id' in gone
        ? sql`t.review_id = ${gone.review_id}::uuid`
        : sql`t.movie_id = ${gone.movie_id}::uuid`
  const { numAffectedRows = 0n } = await sql`/* deleteToldActs */
    delete from notification_acts_told where ctid = any (array(
      select t.ctid from notification_acts_told t where ${of} limit ${most}))`.execute(db)
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

export interface ReviewState {
  readonly author_id: string | null
  readonly movie_id: string
  readonly is_shown: boolean
  /** Whether it waits for a moderator. */
  readonly is_waiting: boolean
  /** Whether it is news to its author's followers. */
  readonly is_recent: boolean
  readonly moderation_reason: string | null
}

/** For how many days after it was written a review is told of. */
const newsDays = 30

export async function findReviewState(db: Db, reviewId: string): Promise<ReviewState | undefined> {
  const { rows } = await sql<ReviewState>`
    /* findReviewState */
    select r.user_id as author_id, r.movie_id, r.moderation_status = 'approved' and r.user_id is not null as is_shown,
      r.moderation_status = 'pending' as is_waiting,
      r.created_at > now() - make_interval(days => ${newsDays})
        -- Who deletes a review that everybody saw, and posts another within a day, has said nothing new.
        and not exists (
          select from removed_reviews x
          where x.user_id = r.user_id and x.movie_id = r.movie_id and x.moderation_status = 'approved'
            and x.removed_at > r.created_at - interval '1 day'
        ) as is_recent,
      r.moderation_reason
    from reviews r
    where r.id = ${reviewId}::uuid`.execute(db)
  return rows[0]
}

/** Whether a report was resolved by who made it. */
export async function isOwnReport(db: Db, reportId: string): Promise<boolean> {
  const { rows } = await sql<{ is_own: boolean }>`
    /* isOwnReport */ select coalesce(p.reporter_id = p.resolved_by, false) as is_own from reports p
    where p.id = ${reportId}::uuid`.execute(db)
  return rows[0]?.is_own ?? false
}

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
