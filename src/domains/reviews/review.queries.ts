import { type Insertable, sql, type Updateable } from 'kysely'
import type { DB } from '../../../db/types.ts'
import { onViolation } from '../../infra/constraints.ts'
import { type Db, named, type Tx } from '../../infra/db.ts'
import { countedBefore, earlyExclusion } from './cast.queries.ts'
import { reviewExists, reviewedTitleNotFound, reviewNotFound } from './review.errors.ts'
import type { Review } from './review.schemas.ts'

const violations = { reviews_user_id_movie_id_key: reviewExists, reviews_movie_id_fkey: reviewedTitleNotFound }

type ReviewColumns = Omit<Insertable<DB['reviews']>, 'movie_id' | 'exclusion'>

/** @throws AppError 404 when there is no such title, 409 when the author has reviewed it already */
export async function insertReview(db: Tx, movieId: string, columns: ReviewColumns): Promise<string> {
  const names = Object.keys(columns) as (keyof ReviewColumns)[]
  const inserted = await onViolation(
    violations,
    sql<{ id: string }>`
      /* insertReview */
      insert into reviews (movie_id, exclusion, ${sql.join(names.map((name) => sql.ref(name)))})
      select m.id, case when is_before_release(m.release_date, m.release_year, now()) then 'before_release'::review_exclusion end,
        ${sql.join(names.map((name) => sql`${columns[name]}`))}
      from movies m
      where m.id = ${movieId}::uuid
      returning id`.execute(db),
  )
  const [row] = inserted.rows
  if (!row) throw reviewedTitleNotFound()
  return row.id
}

/** Has the titles that are reviewed in this transaction stay on the watchlist, which a trigger of reviews takes them off. */
export async function keepOnWatchlist(db: Tx): Promise<void> {
  await sql`/* keepOnWatchlist */ select set_config('lemonnpie.watchlist', 'kept', true)`.execute(db)
}

/**
 * A review, kept from changing until the transaction ends. The scores of its title are locked first, as they are by
 * whoever publishes: who comes the other way round would wait for a burst's guard while that waits for the review.
 * @throws AppError 404
 */
export async function lockReview(db: Tx, id: string) {
  await sql`
    /* lockReviewStats prepared */
    select from movie_stats s join reviews r on r.movie_id = s.movie_id
    where r.id = ${id}::uuid
    for no key update of s`.execute(db)
  const review = await db
    .selectFrom('reviews')
    .modifyFront(named('lockReview'))
    .selectAll()
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!review) throw reviewNotFound()
  return review
}

/** Whether one of two accounts has blocked the other. */
export async function hasBlock(db: Db, one: string, other: string | null): Promise<boolean> {
  const { rows } = await sql<{ blocked: boolean }>`
    /* hasBlock */
    select is_blocked(${one}::uuid, ${other}::uuid) as blocked`.execute(db)
  return rows[0]!.blocked
}

export type LockedReview = Awaited<ReturnType<typeof lockReview>>

/** Keeps what an edit replaces. */
export const keepRevision = (db: Tx, review: LockedReview, tags: readonly string[]) =>
  db
    .insertInto('review_revisions')
    .modifyEnd(named('keepRevision'))
    .values({
      review_id: review.id,
      version: review.version,
      revision: review.revision,
      lemon_pie_rating: review.lemon_pie_rating,
      review_text: review.review_text,
      review_language: review.review_language,
      spoiler_warning: review.spoiler_warning,
      nollywood_tags: [...tags],
      written_at: review.updated_at,
    })
    .execute()

/**
 * Writes an edit; the release is looked at anew, since whoever edits a review casts it again. It is as of now for bursts
 * too if the overall rating is another, or if it counts by this edit and did not before.
 * @param burstHours the longest window in which a burst is looked for
 */
export const updateReview = (db: Tx, before: LockedReview, columns: Updateable<DB['reviews']>, burstHours: number) => {
  const { id, movie_id, exclusion } = before
  const early = earlyExclusion(sql`${movie_id}::uuid`, sql`now()`)
  const recast = sql<string>`now()`
  return db
    .updateTable('reviews')
    .modifyEnd(named('updateReview'))
    .set({
      ...columns,
      version: sql`version + 1`,
      updated_at: sql`now()`,
      ...(exclusion === 'held' ? {} : { exclusion: early }),
      ...(columns.lemon_pie_rating !== undefined
        ? { cast_at: recast, counted_ratings: countedBefore(burstHours) }
        : exclusion === 'before_release'
          ? { cast_at: sql<string>`case when ${early} is null then now() else cast_at end`, counted_ratings: null }
          : {}),
    })
    .where('id', '=', id)
    .execute()
}

/** Writes what a moderator decided; whatever it is, the review is held no longer. */
export const updateDecision = (db: Tx, { id, exclusion }: LockedReview, columns: Updateable<DB['reviews']>) =>
  db
    .updateTable('reviews')
    .modifyEnd(named('updateDecision'))
    .set({
      ...columns,
      moderated_at: sql`now()`,
      ...(exclusion === 'held' ? { exclusion: earlyExclusion(sql`reviews.movie_id`, sql`reviews.updated_at`) } : {}),
    })
    .where('id', '=', id)
    .returning(['moderation_status', 'exclusion'])
    .executeTakeFirstOrThrow()

export const deleteReview = (db: Tx, id: string) =>
  db.deleteFrom('reviews').modifyEnd(named('deleteReview')).where('id', '=', id).execute()

/** A review by id, and who reads it. */
export interface ReviewReader {
  readonly id: string
  readonly viewer: string | null
  readonly reveal: boolean
  /** Whether the reader may see what is not approved. */
  readonly staff: boolean
}

/** A review as somebody may read it: approved ones, one's own, and any for staff. */
const reviewSeenBy = ({ id, viewer, reveal, staff }: ReviewReader) => sql<Review>`
  select seen.*
  from reviews r
  join reviews_as_seen(${viewer}::uuid, ${reveal}::boolean) seen on seen.id = r.id
  where r.id = ${id}::uuid
    and (r.moderation_status = 'approved' or r.user_id = ${viewer}::uuid or ${staff}::boolean)
    and (${staff}::boolean or not is_blocked(${viewer}::uuid, r.user_id))`

/** To be compiled once. */
export const reviewById = (db: Db, reader: ReviewReader) => reviewSeenBy(reader).compile(db)

/** A review as its author reads it, in the transaction that wrote it. */
export async function getOwnReview(db: Tx, id: string, author: string): Promise<Review> {
  const reader = { id, viewer: author, reveal: false, staff: false }
  const { rows } = await sql<Review>`/* getOwnReview prepared */ ${reviewSeenBy(reader)}`.execute(db)
  return rows[0]!
}

/** How the title of a review is known: whose answers show it. */
export interface ReviewedTitle {
  readonly id: string
  readonly slug: string
  readonly type: 'movie' | 'series'
}

export async function getReviewedTitle(db: Db, movieId: string): Promise<ReviewedTitle> {
  const { rows } = await sql<ReviewedTitle>`
    /* getReviewedTitle */
    select m.id, m.slug, m.type from movies m where m.id = ${movieId}::uuid`.execute(db)
  return rows[0]!
}
