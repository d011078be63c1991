import { closed, Line } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { AsCookie } from './session.schemas.ts'

/** The form is checked again, with its domain, by the service. */
export const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: '^[^\\s@\\p{Cc}\\p{Cf}\\p{Cs}]{1,64}@[^\\s@\\p{Cc}\\p{Cf}\\p{Cs}]{1,250}$',
  description: 'An e-mail address; international domains are fine.',
  examples: ['adaeze.okafor@example.com'],
})

const characters = '^[^\\p{Cc}\\p{Cs}]*$'

/** One that is there already: what is wrong with it is no business of whoever guesses. */
export const PresentPassword = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: characters,
  examples: ['Suya on Sundays 2026'],
})

/** One to be. Bytes are counted by the service: a letter of Yorùbá may take three. */
export const NewPassword = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: characters,
  description:
    '8 to 72 bytes of UTF-8; not among the 10,000 most leaked passwords, and not like the e-mail address or the name. Those ' +
    'of under four characters may be in it, but not with nothing but themselves and digits.',
  examples: ['Suya on Sundays 2026'],
})

export const NewAccount = closed(
  {
    email: Email,
    password: NewPassword,
    name: Line(100, { description: 'Shown with reviews.', examples: ['Adaeze Okafor'] }),
    cookie: Type.Optional(AsCookie),
  },
  {
    examples: [{ email: 'adaeze.okafor@example.com', password: 'Suya on Sundays 2026', name: 'Adaeze Okafor' }],
  },
)
export type NewAccount = Static<typeof NewAccount>

export const Credentials = closed(
  { email: Email, password: PresentPassword, cookie: Type.Optional(AsCookie) },
  { examples: [{ email: 'adaeze.okafor@example.com', password: 'Suya on Sundays 2026' }] },
)
export type Credentials = Static<typeof Credentials>
