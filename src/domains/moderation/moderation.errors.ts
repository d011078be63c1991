import { defineError } from '../../lib/errors.ts'

export const contentNotFound = defineError('not_found', 404, 'There is no such review.')
export const ownContent = defineError('own_review', 409, 'Somebody else must decide on your review.')
export const alreadyDecided = defineError(
  'already_decided',
  409,
  'This is not in the queue: somebody has decided already. Send `reopen` to decide again.',
)
export const contentChanged = defineError(
  'stale_version',
  409,
  'The review has changed since you read it: read it again.',
)
