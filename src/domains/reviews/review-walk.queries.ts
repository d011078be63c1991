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

export type Condition = RawBuilder<SqlBool>

const isTitle = (title: NonNullable<ReviewFilters['title']>): Condition => {
  if ('id' in title) return sql`r.movie_id = ${title.id}::uuid`
  const isNamed = isUuid(title.name) ? sql`m.id = ${title.name}::uuid` : sql`m.slug = ${title.name}`
  return sql`r.movie_id = (select m.id from movies m where m.type = ${title.type}::content_type and ${isNamed})`
}

export const approved = sql<SqlBool>`r.moderation_status = 'approved'`
export const ownOther = (viewer: string) =>
  sql<SqlBool>`r.user_id = ${viewer}::uuid and r.moderation_status <> 'approved'`

/** Of two accounts of which one has blocked the other, neither sees what the other writes. */
export const notBlocked = (viewer: string | null): Condition[] =>
  viewer === null ? [] : [sql`not is_blocked(${viewer}::uuid, r.user_id)`]

interface Conditions {
  /** An index that is in the order of the list finds what they say and nothing else. */
  readonly served: readonly Condition[]
  /** Each row that is walked past must be looked at. */
  readonly looked: readonly Condition[]
  readonly tag: string | undefined
}

/** The filters, by whether an index serves them in this order: those of migration 0058 and of the table itself. */
function conditionsFor(filters: ReviewFilters, sort: ReviewSort): Conditions {
  const { title, user_id, rating_min, rating_max, language, tag } = filters
  const conditions: { condition: Condition; isServed: boolean }[] = []
  const add = (condition: Condition, isServed: boolean) => conditions.push({ condition, isServed })
  // Those of one account are as few as one person writes: they are read and sorted.
  const ofAccount = user_id !== undefined
  const isIndexed = title === undefined || sort === 'newest' || sort === 'oldest'
  if (title !== undefined) add(isTitle(title), true)
  if (ofAccount) add(sql`r.user_id = ${user_id}::uuid`, true)
  const isRange = ofAccount || sort === 'highest' || sort === 'lowest'
  if (rating_min !== undefined) add(sql`r.lemon_pie_rating >= ${rating_min}`, isRange)
  if (rating_max !== undefined) add(sql`r.lemon_pie_rating <= ${rating_max}`, isRange)
  if (filters.no_spoilers) add(sql`not r.spoiler_warning`, ofAccount)
  if (filters.critic_only) add(sql`r.as_critic`, ofAccount || isIndexed)
  if (language !== undefined) {
    // A literal of the closed list, so that whatever the plan it is known not to be English.
    const isLanguage = sql<SqlBool>`r.review_language = ${sql.lit(language)}`
    add(isLanguage, ofAccount || (isIndexed && language !== 'en' && !filters.critic_only))
  }
  if (tag !== undefined && ofAccount) add(hasTag(tag), true)
  const which = (served: boolean) =>
    conditions.flatMap(({ condition, isServed }) => (isServed === served ? [condition] : []))
  return { served: which(true), looked: which(false), tag: ofAccount ? undefined : tag }
}

const hasTag = (tag: string): Condition =>
  sql`exists (select from review_tags t where t.review_id = r.id and t.tag = ${tag})`

/** All filters, in no order. */
export function conditionsOf(filters: ReviewFilters): Condition[] {
  const { served, looked, tag } = conditionsFor(filters, 'newest')
  return [...served, ...looked, ...(tag === undefined ? [] : [hasTag(tag)])]
}

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

/** Rows of an order that one page walks past, looking for what filters let through that no index serves; some milliseconds. */
export const mostWalked = 2_000

const all = (conditions: readonly Condition[]) => sql.join([...conditions], sql` and `)

/** The parts of a list: what it is ordered by, and rows of it in that order. */
function ordering({ sort, after, account, viewer }: ReviewListOptions) {
  const { key, type, order } = sortKeys[sort]
  const direction = sql.raw(order)
  const beyond = sql.raw(order === 'asc' ? '>' : '<')
  const position = (alias: string) =>
    sql`${sql.ref(`${alias}.sort_key`)} ${direction}, ${sql.ref(`${alias}.id`)} ${direction}`
  const start: Condition[] = [
    ...(account === undefined ? [] : [sql<SqlBool>`sees_user(${viewer}::uuid, ${account}::uuid)`]),
    ...(after ? [sql<SqlBool>`(${key}, r.id) ${beyond} (${after[0]}::${sql.raw(type)}, ${after[1]}::uuid)`] : []),
  ]
  const by = sql`order by ${key} ${direction}, r.id ${direction}`
  const ordered = (conditions: readonly Condition[], rows: number) => sql`(
    select r.id, ${key} as sort_key from reviews r where ${all([...conditions, ...start])} ${by} limit ${rows})`
  return { key, by, beyond, position, start, ordered }
}

