import { type RawBuilder, sql } from 'kysely'
import { type Db, named, type Tx } from '../../infra/db.ts'
import type { About } from './write.queries.ts'

export const fanOutKinds = ['review', 'release', 'announcement'] as const
export type FanOutKind = (typeof fanOutKinds)[number]

export interface FanOut {
  readonly kind: FanOutKind
  readonly subject_id: string
}

/** Where it stands: behind whom it goes on. */
export interface FanOutMark {
  readonly after_at: string
  readonly after_id: string
}

/** Followers are walked from the latest back, others by their ids. */
const beginsAfter: Readonly<Record<FanOutKind, string>> = {
  review: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  release: '00000000-0000-0000-0000-000000000000',
  announcement: '00000000-0000-0000-0000-000000000000',
}

/** Begins to tell everybody; what has begun, or is complete, stays as it is. */
export async function insertFanOut(db: Tx, { kind, subject_id }: FanOut): Promise<void> {
  await sql`/* insertFanOut */
    insert into notification_fan_outs (kind, subject_id, after_id)
    values (${kind}::fan_out_kind, ${subject_id}::uuid, ${beginsAfter[kind]}::uuid)
    on conflict do nothing`.execute(db)
}

/** @returns undefined when it is complete, was called off, or somebody else is at it */
export async function lockFanOut(db: Tx, { kind, subject_id }: FanOut): Promise<FanOutMark | undefined> {
  const { rows } = await sql<FanOutMark>`
    /* lockFanOut */
    select f.after_at, f.after_id from notification_fan_outs f
    where f.kind = ${kind}::fan_out_kind and f.subject_id = ${subject_id}::uuid and f.completed_at is null
    for update skip locked`.execute(db)
  return rows[0]
}

/**
 * Calls it off: whoever is at it finishes the batch at hand first. One that has told everybody stays, so that it tells
 * nobody again.
 */
export async function deleteFanOut(db: Tx, { kind, subject_id }: FanOut): Promise<void> {
  await sql`/* deleteFanOut */
    delete from notification_fan_outs
    where kind = ${kind}::fan_out_kind and subject_id = ${subject_id}::uuid and (completed_at is null or told_count = 0)
      -- What was told of it is held; it goes on from there once a moderator has approved it.
      and not (told_count > 0 and kind = 'review' and exists (
        select from reviews r where r.id = subject_id and r.moderation_status = 'pending'))`.execute(db)
}

/** Forgets it, whether it has told everybody or not, so that it may begin anew; whoever is at it finishes the batch first. */
export const forgetFanOut = (db: Tx, { kind, subject_id }: FanOut) =>
  sql`/* forgetFanOut */
    delete from notification_fan_outs where kind = ${kind}::fan_out_kind and subject_id = ${subject_id}::uuid`.execute(
    db,
  )

/** Gives up what has not told everybody: nobody goes on with it, and nobody begins again what has told some already. */
export async function giveUpFanOut(db: Tx, { kind, subject_id }: FanOut): Promise<void> {
  await sql`/* giveUpFanOut */
    with kept as (
      update notification_fan_outs set completed_at = now()
      where kind = ${kind}::fan_out_kind and subject_id = ${subject_id}::uuid and completed_at is null
        and (kind = 'release' or told_count > 0)
    )
    delete from notification_fan_outs
    where kind = ${kind}::fan_out_kind and subject_id = ${subject_id}::uuid and completed_at is null
      and kind <> 'release' and told_count = 0`.execute(db)
}

/** @param mark behind whom it goes on; null when everybody was told */
export async function moveFanOut(
  db: Tx,
  { kind, subject_id }: FanOut,
  told: number,
  mark: FanOutMark | null,
): Promise<void> {
  await sql`/* moveFanOut */
    update notification_fan_outs
    set told_count = told_count + ${told}, completed_at = case when ${mark === null} then now() end,
      after_at = coalesce(${mark?.after_at ?? null}::timestamptz, after_at), after_id = coalesce(${mark?.after_id ?? null}::uuid, after_id)
    where kind = ${kind}::fan_out_kind and subject_id = ${subject_id}::uuid`.execute(db)
}

