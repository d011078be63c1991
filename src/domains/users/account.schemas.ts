import { roles } from '../../lib/actor.ts'
import { closed, named, nullable, oneOf, Timestamp, Uuid } from '../../lib/schemas.ts'
import { Type } from '../../lib/typebox.ts'

/** An account as its owner sees it on signing in. */
export const Account = named(
  'Account',
  closed(
    {
      id: Uuid,
      email: Type.String({ description: 'As it was typed; only its owner sees it.' }),
      name: Type.String(),
      avatar_url: nullable(Type.String()),
      role: oneOf(roles, {}),
      is_verified: Type.Boolean({ description: 'Whether the e-mail address was verified; reviewing needs it.' }),
      created_at: Timestamp,
    },
    {
      examples: [
        {
          id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b11',
          email: 'adaeze.okafor@example.com',
          name: 'Adaeze Okafor',
          avatar_url: null,
          role: 'user',
          is_verified: false,
          created_at: '2026-11-21T10:00:00.000000Z',
        },
      ],
    },
  ),
)