/** The rows that everybody sees, `found`, and where the walk for them ended before it had found enough. */
function walk(options: ReviewListOptions, { served, looked, tag }: Conditions) {
  const { rows, viewer } = options
  const { key, by, position, start, ordered } = ordering(options)
  const lookedAt = [...looked, ...notBlocked(viewer)]
  const isRare = sql<SqlBool>`(select count(*) <= ${mostWalked} from tagged)`
  const walked = [approved, ...served, ...start, ...(tag === undefined ? [] : [sql<SqlBool>`not ${isRare}`])]
  const columns = sql`r.id, r.movie_id, r.user_id, r.lemon_pie_rating, r.review_language, r.spoiler_warning, r.as_critic`
  const byWalk = sql`(
    select r.id, r.sort_key
    from (select ${columns}, ${key} as sort_key from reviews r where ${all(walked)} ${by} limit ${mostWalked}) r
    where ${all([...lookedAt, ...(tag === undefined ? [] : [hasTag(tag)])])}
    order by ${position('r')}
    limit ${rows})`
  const tagged = sql`tagged as materialized (
    select t.review_id from review_tags t where t.tag = ${tag ?? ''} order by t.review_id limit ${mostWalked + 1}),`
  // Of a tag that few reviews have, those are read and sorted.
  const byTag = ordered(
    [isRare, sql`r.id = any (array(select t.review_id from tagged t))`, approved, ...served, ...lookedAt],
    rows,
  )
  return sql`
    ${tag === undefined ? sql`` : tagged}
    found as materialized (
      select f.id, f.sort_key from (${tag === undefined ? byWalk : sql`${byTag} union all ${byWalk}`}) f
      order by ${position('f')} limit ${rows}),
    walk_end as materialized (
      select e.id, e.sort_key
      from (select count(*) as n from found) f
      cross join lateral (
        select r.id, ${key} as sort_key from reviews r where ${all(walked)} ${by} offset ${mostWalked - 1} limit 1
      ) e
      where f.n < ${rows})`
}

/**
 * Reviews in order, from a position on: approved ones, and those of the caller that are not. The two are ordered apart,
 * each by its index, since no index serves "approved or mine"; what is shown is fetched for the page alone. What no index
 * serves is looked for among so many rows of the order; the row where that ended comes last then, as `is_end`.
 */
export function reviewList(options: ReviewListOptions) {
  const { filters, sort, viewer, reveal, rows } = options
  const conditions = conditionsFor(filters, sort)
  const { served, looked, tag } = conditions
  const { beyond, position, ordered } = ordering(options)
  const isWalk = looked.length > 0 || tag !== undefined
  const found = isWalk
    ? walk(options, conditions)
    : sql`found as (select * from ${ordered([approved, ...served, ...notBlocked(viewer)], rows)} f)`
  const own = viewer === null ? sql`` : sql`union all ${ordered([ownOther(viewer), ...conditionsOf(filters)], rows)}`
  const ends = isWalk
    ? {
        within: sql`where not exists (select from walk_end e where (p.sort_key, p.id) ${beyond} (e.sort_key, e.id))`,
        last: sql`union all select e.id, e.sort_key, true from walk_end e`,
      }
    : { within: sql``, last: sql`` }
  return sql<ListedReview & { readonly is_end: boolean }>`
    /* listReviews */
    with ${found}
    select seen.*, page.sort_key, page.is_end
    from (
      select p.id, p.sort_key, false as is_end
      from (
        select s.id, s.sort_key from (select f.id, f.sort_key from found f ${own}) s
        order by ${position('s')} limit ${rows}
      ) p
      ${ends.within}
      ${ends.last}
    ) page
    join reviews_as_seen(${viewer}::uuid, ${reveal}::boolean) seen on seen.id = page.id
    order by page.is_end, ${position('page')}`
}

export interface FoundReviews {
  readonly reviews: ListedReview[]
  /** Where the walk ended that did not find all that were asked for; undefined where there is no more to find. */
  readonly end: ListedReview | undefined
}

export async function listReviews(db: Db, options: ReviewListOptions): Promise<FoundReviews> {
  const { rows } = await reviewList(options).execute(db)
  const listed = rows.map(({ is_end, ...review }) => ({ is_end, review }))
  return {
    reviews: listed.flatMap(({ is_end, review }) => (is_end ? [] : [review])),
    end: listed.find(({ is_end }) => is_end)?.review,
  }
}
