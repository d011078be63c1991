import { defineError } from '../../lib/errors.ts'

export const listedTitleNotFound = defineError('not_found', 404, 'There is no such title.')
export const listPrivate = defineError('list_private', 403, 'Its owner does not show you this list.')
export const titleReviewed = defineError(
  'title_reviewed',
  409,
  'You have reviewed this title, and so have watched it: delete the review first.',
)
