import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'

/**
 * Lets one account write or lose one review at a time: what is counted of it, and what is left of those that were deleted,
 * is then exact. To be called before any other lock is taken.
 */
export async function lockAuthor(db: Tx, authorId: string): Promise<void> {
  await sql`/* lockAuthor */ select pg_advisory_xact_lock(hashtextextended('author:' || ${authorId}::uuid, 0))`.execute(
    db,
  )
}

/** The same for whoever wrote a review. */
export async function lockAuthorOf(db: Tx, reviewId: string): Promise<void> {
  await sql`
    /* lockAuthorOf */
    select pg_advisory_xact_lock(hashtextextended('author:' || r.user_id, 0)) from reviews r where r.id = ${reviewId}::uuid`.execute(
    db,
  )
}

/** Keeps what must be left of a review that is about to be deleted: its text only where something is against it. */
export async function keepRemoved(db: Tx, reviewId: string, by: string): Promise<void> {
  await sql`
    /* keepRemovedReview */
    insert into removed_reviews (id, user_id, movie_id, moderation_status, moderation_reason, was_held, was_reported,
      by_moderator, lemon_pie_rating, review_text, written_at)
    select r.id, r.user_id, r.movie_id, r.moderation_status, r.moderation_reason, f.was_held, f.was_reported, f.by_moderator,
      r.lemon_pie_rating,
      case when r.moderation_status <> 'approved' or f.was_held or f.was_reported or f.by_moderator then r.review_text end,
      r.created_at
    from reviews r
    cross join lateral (
      select r.exclusion is not distinct from 'held' as was_held, r.user_id <> ${by}::uuid as by_moderator,
        exists (select from reports p where p.review_id = r.id and p.resolution is null) as was_reported
    ) f
    where r.id = ${reviewId}::uuid and r.user_id is not null`.execute(db)
}

/** As long as a review is news to followers, who are not told again of one that was deleted and posted again. */
const rememberedDays = 31
/** As long as moderators may want to read what was deleted. */
const textDays = 180

/** Forgets some of what nothing was against, and old texts of what something was. @returns how many */
export async function forgetRemoved(db: Db, most: number): Promise<number> {
  const gone = await sql`
    /* deleteForgottenReviews */
    delete from removed_reviews where id = any (array(
      select x.id from removed_reviews x
      where not x.is_kept and x.removed_at < now() - make_interval(days => ${rememberedDays})
      order by x.removed_at
      limit ${most}))`.execute(db)
  const blanked = await sql`
    /* blankRemovedReviews */
    update removed_reviews set review_text = null where id = any (array(
      select x.id from removed_reviews x
      where x.review_text is not null and x.removed_at < now() - make_interval(days => ${textDays})
        and not exists (select from reports p where p.removed_review_id = x.id and p.resolution is null)
      order by x.removed_at
      limit ${most}))`.execute(db)
  return Number(gone.numAffectedRows ?? 0n) + Number(blanked.numAffectedRows ?? 0n)
}
