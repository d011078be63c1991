import { type Db, named } from '../../infra/db.ts'

export interface RemovedContent {
  readonly id: string
  readonly user_id: string
  readonly movie_id: string
}

/** What is left of a review that its author deleted, kept from changing: its reports are resolved by one at a time. */
export const lockRemoved = (db: Db, id: string): Promise<RemovedContent | undefined> =>
  db
    .selectFrom('removed_reviews')
    .modifyFront(named('lockRemoved'))
    .select(['id', 'user_id', 'movie_id'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
