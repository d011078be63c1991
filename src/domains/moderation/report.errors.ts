import { defineError } from '../../lib/errors.ts'

export const reviewNotFound = defineError('not_found', 404, 'There is no such review.')
export const reportNotFound = defineError('not_found', 404, 'There is no such report.')
export const ownReview = defineError('own_review', 409, 'This is your own review.')
export const alreadyReported = defineError('already_reported', 409, 'You have reported this review already.')
export const tooManyReports = defineError(
  'too_many_reports',
  429,
  'You have reported as much as one may in a day: try again tomorrow.',
)
export const reportResolved = defineError('report_resolved', 409, 'Somebody has resolved this report already.')
export const contentGone = defineError(
  'review_gone',
  409,
  'The review is gone: all that is left is to dismiss the report.',
)
