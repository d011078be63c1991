import { defineError } from '../../lib/errors.ts'

export const accountNotFound = defineError('not_found', 404, 'There is no such account.')
export const ownAccount = defineError('own_account', 409, 'This is your own account.')
export const mayNotSuspend = defineError('forbidden', 403, 'Only somebody above an account’s role may suspend it.')
