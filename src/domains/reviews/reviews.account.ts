import { type AccountPart, rowsInPages } from '../../infra/account-parts.ts'
import { rememberReviewer } from './returning-reviewer.service.ts'
import { forgetAllReviews } from './review.service.ts'
import {
  deleteReviewsOf,
  deleteVotesOf,
  listKeptAnswerData,
  listRemovedReviewData,
  listReviewData,
  listVoteData,
} from './review-data.queries.ts'

/** Reviews, votes, and what is kept so that a request sent twice is done once. */
export const reviewParts: readonly AccountPart[] = [
  {
    name: 'reviews',
    description: 'What you wrote of titles, with what it said before your edits.',
    exportRows: (db, userId) =>
      rowsInPages<{ id: string }>((last, rows) => listReviewData(db, userId, { after: last?.id, rows })),
    erase: async (tx, userId, { reviews }) => {
      // Those that stay lose their author with the account, by the reference to it.
      if (reviews === 'delete') await deleteReviewsOf(tx.db, userId)
      else await rememberReviewer(tx, userId)
      tx.afterCommit(() => forgetAllReviews(tx))
    },
  },
  {
    name: 'removed_reviews',
    description: 'What is left of reviews that you or moderators deleted.',
    exportRows: (db, userId) =>
      rowsInPages<{ id: string }>((last, rows) => listRemovedReviewData(db, userId, { after: last?.id, rows })),
    // They hang on the account, and go with it.
    erase: async () => {},
  },
  {
    name: 'review_votes',
    description: 'How you voted on reviews.',
    exportRows: (db, userId) =>
      rowsInPages<{ review_id: string }>((last, rows) => listVoteData(db, userId, { after: last?.review_id, rows })),
    erase: (tx, userId) => deleteVotesOf(tx.db, userId),
  },
  {
    name: 'kept_answers',
    description: 'What was answered to requests that you sent with an Idempotency-Key, for 24 hours.',
    exportRows: (db, userId) =>
      rowsInPages<{ key: string }>((last, rows) => listKeptAnswerData(db, userId, { after: last?.key, rows })),
    // They hang on the account, and go with it.
    erase: async () => {},
  },
]
