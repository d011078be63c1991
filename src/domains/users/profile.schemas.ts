import { roles } from '../../lib/actor.ts'
import {
  AccountId,
  closed,
  Line,
  named,
  nullable,
  nullableRef,
  oneOf,
  Paragraphs,
  refTo,
  Timestamp,
  Uuid,
} from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { UserViewer } from './user-summary.schemas.ts'

const count = (description: string) => Type.Integer({ minimum: 0, description })

export const UserStats = named(
  'UserStats',
  closed(
    {
      total_reviews: count('Reviews that everybody can read.'),
      average_rating: nullable(
        Type.Number({
          minimum: 1,
          maximum: 10,
          description: 'Mean of their ratings, to one decimal; null without any.',
        }),
      ),
      followers_count: count('How many accounts follow this one.'),
      following_count: count('How many accounts this one follows.'),
      movies_watched: nullable(count('Titles marked as watched; null where the list of them is not for you to see.')),
    },
    {
      examples: [
        { total_reviews: 42, average_rating: 7.3, followers_count: 128, following_count: 37, movies_watched: 211 },
      ],
    },
  ),
)
export type UserStats = Static<typeof UserStats>

const shown = {
  id: Uuid,
  name: Type.String(),
  bio: nullable(Type.String()),
  location: nullable(Type.String()),
  avatar_url: nullable(Type.String()),
  role: oneOf(roles, { description: 'A critic is one that the editors have recognised as such.' }),
  created_at: Timestamp,
  stats: refTo(UserStats),
  viewer: nullableRef(UserViewer, {
    description: 'What depends on who asks; null for anonymous callers and for oneself.',
  }),
}

const exampleProfile = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b11',
  name: 'Adaeze Okafor',
  bio: 'Raised on home videos from Idumota. Old Nollywood first, always.',
  location: 'Surulere, Lagos',
  avatar_url: null,
  role: 'critic',
  created_at: '2026-03-14T08:21:09.120482Z',
  stats: { total_reviews: 42, average_rating: 7.3, followers_count: 128, following_count: 37, movies_watched: 211 },
  viewer: null,
}

/** What everybody may know of an account; never its e-mail address. */
export const UserProfile = named('UserProfile', closed(shown, { examples: [exampleProfile] }))
export type UserProfile = Static<typeof UserProfile>

/** The same with what only its owner may know. */
export const OwnProfile = named(
  'OwnProfile',
  closed(
    {
      ...shown,
      email: Type.String({ description: 'As it was typed.' }),
      is_verified: Type.Boolean({ description: 'Whether the e-mail address is verified.' }),
      updated_at: Timestamp,
    },
    {
      examples: [
        {
          ...exampleProfile,
          email: 'adaeze.okafor@example.com',
          is_verified: true,
          updated_at: '2026-11-20T17:45:31.002911Z',
        },
      ],
    },
  ),
)
export type OwnProfile = Static<typeof OwnProfile>

/** The name of an account, wherever it is set. */
export const UserName = Line(100, { examples: ['Adaeze Okafor'] })

const optional = <T extends Parameters<typeof nullable>[0]>(schema: T) => Type.Optional(nullable(schema))

/** What is to change of a profile: what is left out stays, null clears. */
export const ProfilePatch = closed(
  {
    name: Type.Optional(UserName),
    bio: optional(Paragraphs(1000)),
    location: optional(Line(100)),
    avatar_url: optional(
      Type.String({ minLength: 1, maxLength: 500, description: 'An image that was uploaded here: no other address.' }),
    ),
  },
  {
    examples: [{ bio: 'Raised on home videos from Idumota.', location: 'Surulere, Lagos', avatar_url: null }],
  },
)
export type ProfilePatch = Static<typeof ProfilePatch>

export const UserParams = Type.Object({ user_id: AccountId })

export const profileSchemas = [UserStats, UserViewer, UserProfile, OwnProfile]
