import { type Db, named } from '../../infra/db.ts'
import type { ReviewRevision } from './revision.schemas.ts'

/** What a review said before, the latest first. */
export const listRevisions = (
  db: Db,
  reviewId: string,
  { rows, before }: { readonly rows: number; readonly before?: number },
) =>
  db
    .selectFrom('review_revisions')
    .modifyFront(named('listRevisions'))
    .select(['version', 'revision', 'lemon_pie_rating', 'review_text', 'review_language', 'spoiler_warning'])
    .select(['written_at', 'replaced_at'])
    .where('review_id', '=', reviewId)
    .$if(before !== undefined, (query) => query.where('version', '<', before!))
    .orderBy('version', 'desc')
    .limit(rows)
    .$castTo<ReviewRevision>()
    .execute()

export const hasReview = async (db: Db, id: string): Promise<boolean> =>
  (await db
    .selectFrom('reviews')
    .modifyFront(named('hasReview'))
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst()) !== undefined
