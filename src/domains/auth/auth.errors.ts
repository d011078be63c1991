import { defineError } from '../../lib/errors.ts'

export const wrongCredentials = defineError('wrong_credentials', 401, 'The e-mail address or the password is wrong.')
export const tokenReused = defineError(
  'token_reused',
  401,
  'This refresh token was used before, so its session was ended: sign in again.',
)
export const sessionOver = defineError('session_over', 401, 'The session is over: sign in again.')
export const sessionNotFound = defineError('not_found', 404, 'There is no such session.')
export const linkNotGood = defineError('link_not_good', 404, 'This link was used or has expired: ask for a new one.')
export const alreadyVerified = defineError('already_verified', 409, 'The e-mail address is verified already.')
