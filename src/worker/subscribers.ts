import type { Subscribers } from './subscriber-jobs.ts'

/** Every event with those who react to it; a new event does not compile until it is listed, with [] if nobody cares. */
export const subscribers: Subscribers = {
  'title.created': [],
  'title.updated': [],
  'title.deleted': [],
  'review.published': [],
  'review.updated': [],
  'review.deleted': [],
  'review.moderated': [],
  'review.voted': [],
  'review.flagged': [],
  'title.score_held': [],
  'title.score_released': [],
  'report.resolved': [],
  'user.warned': [],
  'user.suspended': [],
}
