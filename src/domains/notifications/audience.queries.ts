import { sql } from 'kysely'
import { named, type Tx } from '../../infra/db.ts'
import type { FanOut, FanOutMark } from './fan-out.queries.ts'
import type { About } from './write.queries.ts'

export interface Audience {
  /** What its notifications are about. */
  readonly about: About
  /** Those of this batch, in the order in which they are walked. */
  readonly readers: readonly { readonly user_id: string; readonly after_at: string }[]
}

/** Some followers of the author of a review that everybody may read, from the latest back. */
async function followersOf(db: Tx, reviewId: string, mark: FanOutMark, most: number): Promise<Audience | undefined> {
  const { rows } = await sql<{ actor_id: string; movie_id: string; readers: Audience['readers'] }>`
    /* listFollowersToTell */
    select r.user_id as actor_id, r.movie_id, coalesce((
      select json_agg(json_build_object('user_id', f.follower_id, 'after_at', f.created_at))
      from (
        select f.follower_id, f.created_at from follows f
        where f.followee_id = r.user_id and (f.created_at, f.follower_id) < (${mark.after_at}::timestamptz, ${mark.after_id}::uuid)
        order by f.created_at desc, f.follower_id desc
        limit ${most}
      ) f), '[]') as readers
    from reviews r
    where r.id = ${reviewId}::uuid and r.moderation_status = 'approved' and sees_user(null, r.user_id)`.execute(db)
  return (
    rows[0] && {
      about: { actor_id: rows[0].actor_id, review_id: reviewId, movie_id: rows[0].movie_id },
      readers: rows[0].readers,
    }
  )
}

/** Some of those who had a title on their watchlist before it came out, by their ids. */
async function watchersOf(db: Tx, movieId: string, mark: FanOutMark, most: number): Promise<Audience | undefined> {
  const { rows } = await sql<{ readers: Audience['readers'] }>`
    /* listWatchersToTell */
    select coalesce((
      select json_agg(json_build_object('user_id', l.user_id, 'after_at', ${mark.after_at}::text))
      from (
        select l.user_id from list_titles l
        where l.movie_id = m.id and l.list = 'watchlist' and l.user_id > ${mark.after_id}::uuid
          and l.added_at < release_day(m.release_date, m.release_precision)::timestamp at time zone 'Africa/Lagos'
        order by l.user_id
        limit ${most}
      ) l), '[]') as readers
    from movies m
    where m.id = ${movieId}::uuid and release_day(m.release_date, m.release_precision) <= (now() at time zone 'Africa/Lagos')::date`.execute(
    db,
  )
  return rows[0] && { about: { movie_id: movieId }, readers: rows[0].readers }
}

const audienceRoles: Readonly<Record<string, readonly string[]>> = {
  critics: ['critic'],
  staff: ['moderator', 'admin'],
}

/** Some of those whom an announcement is for, by their ids. */
async function audienceOf(db: Tx, id: string, mark: FanOutMark, most: number): Promise<Audience | undefined> {
  const announcement = await db
    .selectFrom('announcements')
    .modifyFront(named('findAudience'))
    .select('audience')
    .where('id', '=', id)
    .where('called_off_at', 'is', null)
    .executeTakeFirst()
  if (!announcement) return undefined
  const roles = audienceRoles[announcement.audience]
  const among = roles ? sql`and u.role <> 'user' and u.role = any (${roles}::user_role[])` : sql``
  const { rows } = await sql<Audience['readers'][number]>`
    /* listAudienceToTell */
    select u.id as user_id, ${mark.after_at}::text as after_at from users u
    where u.id > ${mark.after_id}::uuid ${among}
    order by u.id
    limit ${most}`.execute(db)
  return { about: { announcement_id: id }, readers: rows }
}

const audiences = { review: followersOf, release: watchersOf, announcement: audienceOf } as const

/** Whom to tell next. @returns undefined when there is nothing to tell any more */
export const listAudience = (
  db: Tx,
  { kind, subject_id }: FanOut,
  mark: FanOutMark,
  most: number,
): Promise<Audience | undefined> => audiences[kind](db, subject_id, mark, most)
