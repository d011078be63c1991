import { type RawBuilder, sql } from 'kysely'
import { ratingFields } from './review.schemas.ts'

/** Why a review that is no part of a burst does not count: null unless it was cast before the first release. */
export const earlyExclusion = (movieId: RawBuilder<unknown>, moment: RawBuilder<unknown>) =>
  sql<'before_release' | null>`(select case when is_before_release(m.release_date, m.release_year, ${moment})
    then 'before_release'::review_exclusion end from movies m where m.id = ${movieId})`

/** When a review was cast as it counts: by this bursts are looked for. */
export const castAt = sql<string>`coalesce(cast_at, created_at)`

/**
 * What a review that is cast anew counted with before: it goes on counting with it should it be held. What it was given
 * within the longest window in which a burst is looked for, and no moderator has looked at, may be of the same burst.
 * @param hours that window
 */
export const countedBefore = (hours: number) => sql<number[] | null>`case
  when exclusion = 'held' then counted_ratings
  when moderation_status <> 'approved' or exclusion is not null then null
  when counted_ratings is not null and (moderated_at is null or cast_at > moderated_at)
    and cast_at > now() - make_interval(hours => ${hours}::integer) then counted_ratings
  else array[lemon_pie_rating, ${sql.join(ratingFields.map((name) => sql.ref(name)))}] end`
