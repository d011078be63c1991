import { sql } from 'kysely'
import type { Tx } from '../../infra/db.ts'
import { castAt, earlyExclusion } from './cast.queries.ts'

/** As many of the newest reviews are looked at as tell the rate of a busy title. */
const mostRead = 500

interface FoundArrivals {
  readonly rating_counts: readonly number[]
  readonly ages: readonly number[]
  readonly ratings: readonly number[]
  readonly oldest_age: number
  readonly release_age: number | null
  readonly decided_age: number | null
}

/** How the counted reviews of a title came in. Ages are in hours. */
export async function getArrivals(db: Tx, movieId: string): Promise<FoundArrivals> {
  const { rows } = await sql<FoundArrivals>`
    /* getArrivals prepared */
    select s.rating_counts, recent.ages, recent.ratings,
      coalesce(extract(epoch from now() - (
        select ${castAt} from reviews r
        where r.movie_id = s.movie_id and r.moderation_status = 'approved' and r.exclusion is null
        order by ${castAt}, r.id limit 1
      )) / 3600, 0)::double precision as oldest_age,
      case when m.release_precision = 'day' then
        (extract(epoch from now() - m.release_date::timestamp at time zone 'Africa/Lagos') / 3600)::double precision
      end as release_age,
      (
        select extract(epoch from now() - max(b.decided_at)) / 3600 from title_bursts b where b.movie_id = s.movie_id
      )::double precision as decided_age
    from movie_stats s
    join movies m on m.id = s.movie_id
    cross join lateral (
      select coalesce(array_agg(n.age order by n.age), '{}') as ages,
        coalesce(array_agg(n.lemon_pie_rating order by n.age), '{}') as ratings
      from (
        select (extract(epoch from now() - ${castAt}) / 3600)::double precision as age, r.lemon_pie_rating
        from reviews r
        where r.movie_id = s.movie_id and r.moderation_status = 'approved' and r.exclusion is null
        order by ${castAt} desc, r.id desc
        limit ${mostRead}
      ) n
    ) recent
    where s.movie_id = ${movieId}::uuid`.execute(db)
  return rows[0]!
}

// What a moderator has looked at stays as they left it, until its author casts it anew.
const mayBeHeld = sql`moderation_status <> 'rejected' and exclusion is null
      and (moderated_at is null or cast_at > moderated_at)`

/** Takes what came in the last hours out of the score, for moderators to look at. @returns how many reviews */
export async function holdReviews(db: Tx, movieId: string, hours: number): Promise<number> {
  const { numAffectedRows } = await sql`
    /* holdReviews */
    update reviews set exclusion = 'held'
    where movie_id = ${movieId}::uuid and ${mayBeHeld}
      and ${castAt} >= now() - make_interval(secs => ${hours * 3600}::double precision) - interval '1 millisecond'`.execute(
    db,
  )
  return Number(numAffectedRows)
}

/** Takes a review that was just written out of the score too, unless it is from before the burst that is held. */
export async function holdOne(db: Tx, reviewId: string): Promise<void> {
  await sql`
    /* holdOne prepared */
    update reviews set exclusion = 'held'
    where id = ${reviewId}::uuid and ${mayBeHeld}
      and ${castAt} >= coalesce(
        (select b.began_at - interval '1 millisecond' from title_bursts b where b.movie_id = reviews.movie_id and b.decided_at is null),
        now())`.execute(db)
}

export interface NewBurst {
  readonly extreme: 'low' | 'high'
  readonly window_hours: number
  readonly reviews: number
  readonly extremes: number
  readonly expected: number
}

/** Writes down that a burst began; one that goes on has its row already. */
export async function insertBurst(db: Tx, movieId: string, hours: number, burst: NewBurst): Promise<void> {
  await sql`
    /* insertBurst */
    insert into title_bursts (movie_id, began_at, extreme, window_hours, reviews, extremes, expected)
    values (${movieId}::uuid, now() - make_interval(secs => ${hours * 3600}::double precision), ${burst.extreme},
      ${burst.window_hours}, ${burst.reviews}, ${burst.extremes}, ${burst.expected})
    on conflict (movie_id) where decided_at is null do nothing`.execute(db)
}

/** Who ended a burst, and which of its reviews count. */
export interface BurstEnd {
  readonly decision: 'all' | 'some' | 'none' | 'one_by_one'
  readonly decidedBy: string | null
  readonly reason: string | null
}

