import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'

export interface ReviewState {
  readonly author_id: string | null
  readonly movie_id: string
  readonly is_shown: boolean
  /** Whether it waits for a moderator. */
  readonly is_waiting: boolean
  /** Whether it is news to its author's followers. */
  readonly is_recent: boolean
  readonly moderation_reason: string | null
}

/** For how many days after it was written a review is told of. */
const newsDays = 30

export async function findReviewState(db: Db, reviewId: string): Promise<ReviewState | undefined> {
  const { rows } = await sql<ReviewState>`
    /* findReviewState */
    select r.user_id as author_id, r.movie_id, r.moderation_status = 'approved' and r.user_id is not null as is_shown,
      r.moderation_status = 'pending' as is_waiting,
      r.created_at > now() - make_interval(days => ${newsDays})
        -- Who deletes a review that everybody saw, and posts another within a day, has said nothing new.
        and not exists (
          select from removed_reviews x
          where x.user_id = r.user_id and x.movie_id = r.movie_id and x.moderation_status = 'approved'
            and x.removed_at > r.created_at - interval '1 day'
        ) as is_recent,
      r.moderation_reason
    from reviews r
    where r.id = ${reviewId}::uuid`.execute(db)
  return rows[0]
}

/** Whether a report was resolved by who made it. */
export async function isOwnReport(db: Db, reportId: string): Promise<boolean> {
  const { rows } = await sql<{ is_own: boolean }>`
    /* isOwnReport */ select coalesce(p.reporter_id = p.resolved_by, false) as is_own from reports p
    where p.id = ${reportId}::uuid`.execute(db)
  return rows[0]?.is_own ?? false
}
