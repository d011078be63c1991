import { defineError } from '../../lib/errors.ts'

export const reviewNotFound = defineError('not_found', 404, 'There is no such review.')
export const reviewedTitleNotFound = defineError('not_found', 404, 'There is no such title.')
export const authorNotFound = defineError('not_found', 404, 'There is no such account.')
export const reviewExists = defineError('review_exists', 409, 'You have reviewed this title already: edit that review.')
export const ownReview = defineError('own_review', 409, 'This is your own review.')
export const notYourReview = defineError('forbidden', 403, 'This is somebody else’s review.')
export const staleVersion = defineError(
  'stale_version',
  409,
  'This has changed since you read it: read it again, then change that.',
)
export const notHeld = defineError(
  'not_held',
  409,
  'The score of this title is not held: somebody has decided already.',
)
