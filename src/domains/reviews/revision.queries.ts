import { type Db, named, type Tx } from '../../infra/db.ts'
import type { ReviewRevision } from './revision.schemas.ts'

/** What a revision said when it began; undefined when it has not been edited since. */
export const findFirstOfRevision = (db: Tx, reviewId: string, revision: number) =>
  db
    .selectFrom('review_revisions')
    .modifyFront(named('findFirstOfRevision'))
    .select(['review_text', 'lemon_pie_rating'])
    .where('review_id', '=', reviewId)
    .where('revision', '=', revision)
    .orderBy('version')
    .limit(1)
    .executeTakeFirst()

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
    .select(['nollywood_tags', 'written_at', 'replaced_at'])
    .where('review_id', '=', reviewId)
    .$if(before !== undefined, (query) => query.where('version', '<', before!))
    .orderBy('version', 'desc')
    .limit(rows)
    .$castTo<ReviewRevision>()
    .execute()

/** An account edits a review a few times; whoever does nothing else is kept to the rate of writes. */
export const countRevisions = async (db: Db, reviewId: string): Promise<number> => {
  const { total } = await db
    .selectFrom('review_revisions')
    .modifyFront(named('countRevisions'))
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .where('review_id', '=', reviewId)
    .executeTakeFirstOrThrow()
  return total
}

export const hasReview = async (db: Db, id: string): Promise<boolean> =>
  (await db
    .selectFrom('reviews')
    .modifyFront(named('hasReview'))
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst()) !== undefined