/** Ends the burst of a title. @returns its id; undefined when there was none */
export async function endBurst(
  db: Tx,
  movieId: string,
  { decision, decidedBy, reason }: BurstEnd,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    /* endBurst */
    update title_bursts set decided_at = now(), decision = ${decision}, decided_by = ${decidedBy}::uuid, reason = ${reason}
    where movie_id = ${movieId}::uuid and decided_at is null
    returning id`.execute(db)
  return rows[0]?.id
}

/** Whether a title was held once more since a burst. */
export async function isHeldAnew(db: Tx, movieId: string, burstId: string): Promise<boolean> {
  const { rows } = await sql`
    /* isHeldAnew */
    select from title_bursts b where b.movie_id = ${movieId}::uuid and b.id > ${burstId}::uuid limit 1`.execute(db)
  return rows.length > 0
}

/** How many reviews of a title are held, its score kept from changing until the transaction ends. */
export async function lockHeldCount(db: Tx, movieId: string): Promise<number | undefined> {
  const { rows } = await sql<{ held_count: number }>`
    /* lockHeldCount prepared */
    select held_count from movie_stats where movie_id = ${movieId}::uuid for no key update`.execute(db)
  return rows[0]?.held_count
}

const notHeld = earlyExclusion(sql`reviews.movie_id`, sql`reviews.updated_at`)

export interface FreedReview {
  readonly id: string
  readonly user_id: string | null
}

/** Whether somebody's own review of a title is held. */
export async function hasHeld(db: Tx, movieId: string, userId: string): Promise<boolean> {
  const { rows } = await sql`
    /* hasHeld */
    select from reviews
    where movie_id = ${movieId}::uuid and user_id = ${userId}::uuid and exclusion = 'held' and moderation_status <> 'rejected'`.execute(
    db,
  )
  return rows.length > 0
}

/** Which of the held reviews: those of these ids, or so many of them, of before the decision on a burst if one is named. */
type Chosen =
  | { readonly ids: readonly string[] }
  | { readonly most: number; readonly burstId?: string; readonly since?: 'decision' }

const heldOf = (movieId: string, which: Chosen) => {
  const held = sql`movie_id = ${movieId}::uuid and exclusion = 'held' and moderation_status <> 'rejected'`
  if ('ids' in which) return sql`${held} and id = any (${[...which.ids]}::uuid[])`
  const decided = sql`(select b.decided_at from title_bursts b where b.id = ${which.burstId}::uuid)`
  const side = which.since ? sql`>` : sql`<=`
  const when = which.burstId === undefined ? sql`` : sql`and ${castAt} ${side} ${decided}`
  return sql`${held} and id in (select id from reviews where ${held} ${when} order by id limit ${which.most})`
}

// Whoever decided may be erased by the time that the last of them is seen to.
const decidedBy = (by: string) => sql`(select u.id from users u where u.id = ${by}::uuid)`

/** Lets held reviews of a title count again. */
export async function countHeld(db: Tx, movieId: string, which: Chosen, by: string): Promise<FreedReview[]> {
  const { rows } = await sql<FreedReview>`
    /* countHeld */
    update reviews set exclusion = ${notHeld}, moderated_by = ${decidedBy(by)}, moderated_at = now()
    where ${heldOf(movieId, which)}
    returning id, user_id`.execute(db)
  return rows
}

/**
 * Lets held reviews that were written after the decision on a burst count as any other: nobody has looked at them.
 * @returns how many
 */
export async function freeNewcomers(db: Tx, movieId: string, burstId: string, most: number): Promise<number> {
  const { numAffectedRows } = await sql`
    /* freeNewcomers */
    update reviews set exclusion = ${notHeld} where ${heldOf(movieId, { most, burstId, since: 'decision' })}`.execute(
    db,
  )
  return Number(numAffectedRows)
}

/** Rejects held reviews of a title. */
export async function rejectHeld(
  db: Tx,
  movieId: string,
  which: Chosen,
  by: string,
  reason: string,
): Promise<FreedReview[]> {
  const { rows } = await sql<FreedReview>`
    /* rejectHeld */
    update reviews
    set exclusion = ${notHeld}, moderation_status = 'rejected', moderation_reason = ${reason},
      moderated_by = ${decidedBy(by)}, moderated_at = now()
    where ${heldOf(movieId, which)}
    returning id, user_id`.execute(db)
  return rows
}
