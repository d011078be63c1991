import { roles } from '../../lib/actor.ts'
import {
  AccountId,
  Cursor,
  closed,
  IncludeTotal,
  Limit,
  named,
  nullable,
  nullableRef,
  oneOf,
  pageOf,
  refTo,
  Timestamp,
  Uuid,
} from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { UserViewer } from '../users/user-summary.schemas.ts'

export const UserParams = Type.Object({ user_id: AccountId })

/** What comes of following somebody. */
export const Follow = named(
  'Follow',
  closed(
    {
      user_id: Uuid,
      followers_count: Type.Integer({
        minimum: 0,
        description: 'Those of the account that you follow, you among them.',
      }),
      viewer: refTo(UserViewer),
    },
    {
      examples: [
        {
          user_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b11',
          followers_count: 129,
          viewer: { is_following: true, follows_you: false },
        },
      ],
    },
  ),
)
export type Follow = Static<typeof Follow>

const exampleListed = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b11',
  name: 'Adaeze Okafor',
  avatar_url: null,
  role: 'critic',
  since: '2026-11-21T10:00:00.000000Z',
  viewer: { is_following: true, follows_you: false },
}

/** The short form of an account on a list of accounts. */
export const ListedUser = named(
  'ListedUser',
  closed(
    {
      id: Uuid,
      name: Type.String(),
      avatar_url: nullable(Type.String()),
      role: oneOf(roles, { description: 'A critic is one that the editors have recognised as such.' }),
      since: {
        ...Timestamp,
        description: 'When it was followed, began to follow, or was blocked.',
      } as typeof Timestamp,
      viewer: nullableRef(UserViewer, {
        description: 'What depends on who asks; null for anonymous callers and for oneself.',
      }),
    },
    { examples: [exampleListed] },
  ),
)
export type ListedUser = Static<typeof ListedUser>

export const UserListQuery = closed({ limit: Limit, cursor: Type.Optional(Cursor), include_total: IncludeTotal })
export type UserListQuery = Static<typeof UserListQuery>

export const UserList = pageOf(refTo(ListedUser), {
  examples: [{ data: [exampleListed], page: { limit: 20, next_cursor: null, total: null } }],
})
export type UserList = Static<typeof UserList>

export const followSchemas = [UserViewer, Follow, ListedUser]
