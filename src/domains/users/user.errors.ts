import { defineError } from '../../lib/errors.ts'

export const userNotFound = defineError('not_found', 404, 'There is no such account.')
export const wrongPassword = defineError('wrong_password', 403, 'The password is not that of this account.')
export const lastAdmin = defineError('last_admin', 409, 'Make somebody else an admin first: you are the last one.')
