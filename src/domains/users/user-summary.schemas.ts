import { roles } from '../../lib/actor.ts'
import { closed, named, nullable, oneOf, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'

/** The short form of an account, wherever its name stands; never its e-mail address. In SQL, the view `user_summaries`. */
export const UserSummary = named(
  'UserSummary',
  closed(
    {
      id: Uuid,
      name: Type.String(),
      avatar_url: nullable(Type.String()),
      role: oneOf(roles, { description: 'A critic is one that the editors have recognised as such.' }),
    },
    {
      examples: [
        { id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b11', name: 'Adaeze Okafor', avatar_url: null, role: 'critic' },
      ],
    },
  ),
)
export type UserSummary = Static<typeof UserSummary>

/** What of an account depends on who asks. In SQL it is the function `user_viewer`. */
export const UserViewer = named(
  'UserViewer',
  closed(
    {
      is_following: Type.Boolean({ description: 'Whether you follow this account.' }),
      follows_you: Type.Boolean({ description: 'Whether it follows you.' }),
    },
    { examples: [{ is_following: true, follows_you: false }] },
  ),
)
export type UserViewer = Static<typeof UserViewer>
