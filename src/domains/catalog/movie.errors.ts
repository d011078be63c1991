import { defineError } from '../../lib/errors.ts'

export const titleNotFound = defineError('not_found', 404, 'There is no such title.')
export const personNotFound = defineError('not_found', 404, 'There is no such person.')
export const titleExists = defineError('title_exists', 409, 'There is a title of this name and year already.')
export const slugTaken = defineError('slug_taken', 409, 'Another title has this slug.')
export const staleTitle = defineError(
  'stale_version',
  409,
  'This has changed since you read it: read it again, then change that.',
)
