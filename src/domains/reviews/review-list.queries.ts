import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import { isUuid } from '../../lib/schemas.ts'
import type { Review } from './review.schemas.ts'
import type { ReviewSort } from './review-list.schemas.ts'

/** What narrows a list of reviews; an absent field narrows nothing. */
export interface ReviewFilters {
  /** By id, or by the type and name of a path. */
  readonly title?: { readonly type: 'movie' | 'series'; readonly name: string } | { readonly id: string }
  readonly user_id?: string
  readonly rating_min?: number
  readonly rating_max?: number
  readonly language?: string
  readonly no_spoilers?: true
  readonly tag?: string
  readonly critic_only?: true
}

type Condition = RawBuilder<SqlBool>

const isTitle = (title: NonNullable<ReviewFilters['title']>): Condition => {
  if ('id' in title) return sql`r.movie_id = ${title.id}::uuid`
  const isNamed = isUuid(title.name) ? sql`m.id = ${title.name}::uuid` : sql`m.slug = ${title.name}`
  return sql`r.movie_id = (select m.id from movies m where m.type = ${title.type}::content_type and ${isNamed})`
}

function conditionsOf(filters: ReviewFilters): Condition[] {
  const { title, user_id, rating_min, rating_max, language, tag } = filters
  const conditions: Condition[] = []
  if (title !== undefined) conditions.push(isTitle(title))
  if (user_id !== undefined) conditions.push(sql`r.user_id = ${user_id}::uuid`)
  if (rating_min !== undefined) conditions.push(sql`r.lemon_pie_rating >= ${rating_min}`)
  if (rating_max !== undefined) conditions.push(sql`r.lemon_pie_rating <= ${rating_max}`)
  if (language !== undefined) conditions.push(sql`r.review_language = ${language}`)
  if (filters.no_spoilers) conditions.push(sql`not r.spoiler_warning`)
  if (filters.critic_only) conditions.push(sql`r.as_critic`)
  if (tag !== undefined) {
    conditions.push(sql`exists (select from review_tags t where t.review_id = r.id and t.tag = ${tag})`)
  }
  return conditions
}

const approved = sql<SqlBool>`r.moderation_status = 'approved'`

/** Of two accounts of which one has blocked the other, neither sees what the other writes. */
const notBlocked = (viewer: string | null): Condition[] =>
  viewer === null ? [] : [sql`not is_blocked(${viewer}::uuid, r.user_id)`]
const ownOther = (viewer: string) => sql<SqlBool>`r.user_id = ${viewer}::uuid and r.moderation_status <> 'approved'`

const sortKeys: Readonly<Record<ReviewSort, { key: RawBuilder<unknown>; type: string; order: 'asc' | 'desc' }>> = {
  newest: { key: sql`r.created_at`, type: 'timestamptz', order: 'desc' },
  oldest: { key: sql`r.created_at`, type: 'timestamptz', order: 'asc' },
  highest: { key: sql`r.lemon_pie_rating`, type: 'smallint', order: 'desc' },
  lowest: { key: sql`r.lemon_pie_rating`, type: 'smallint', order: 'asc' },
  most_helpful: { key: sql`r.helpful_score`, type: 'double precision', order: 'desc' },
}

export interface ReviewListOptions {
  readonly filters: ReviewFilters
  readonly sort: ReviewSort
  readonly viewer: string | null
  readonly reveal: boolean
  /** How many rows; ask for one more than a page has. */
  readonly rows: number
  /** The sort key and the id of the row to go on after. */
  readonly after?: readonly [key: string | number, id: string]
  /** Whose address it is: where the viewer does not see the account, there is nothing. */
  readonly account?: string
}

export type ListedReview = Review & { readonly sort_key: string | number }

/**
 * Reviews in order, from a position on: approved ones, and those of the caller that are not. The two are ordered apart,
 * each by its index, since no index serves "approved or mine"; what is shown is fetched for the page alone.
 */
export async function listReviews(db: Db, options: ReviewListOptions): Promise<ListedReview[]> {
  const { filters, sort, viewer, reveal, rows, after, account } = options
  const { key, type, order } = sortKeys[sort]
  const direction = sql.raw(order)
  const conditions = [
    ...conditionsOf(filters),
    ...notBlocked(viewer),
    ...(account === undefined ? [] : [sql<SqlBool>`sees_user(${viewer}::uuid, ${account}::uuid)`]),
    ...(after
      ? [sql`(${key}, r.id) ${sql.raw(order === 'asc' ? '>' : '<')} (${after[0]}::${sql.raw(type)}, ${after[1]}::uuid)`]
      : []),
  ]
  const ordered = (visible: Condition) => sql`(
    select r.id, ${key} as sort_key
    from reviews r
    where ${sql.join([visible, ...conditions], sql` and `)}
    order by ${key} ${direction}, r.id ${direction}
    limit ${rows})`
  const result = await sql<ListedReview>`
    /* listReviews */
    select seen.*, page.sort_key
    from (
      select seen_by.id, seen_by.sort_key
      from (${sql.join([ordered(approved), ...(viewer === null ? [] : [ordered(ownOther(viewer))])], sql` union all `)}) seen_by
      order by seen_by.sort_key ${direction}, seen_by.id ${direction}
      limit ${rows}
    ) page
    join reviews_as_seen(${viewer}::uuid, ${reveal}::boolean) seen on seen.id = page.id
    order by page.sort_key ${direction}, page.id ${direction}`.execute(db)
  return result.rows
}

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
      join reviews r on r.id = t.review_id and r.moderation_status = 'approved'
      where ${sql.join([sql`t.trending_window = ${window}::trending_window`, ...notBlocked(viewer)], sql` and `)}
      order by t.score desc, t.review_id desc
      limit ${limit}
    ) hot
    join reviews_as_seen(${viewer}::uuid, ${reveal}::boolean) seen on seen.id = hot.review_id
    order by hot.score desc, hot.review_id desc`.execute(db)
  return rows
}
