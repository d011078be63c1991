import { defineError } from '../../lib/errors.ts'

export const emailTaken = defineError('email_taken', 409, 'There is an account with this e-mail address already.')
