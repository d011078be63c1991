import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'
import type { Kept } from './stale.queries.ts'

type Status = 'pending' | 'approved'

/**
 * Some of what was told of a review that is to be held, or is held and no longer to be, while the review stands as given:
 * it does until the transaction ends, so that of two jobs the one that knows better is the last.
 */
export async function listToSettle(db: Tx, reviewId: string, status: Status, most: number): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    /* listHeldToSettle */
    with review as materialized (
      select r.id from reviews r
      where r.id = ${reviewId}::uuid and r.moderation_status = ${status}::moderation_status for share
    )
    select n.id, n.user_id from notifications n
    where n.review_id = (select id from review) and n.type in ('followed_user_review', 'review_helpful')
      and n.is_held = ${status === 'approved'}
    limit ${most}`.execute(db)
  return rows
}

/**
 * Some reviews of which something is held though no moderator is to decide. Steps from review to review by the index of
 * what is held, however much of each is.
 */
export async function listHeldWithoutReason(db: Db, most: number): Promise<string[]> {
  const { rows } = await sql<{ review_id: string }>`
    /* listHeldWithoutReason */
    with recursive held as (
      (select n.review_id from notifications n where n.is_held and n.review_id is not null order by n.review_id limit 1)
      union all
      select (
        select n.review_id from notifications n where n.is_held and n.review_id > h.review_id order by n.review_id limit 1)
      from held h
      where h.review_id is not null
    )
    select h.review_id from held h
    where h.review_id is not null
      and not exists (select from reviews r where r.id = h.review_id and r.moderation_status = 'pending')
    limit ${most}`.execute(db)
  return rows.map(({ review_id }) => review_id)
}

/** Some of what is held of a review that is gone, rejected, or nobody's. */
export async function listHeldOfGone(db: Db, reviewId: string, most: number): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    /* listHeldOfGone */
    select n.id, n.user_id from notifications n
    where n.review_id = ${reviewId}::uuid and n.is_held
      and not exists (
        select from reviews r
        where r.id = n.review_id
          and (r.moderation_status = 'pending' or r.moderation_status = 'approved' and r.user_id is not null))
    limit ${most}`.execute(db)
  return rows
}

/** Waits for the batch in which a review is being told, if one is. */
export const awaitBatch = (db: Tx, reviewId: string) =>
  sql`/* awaitBatch */
    select from notification_fan_outs f where f.kind = 'review' and f.subject_id = ${reviewId}::uuid for update`.execute(
    db,
  )

const settle = async (db: Tx, ids: readonly string[], hold: boolean): Promise<string[]> => {
  const { rows } = await sql<{ user_id: string }>`
    /* settleHeld */
    with settled as (
      update notifications n set is_held = ${hold}::boolean
      where n.id = any (${ids}::uuid[]) and n.is_held <> ${hold}::boolean
      returning n.user_id, n.in_app and n.read_at is null as counted
    ), recounted as (
      update notification_counters c set unread_count = c.unread_count + case when ${hold}::boolean then -s.unread else s.unread end
      from (select user_id, count(*)::integer as unread from settled where counted group by user_id) s
      where c.user_id = s.user_id
    )
    select distinct user_id from settled`.execute(db)
  return rows.map(({ user_id }) => user_id)
}

/** Takes notifications out of the counts of accounts whose counters are held, until they are released. @returns whose */
export const holdNotifications = (db: Tx, ids: readonly string[]): Promise<string[]> => settle(db, ids, true)

/** Has them count again. @returns whose they are */
export const releaseNotifications = (db: Tx, ids: readonly string[]): Promise<string[]> => settle(db, ids, false)
