import { roles } from '../../lib/actor.ts'
import { closed, nullable, oneOf, Timestamp, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { PresentPassword } from '../auth/registration.schemas.ts'

const Account = closed(
  {
    id: Uuid,
    email: Type.String({ description: 'As it was typed.' }),
    email_key: Type.String({ description: 'In the one form that tells accounts apart.' }),
    name: Type.String(),
    bio: nullable(Type.String()),
    location: nullable(Type.String()),
    avatar_url: nullable(Type.String()),
    role: oneOf(roles),
    is_verified: Type.Boolean(),
    suspended_at: nullable(Timestamp),
    suspended_until: nullable(Timestamp),
    suspension_reason: nullable(Type.String()),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { description: 'The account itself.' },
)

const exampleAccount = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b11',
  email: 'Adaeze.Okafor@gmail.com',
  email_key: 'adaezeokafor@gmail.com',
  name: 'Adaeze Okafor',
  bio: null,
  location: 'Surulere, Lagos',
  avatar_url: null,
  role: 'critic',
  is_verified: true,
  suspended_at: null,
  suspended_until: null,
  suspension_reason: null,
  created_at: '2026-03-14T08:21:09.120482Z',
  updated_at: '2026-11-20T17:45:31.002911Z',
}

/** What an export has of one kind of thing, as the part that holds it describes it. */
interface PartDescription {
  readonly name: string
  readonly description: string
}

/** Everything personal: the account, and a list for each part. */
export const personalDataWith = (parts: readonly PartDescription[]) =>
  closed(
    {
      exported_at: Timestamp,
      account: Account,
      ...Object.fromEntries(
        parts.map(({ name, description }) => [
          name,
          Type.Array(Type.Object({}, { additionalProperties: true }), { description }),
        ]),
      ),
    },
    {
      examples: [
        {
          exported_at: '2026-11-21T10:00:00.000Z',
          account: exampleAccount,
          ...Object.fromEntries(parts.map(({ name }) => [name, []])),
        },
      ],
    },
  )

/** What becomes of the reviews of somebody who goes. */
export const reviewFates = ['anonymise', 'delete'] as const

/** What happens to the reviews of an account that is erased: they stay under nobody's name, or they go. */
export const ErasureQuery = closed({
  reviews: oneOf(reviewFates, {
    default: 'anonymise',
    description: 'Whether reviews stay, under nobody’s name, or are deleted.',
  }),
})
export type ErasureQuery = Static<typeof ErasureQuery>

export const ErasureBody = closed(
  { password: PresentPassword },
  { description: 'To be sure that it is you.', examples: [{ password: PresentPassword.examples[0] }] },
)
export type ErasureBody = Static<typeof ErasureBody>
