import { closed, named } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { Email, NewPassword, PresentPassword } from './registration.schemas.ts'

export const MailToken = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[A-Za-z0-9_-]+$',
  description: 'From the link in the e-mail.',
  examples: ['pX2c9VqkS0mD4rT7yLw1zBn8hJf5gEo3uQa6iKs0dRc'],
})

/** What is taken on and done later. */
export const MailOnItsWay = named(
  'MailOnItsWay',
  closed(
    { message: Type.String({ description: 'For people.' }) },
    { examples: [{ message: 'If the address has an account, a mail is on its way.' }] },
  ),
)

export const ForgotPassword = closed({ email: Email }, { examples: [{ email: 'adaeze.okafor@example.com' }] })
export type ForgotPassword = Static<typeof ForgotPassword>

export const ResetPassword = closed(
  { token: MailToken, password: NewPassword },
  { examples: [{ token: MailToken.examples[0], password: 'Suya on Sundays 2026' }] },
)
export type ResetPassword = Static<typeof ResetPassword>

export const ChangePassword = closed(
  { current_password: PresentPassword, new_password: NewPassword },
  { examples: [{ current_password: 'Suya on Sundays 2026', new_password: 'Ofada rice at Iya Basira' }] },
)
export type ChangePassword = Static<typeof ChangePassword>
