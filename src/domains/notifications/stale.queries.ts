import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'

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
