import { sql } from 'kysely'
import type { Tx } from '../../infra/db.ts'
import type { ReviewedTitle } from './review.queries.ts'
import type { VoteType } from './review.schemas.ts'
import type { ReviewVotes } from './vote.schemas.ts'

export interface CastVote {
  readonly is_own: boolean
  readonly changed: boolean
  readonly title: ReviewedTitle
  readonly votes: ReviewVotes
}

/**
 * Casts a vote and counts it, in one statement. The review is locked before the vote, so that two voters never wait for
 * each other, and what the vote was before is told by the row itself: whatever was committed meanwhile is in the sums.
 * They start from the counts of the locked review: Postgres checks constraints on the row as the statement first saw it
 * before it turns to the present one, which the sums of both together may break.
 * @returns undefined when the review is not there for the voter; own reviews take no vote
 */
export async function castVote(
  db: Tx,
  reviewId: string,
  userId: string,
  vote: VoteType,
): Promise<CastVote | undefined> {
  const { rows } = await sql<CastVote>`
    /* castVote prepared */
    with review as materialized (
      select r.id, r.movie_id, r.revision, r.user_id is not distinct from ${userId}::uuid as is_own,
        r.helpful_votes, r.unhelpful_votes, r.helpful_votes_ever, r.unhelpful_votes_ever
      from reviews r
      where r.id = ${reviewId}::uuid and (r.moderation_status = 'approved' or r.user_id = ${userId}::uuid)
        and not is_blocked(${userId}::uuid, r.user_id)
      for no key update
    ), cast_vote as (
      insert into review_votes as v (review_id, user_id, vote_type, revision)
      select id, ${userId}::uuid, ${vote}::vote_type, revision from review where not is_own
      on conflict (review_id, user_id) do update
      set vote_type = excluded.vote_type, revision = excluded.revision, created_at = now()
      where (v.vote_type, v.revision) is distinct from (excluded.vote_type, excluded.revision)
      returning new.review_id, new.vote_type, old.vote_type as former_type, old.revision = new.revision as was_on_this
    ), counted as (
      update reviews r
      set helpful_votes = review.helpful_votes + (c.vote_type = 'helpful')::int
          - coalesce((c.was_on_this and c.former_type = 'helpful')::int, 0),
        unhelpful_votes = review.unhelpful_votes + (c.vote_type = 'unhelpful')::int
          - coalesce((c.was_on_this and c.former_type = 'unhelpful')::int, 0),
        helpful_votes_ever = review.helpful_votes_ever + (c.vote_type = 'helpful')::int
          - coalesce((c.former_type = 'helpful')::int, 0),
        unhelpful_votes_ever = review.unhelpful_votes_ever + (c.vote_type = 'unhelpful')::int
          - coalesce((c.former_type = 'unhelpful')::int, 0)
      from cast_vote c
      join review on review.id = c.review_id
      where r.id = c.review_id
      returning r.id, r.helpful_votes, r.unhelpful_votes, r.helpful_votes_ever, r.unhelpful_votes_ever
    )
    select review.is_own, exists (select from cast_vote) as changed,
      json_build_object('id', m.id, 'slug', m.slug, 'type', m.type) as title,
      json_build_object(
        'review_id', review.id,
        'helpful_votes', tally.helpful_votes, 'unhelpful_votes', tally.unhelpful_votes,
        'helpfulness_score', tally.helpful_votes - tally.unhelpful_votes,
        'helpful_votes_ever', tally.helpful_votes_ever, 'unhelpful_votes_ever', tally.unhelpful_votes_ever,
        'user_vote', ${vote}::text) as votes
    from review
    join movies m on m.id = review.movie_id
    cross join lateral (
      select c.helpful_votes, c.unhelpful_votes, c.helpful_votes_ever, c.unhelpful_votes_ever from counted c
      union all
      select review.helpful_votes, review.unhelpful_votes, review.helpful_votes_ever, review.unhelpful_votes_ever
      where not exists (select from counted)
    ) tally`.execute(db)
  return rows[0]
}

/**
 * Takes a vote back; the review loses it from its counts by the trigger of what is deleted.
 * @returns undefined when the review is not there for the voter
 */
export async function deleteVote(
  db: Tx,
  reviewId: string,
  userId: string,
): Promise<{ readonly changed: boolean; readonly title: ReviewedTitle } | undefined> {
  const { rows } = await sql<{ changed: boolean; title: ReviewedTitle }>`
    /* deleteVote prepared */
    with review as materialized (
      select r.id, r.movie_id
      from reviews r
      where r.id = ${reviewId}::uuid and (r.moderation_status = 'approved' or r.user_id = ${userId}::uuid)
        and not is_blocked(${userId}::uuid, r.user_id)
      for no key update
    ), gone as (
      delete from review_votes v using review where v.review_id = review.id and v.user_id = ${userId}::uuid returning 1
    )
    select exists (select from gone) as changed, json_build_object('id', m.id, 'slug', m.slug, 'type', m.type) as title
    from review
    join movies m on m.id = review.movie_id`.execute(db)
  return rows[0]
}
