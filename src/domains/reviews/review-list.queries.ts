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

/** How many approved reviews there are. */
export const countApproved = (db: Db, filters: ReviewFilters) => count(db, [approved, ...conditionsOf(filters)])

/** How many more the caller sees. */
export const countOwnOthers = (db: Db, filters: ReviewFilters, viewer: string) =>
  count(db, [ownOther(viewer), ...conditionsOf(filters)])

/** Whether there is such an account, and it and the viewer have not blocked each other. */
export async function hasAccount(db: Db, id: string, viewer: string | null): Promise<boolean> {
  const { rows } = await sql`
    /* hasAccount */
    select from users u where u.id = ${id}::uuid and not is_blocked(${viewer}::uuid, u.id)`.execute(db)
  return rows.length > 0
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