/** What a title or an author is gone from, or a reader from its author: whose fan-outs to wait for. */
export type Gone = { readonly movie_id: string } | { readonly author_id: string }

/**
 * Waits until nobody is at telling of a title, or of the reviews of an author, with who they were before: whoever goes on
 * after that sees that they are gone. Reviews that are gone with them, or have no author any more, are those of anybody.
 * @returns what is not complete: to be gone on with, since whoever was at it may have been turned away
 */
export async function awaitFanOuts(db: Tx, gone: Gone): Promise<FanOut[]> {
  const of =
    'movie_id' in gone
      ? sql`f.kind = 'release' and f.subject_id = ${gone.movie_id}::uuid or f.kind = 'review' and (r.id is null or r.movie_id = ${gone.movie_id}::uuid)`
      : sql`f.kind = 'review' and (r.user_id is null or r.user_id = ${gone.author_id}::uuid)`
  const { rows } = await sql<FanOut>`
    /* awaitFanOuts */
    select f.kind, f.subject_id
    from notification_fan_outs f
    left join reviews r on f.kind = 'review' and r.id = f.subject_id
    where f.completed_at is null and (${of})
    order by f.kind, f.subject_id
    for update of f`.execute(db)
  return rows
}

/** What was begun and is not complete, the oldest first: for whoever goes on after a crash. */
export async function listUnfinishedFanOuts(db: Db, most: number): Promise<FanOut[]> {
  const { rows } = await sql<FanOut>`
    /* listUnfinishedFanOuts */
    select f.kind, f.subject_id from notification_fan_outs f
    where f.completed_at is null and not (f.kind = 'review' and f.told_count > 0 and exists (
      select from reviews r where r.id = f.subject_id and r.moderation_status = 'pending'))
    order by f.created_at
    limit ${most}`.execute(db)
  return rows
}

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

/** For how many days after it a release is still news. */
const newsDays = 30

/** Whether a title, a row, is out by now, as far as it is said. */
const isOut = (m: string): RawBuilder<boolean> => {
  const [day, precision] = [sql.ref(`${m}.release_date`), sql.ref(`${m}.release_precision`)]
  return sql<boolean>`coalesce(release_day(${day}, ${precision}) <= (now() at time zone 'Africa/Lagos')::date, false)`
}

/** Whether a title is out; false for one that is not there. */
export async function isReleased(db: Db, movieId: string): Promise<boolean> {
  const { rows } = await sql<{ is_out: boolean }>`
    /* isReleased */ select ${isOut('m')} as is_out from movies m where m.id = ${movieId}::uuid`.execute(db)
  return rows[0]?.is_out ?? false
}

/** Titles that came out lately, that somebody had waited for, and nobody was told of yet: all, or one of them. */
export async function listReleased(db: Db, movieId: string | null, most: number): Promise<string[]> {
  const one = movieId === null ? sql`` : sql`and m.id = ${movieId}::uuid`
  const { rows } = await sql<{ id: string }>`
    /* listReleased */
    select m.id from movies m
    where m.release_date between (now() at time zone 'Africa/Lagos')::date - ${newsDays + 31}::integer
        and (now() at time zone 'Africa/Lagos')::date
      and release_day(m.release_date, m.release_precision)
        between (now() at time zone 'Africa/Lagos')::date - ${newsDays}::integer and (now() at time zone 'Africa/Lagos')::date
      and not exists (select from notification_fan_outs f where f.kind = 'release' and f.subject_id = m.id)
      and exists (
        select from list_titles l where l.movie_id = m.id and l.list = 'watchlist'
          and l.added_at < release_day(m.release_date, m.release_precision)::timestamp at time zone 'Africa/Lagos') ${one}
    order by m.release_date, m.id
    limit ${most}`.execute(db)
  return rows.map(({ id }) => id)
}

/** Forgets that followers were told of reviews that are older than anybody would tell of again. @returns how many */
export async function pruneFanOuts(db: Db, days: number, most: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`/* pruneFanOuts */
    delete from notification_fan_outs where (kind, subject_id) in (
      select kind, subject_id from notification_fan_outs
      where kind = 'review' and created_at < now() - make_interval(days => ${days})
      order by created_at limit ${most} for update skip locked)`.execute(db)
  return Number(numAffectedRows)
}
