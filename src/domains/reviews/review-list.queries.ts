import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import type { Review } from './review.schemas.ts'
import {
  approved,
  type Condition,
  conditionsOf,
  notBlocked,
  ownOther,
  type ReviewFilters,
} from './review-walk.queries.ts'

const count = async (db: Db, conditions: readonly Condition[]): Promise<number> => {
  const { rows } = await sql<{ total: number }>`
    /* countReviews */
    select count(*) as total from reviews r where ${sql.join([...conditions], sql` and `)}`.execute(db)
  return rows[0]!.total
}

/** How many approved reviews there are; for a viewer, without those that a block hides. */
export const countApproved = (db: Db, filters: ReviewFilters, viewer: string | null = null) =>
  count(db, [approved, ...conditionsOf(filters), ...notBlocked(viewer)])

/** How many more the caller sees. */
export const countOwnOthers = (db: Db, filters: ReviewFilters, viewer: string) =>
  count(db, [ownOther(viewer), ...conditionsOf(filters)])

/** How many approved reviews a block hides from a viewer: one look into the index for each account that it is with. */
export async function countHidden(db: Db, filters: ReviewFilters, viewer: string): Promise<number> {
  const conditions = [sql`r.user_id = other.id`, approved, ...conditionsOf(filters)]
  const { rows } = await sql<{ total: number }>`
    /* countHiddenReviews */
    select coalesce(sum(hidden.total), 0)::bigint as total
    from (
      select b.blocked_id as id from blocks b where b.blocker_id = ${viewer}::uuid
      union select b.blocker_id from blocks b where b.blocked_id = ${viewer}::uuid
    ) other
    cross join lateral (
      select count(*) as total from reviews r where ${sql.join(conditions, sql` and `)}
    ) hidden`.execute(db)
  return rows[0]!.total
}

/** Whether an account is there for a viewer. */
export async function seesAccount(db: Db, id: string, viewer: string | null): Promise<boolean> {
  const { rows } = await sql<{ seen: boolean }>`
    /* seesAccount */
    select sees_user(${viewer}::uuid, ${id}::uuid) as seen`.execute(db)
  return rows[0]!.seen
}

export async function listTrendingReviews(
  db: Db,
  { window, limit, viewer, reveal }: { window: string; limit: number; viewer: string | null; reveal: boolean },
): Promise<Review[]> {
  const { rows } = await sql<Review>`
    /* listTrendingReviews */
    select seen.*
    from (
      select t.review_id, t.score
      from review_trending t
      join reviews r on r.id = t.review_id and r.moderation_status = 'approved' and r.exclusion is null
      where ${sql.join([sql`t.trending_window = ${window}::trending_window`, ...notBlocked(viewer)], sql` and `)}
      order by t.score desc, t.review_id desc
      limit ${limit}
    ) hot
    join reviews_as_seen(${viewer}::uuid, ${reveal}::boolean) seen on seen.id = hot.review_id
    order by hot.score desc, hot.review_id desc`.execute(db)
  return rows
}
