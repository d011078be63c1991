import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import { type PlannedRows, plannedRows } from '../../lib/page-size.ts'
import { type Activity, type ActivityType, activityTypes, shownOfGroup } from './feed.schemas.ts'

/** Which of the statements it is: each is prepared, since planning one takes Postgres longer than running it. */
export interface FeedForm {
  /** Whether only some types are asked for. */
  readonly typed: boolean
  /** Whether it goes on after a row. */
  readonly paged: boolean
  readonly size: PlannedRows
}

export interface FeedOptions {
  readonly viewer: string
  /** How many rows; ask for one more than a page has. */
  readonly rows: number
  readonly types: readonly ActivityType[]
  /** The row to go on after. */
  readonly after_at: string
  readonly after_id: string
}

export type FeedRow = Omit<Activity, 'review'> & { readonly review_id: string | null }

/** Who follows fewer than this is served by their followees alone. */
const manyFollowees = 200

/** So many activities of everybody are looked through, at most, for those of many followees. */
const lookThrough = 3_000

const suspended = sql`select s.id from users s where s.suspended_at is not null and coalesce(s.suspended_until > now(), true)`

/** Whom somebody followed within the hour of an activity, as far as the viewer sees them. */
const followedWithin = (activity: RawBuilder<unknown>, viewer: string) => sql`
  follows g
  where g.follower_id = ${activity}.user_id and g.created_at >= ${activity}.hour and g.created_at < ${activity}.hour + interval '1 hour'
    and g.followee_id not in (${suspended}) and not is_blocked(${viewer}::uuid, g.followee_id)`

const columns = sql`a.id, a.user_id, a.type, a.review_id, a.hour, a.act_count, a.created_at`
const newest = sql`order by a.created_at desc, a.id desc`

/**
 * What the followees of an account did, newest first.
 *
 * Whoever follows many finds the page near the top of what everybody did. Where it is not there, or they follow few, each
 * followee's newest activity says who can be on the page at all: those with the newest of these, as many as it has rows.
 * To be compiled once for each form.
 */
export function listFeed(db: Db, form: FeedForm, asked: FeedOptions) {
  const { viewer } = asked
  const rows = sql.lit(plannedRows[form.size])
  const a = sql.ref('a')
  const shown = sql`(a.type <> 'followed' or exists (select from ${followedWithin(a, viewer)}))`
  const beyond = form.paged
    ? sql`and (a.created_at, a.id) < (${asked.after_at}::timestamptz, ${asked.after_id}::uuid)`
    : sql``
  const typed = form.typed ? sql`${asked.types}::activity_type[]` : null
  // One walk of an index for each type, merged: filtering a single walk would leave too few, and not know how far to go.
  // Each is ordered and bounded by itself, or they would be read whole and sorted.
  const walkOfType = (index: number) => sql`(
          select a.id, a.user_id, a.type, a.created_at from activities a
          where a.type = (${typed})[${sql.lit(index)}] ${beyond}
          ${newest}
          limit ${sql.lit(lookThrough)}
        )`
  const everybodys = typed
    ? sql`(${sql.join(
        activityTypes.slice(1).map((_, index) => walkOfType(index + 1)),
        sql` union all `,
      )})`
    : sql`activities`
  const sources = typed
    ? sql`(select f.id as user_id, t.type from followees f cross join unnest(${typed}) t (type))`
    : sql`(select f.id as user_id from followees f)`
  const ofSource = (source: RawBuilder<unknown>) =>
    typed ? sql`a.user_id = ${source}.user_id and a.type = ${source}.type` : sql`a.user_id = ${source}.user_id`
  return sql<FeedRow>`
    with followees as materialized (
      select f.followee_id as id from follows f where f.follower_id = ${viewer}::uuid and f.followee_id not in (${suspended})
    ), top as materialized (
      select ${columns}
      from (
        select a.id, a.user_id, a.type, a.created_at from ${everybodys} a
        where true ${typed ? sql`` : beyond}
        ${newest}
        limit case when (select c.following_count from user_counts c where c.user_id = ${viewer}::uuid) >= ${manyFollowees} then ${lookThrough}::integer else 0 end
      ) n
      cross join lateral (select ${columns} from activities a where a.id = n.id) a
      where (n.user_id in (select f.followee_id from follows f where f.follower_id = ${viewer}::uuid)) is true
        and n.user_id not in (${suspended}) and ${shown}
      order by n.created_at desc, n.id desc
      limit ${rows}
    ), heads as materialized (
      select s.*
      from ${sources} s
      cross join lateral (
        select a.created_at, a.id from activities a where ${ofSource(sql.ref('s'))} and ${shown} ${beyond} ${newest} limit 1
      ) a
      where (select count(*) from top) < ${rows}
      ${newest}
      limit ${rows}
    ), page as materialized (
      select * from top where (select count(*) from top) >= ${rows}
      union all (
        select ${columns}
        from heads h
        cross join lateral (
          select ${columns} from activities a where ${ofSource(sql.ref('h'))} and ${shown} ${beyond} ${newest} limit ${rows}
        ) a
        ${newest}
        limit ${rows}
      )
    )
    select a.id, a.type, a.review_id, a.created_at, row_to_json(u) as "user",
      case when a.type = 'followed' then followed.count else a.act_count end as count,
      coalesce(titles.movies, '[]') as movies, coalesce(followed.users, '[]') as users
    from (select a.* from page a ${newest} limit ${asked.rows}) a
    join user_summaries u on u.id = a.user_id
    left join lateral (
      select json_agg(shown order by l.added_at desc, l.movie_id desc) as movies
      from (
        select l.movie_id, l.added_at from list_titles l
        where a.type in ('watched', 'watchlisted', 'favourited') and l.user_id = a.user_id and not l.by_review
          and l.list = case a.type when 'watchlisted' then 'watchlist'::title_list when 'favourited' then 'favorites' else 'watched' end
          and l.added_at >= a.hour and l.added_at < a.hour + interval '1 hour'
        order by l.added_at desc, l.movie_id desc
        limit ${shownOfGroup}
      ) l
      cross join lateral (
        select ms.*, v.viewer
        from movie_summaries ms
        cross join lateral title_viewer(${viewer}::uuid, ms.id) v (viewer)
        where ms.id = l.movie_id
      ) shown
    ) titles on true
    left join lateral (
      select max(all_of_it) as count, json_agg(row_to_json(s) order by x.created_at desc, x.followee_id desc) as users
      from (
        select g.followee_id, g.created_at, count(*) over () as all_of_it
        from ${followedWithin(a, viewer)} and a.type = 'followed'
        order by g.created_at desc, g.followee_id desc
        limit ${shownOfGroup}
      ) x
      join user_summaries s on s.id = x.followee_id
    ) followed on true
    ${newest}`.compile(db)
}

export type FeedReview = NonNullable<Activity['review']> & { readonly title_viewer: object }

export interface FeedReviewOptions {
  readonly viewer: string
  readonly ids: readonly string[]
}

/**
 * The reviews of a page of the feed, as the viewer may read them. To be compiled once; the list is read by a query of its own,
 * or Postgres would look at its length, and plan each call anew.
 */
export const listFeedReviews = (db: Db, { viewer, ids }: FeedReviewOptions) =>
  sql<FeedReview>`
    select seen.*, v.viewer as title_viewer
    from reviews r
    join reviews_as_seen(${viewer}::uuid, false) seen on seen.id = r.id
    cross join lateral title_viewer(${viewer}::uuid, seen.movie_id) v (viewer)
    where r.id = any (array(select unnest(${ids}::uuid[]))) and r.moderation_status = 'approved'`.compile(db)
