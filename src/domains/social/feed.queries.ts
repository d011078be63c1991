import { sql } from 'kysely'
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

/** As JSON, whose moments end in `+00:00`, and with what its title is to the viewer beside it. */
export type FeedReview = NonNullable<Activity['review']> & { readonly title_viewer: object }
export type FeedRow = Omit<Activity, 'review'> & {
  readonly review_id: string | null
  readonly review: FeedReview | null
}

/**
 * How many activities of everybody are looked through for each followee, at most, before the followees are looked at one by
 * one. Looking at one takes as long as some thirty of these, so whoever looks through in vain pays little more for it.
 */
const lookThroughEach = 12

const columns = sql`a.id, a.user_id, a.type, a.review_id, a.hour, a.act_count, a.created_at`
const newest = sql`order by a.created_at desc, a.id desc`

/**
 * What the followees of an account did, newest first.
 *
 * Whoever follows many finds the page near the top of what everybody did; where it is not there, `feed_of_followees` does.
 * To be compiled once for each form.
 */
export function listFeed(db: Db, form: FeedForm, asked: FeedOptions) {
  const { viewer } = asked
  const rows = sql.lit(plannedRows[form.size])
  // Sorts after every row there is.
  const [at, id] = form.paged
    ? [sql`${asked.after_at}::timestamptz`, sql`${asked.after_id}::uuid`]
    : [sql`'infinity'::timestamptz`, sql`'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid`]
  const beyond = form.paged ? sql`and (a.created_at, a.id) < (${at}, ${id})` : sql``
  const types = form.typed ? sql`${asked.types}::activity_type[]` : null
  const bound = sql`coalesce((select ${sql.lit(lookThroughEach)} * c.following_count from user_counts c where c.user_id = ${viewer}::uuid), 0)`
  // One walk of an index for each type, merged: filtering a single walk would leave too few, and not know how far to go.
  // Each is ordered and bounded by itself, or they would be read whole and sorted.
  const walkOfType = (index: number) => sql`(
          select a.id, a.user_id, a.created_at from activities a
          where a.type = (${types})[${sql.lit(index)}] ${beyond}
          ${newest}
          limit ${bound}
        )`
  const everybodys = types
    ? sql`(${sql.join(
        activityTypes.slice(1).map((_, index) => walkOfType(index + 1)),
        sql` union all `,
      )})`
    : sql`activities`
  const followed = sql`left join lateral (
        select count(*) as act_count, array_agg(g.followee_id order by g.created_at desc, g.followee_id desc) as followees
        from followed_within_hour(${viewer}::uuid, a.user_id, a.hour) g
        where a.type = 'followed'
      ) g on a.type = 'followed'`
  return sql<FeedRow>`
    with top as materialized (
      select ${columns}, g.act_count as followed_count, g.followees
      from (
        select a.id, a.user_id, a.created_at from ${everybodys} a
        where true ${types ? sql`` : beyond}
        ${newest}
        limit ${bound}
      ) n
      cross join lateral (select ${columns} from activities a where a.id = n.id) a
      ${followed}
      where (n.user_id in (select f.followee_id from follows f where f.follower_id = ${viewer}::uuid)) is true
        and n.user_id not in (select u.id from users u where u.suspended_at is not null and coalesce(u.suspended_until > now(), true))
        and (a.type <> 'followed' or g.act_count > 0)
      order by n.created_at desc, n.id desc
      limit ${rows}
    ), page as materialized (
      select * from top where (select count(*) from top) >= ${rows}
      union all
      select ${columns}, g.act_count, g.followees
      from feed_of_followees(${types ? sql`${viewer}::uuid, ${types}` : sql`${viewer}::uuid`}, ${at}, ${id}, ${rows}) a
      ${followed}
      where (select count(*) from top) < ${rows}
    )
    select a.id, a.type, a.created_at, a.review_id, row_to_json(u) as "user", coalesce(a.followed_count, a.act_count) as count,
      coalesce(titles.movies, '[]') as movies, coalesce(accounts.users, '[]') as users, reviewed.review
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
      select json_agg(row_to_json(s) order by x.place) as users
      from unnest(a.followees[1:${sql.lit(shownOfGroup)}]) with ordinality x (id, place)
      join user_summaries s on s.id = x.id
    ) accounts on true
    left join lateral (
      select row_to_json(shown) as review
      from (
        select seen.*, v.viewer as title_viewer
        from reviews_as_seen(${viewer}::uuid, false) seen
        cross join lateral title_viewer(${viewer}::uuid, seen.movie_id) v (viewer)
        where seen.id = a.review_id and seen.moderation_status = 'approved'
      ) shown
    ) reviewed on a.review_id is not null
    ${newest}`.compile(db)
}
