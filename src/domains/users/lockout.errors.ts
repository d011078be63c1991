import { defineError } from '../../lib/errors.ts'

export const accountLocked = defineError(
  'account_locked',
  423,
  'Too many failed attempts: the account is locked for a while.',
)
