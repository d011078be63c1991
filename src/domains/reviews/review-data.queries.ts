import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'

interface Page {
  /** The id of the last row of the page before. */
  readonly after: string | undefined
  readonly rows: number
}

const beforeAll = '00000000-0000-0000-0000-000000000000'

/** What an account has written, with what it said before. Nothing is masked for the one who wrote it. */
export async function listReviewData(db: Db, userId: string, { after = beforeAll, rows }: Page) {
  const result = await sql<{ id: string }>`
    /* listReviewData */
    select r.id, json_build_object('id', m.id, 'slug', m.slug, 'title', m.title) as movie,
      r.lemon_pie_rating, r.cultural_authenticity_rating, r.production_quality_rating, r.story_rating, r.acting_rating,
      r.cinematography_rating, r.review_text, r.review_language, r.spoiler_warning,
      array(select t.tag from review_tags t where t.review_id = r.id order by t.position) as nollywood_tags,
      r.as_critic, r.moderation_status, r.moderation_reason, r.helpful_votes_ever, r.unhelpful_votes_ever,
      r.created_at, r.updated_at,
      coalesce((
        select json_agg(json_build_object('review_text', v.review_text, 'lemon_pie_rating', v.lemon_pie_rating,
          'review_language', v.review_language, 'spoiler_warning', v.spoiler_warning, 'nollywood_tags', v.nollywood_tags, 'written_at', v.written_at) order by v.version)
        from review_revisions v where v.review_id = r.id
      ), '[]') as former_texts
    from reviews r
    join movies m on m.id = r.movie_id
    where r.user_id = ${userId}::uuid and r.id > ${after}::uuid
    order by r.id
    limit ${rows}`.execute(db)
  return result.rows
}

/** What is left of reviews that an account had. */
export async function listRemovedReviewData(db: Db, userId: string, { after = beforeAll, rows }: Page) {
  const result = await sql<{ id: string }>`
    /* listRemovedReviewData */
    select x.id, x.movie_id, x.moderation_status, x.moderation_reason, x.was_held, x.was_reported, x.by_moderator,
      x.lemon_pie_rating, x.review_text, x.written_at, x.removed_at
    from removed_reviews x
    where x.user_id = ${userId}::uuid and x.id > ${after}::uuid
    order by x.id
    limit ${rows}`.execute(db)
  return result.rows
}

/** How an account has voted. */
export async function listVoteData(db: Db, userId: string, { after = beforeAll, rows }: Page) {
  const result = await sql<{ review_id: string }>`
    /* listVoteData */
    select v.review_id, v.vote_type, v.created_at
    from review_votes v
    where v.user_id = ${userId}::uuid and v.review_id > ${after}::uuid
    order by v.review_id
    limit ${rows}`.execute(db)
  return result.rows
}

/** What is kept of requests that an account sent under a key of its making. */
export async function listKeptAnswerData(db: Db, userId: string, { after = '', rows }: Page) {
  const result = await sql<{ key: string }>`
    /* listKeptAnswerData */
    select k.key, k.answer::json as answer, k.created_at
    from idempotency_keys k
    where k.user_id = ${userId}::uuid and k.key > ${after}
    order by k.key
    limit ${rows}`.execute(db)
  return result.rows
}

/** Deletes all that an account has reviewed. The scores of all its titles are locked first, in their order. */
export async function deleteReviewsOf(db: Tx, userId: string): Promise<void> {
  await sql`
    /* lockReviewerStats */
    select from movie_stats s
    where s.movie_id in (select r.movie_id from reviews r where r.user_id = ${userId}::uuid)
    order by s.movie_id
    for no key update`.execute(db)
  await sql`/* deleteReviewsOf */ delete from reviews where user_id = ${userId}::uuid`.execute(db)
}

/**
 * Takes an account's votes out of the counts. The reviews are locked first, in their order, as they are by who votes.
 */
export async function deleteVotesOf(db: Tx, userId: string): Promise<void> {
  await sql`
    /* lockVotedReviews */
    select from reviews r
    where r.id in (select v.review_id from review_votes v where v.user_id = ${userId}::uuid)
    order by r.id
    for no key update`.execute(db)
  await sql`/* deleteVotesOf */ delete from review_votes where user_id = ${userId}::uuid`.execute(db)
}
