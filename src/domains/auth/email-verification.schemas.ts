import { closed, named } from '../../lib/schemas.ts'
import { Type } from '../../lib/typebox.ts'
import { MailToken } from './password.schemas.ts'

export const EmailVerified = named(
  'EmailVerified',
  closed({ is_verified: Type.Boolean() }, { examples: [{ is_verified: true }] }),
)

export const VerifyEmailParams = closed({ token: MailToken })
