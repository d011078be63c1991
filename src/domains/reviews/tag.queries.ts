import { type Db, named, type Tx } from '../../infra/db.ts'

export const listTags = async (db: Db, reviewId: string): Promise<string[]> => {
  const rows = await db
    .selectFrom('review_tags')
    .modifyFront(named('listReviewTags'))
    .select('tag')
    .where('review_id', '=', reviewId)
    .orderBy('position')
    .execute()
  return rows.map(({ tag }) => tag)
}

/** Makes the tags of a review these. */
export async function replaceTags(db: Tx, reviewId: string, tags: readonly string[]): Promise<void> {
  await db.deleteFrom('review_tags').modifyEnd(named('dropReviewTags')).where('review_id', '=', reviewId).execute()
  await insertTags(db, reviewId, tags)
}

export async function insertTags(db: Tx, reviewId: string, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return
  await db
    .insertInto('review_tags')
    .modifyEnd(named('insertReviewTags'))
    .values(tags.map((tag, position) => ({ review_id: reviewId, tag, position })))
    .execute()
}
