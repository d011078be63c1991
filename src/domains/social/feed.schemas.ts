import { Cursor, closed, Limit, named, nullableRef, oneOf, pageOf, refTo, Timestamp, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { exampleSummary, exampleViewer, MovieSummary } from '../catalog/movie-summary.schemas.ts'
import { exampleReview, Review, reviewSchemas } from '../reviews/review.schemas.ts'
import { UserSummary } from '../users/user-summary.schemas.ts'

export const activityTypes = ['reviewed', 'rated', 'watched', 'watchlisted', 'favourited', 'followed'] as const
export type ActivityType = (typeof activityTypes)[number]

/** How many of the titles or accounts of a group are shown. */
export const shownOfGroup = 4

const exampleMovie = { ...exampleSummary, viewer: exampleViewer }
const exampleUser = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b11',
  name: 'Adaeze Okafor',
  avatar_url: null,
  role: 'critic',
}
const exampleActivity = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4d01',
  type: 'watchlisted',
  user: exampleUser,
  count: 7,
  movies: [exampleMovie],
  users: [],
  review: null,
  created_at: '2026-11-21T10:00:00.000000Z',
}

export const Activity = named(
  'Activity',
  closed(
    {
      id: Uuid,
      type: oneOf(activityTypes, { description: '`rated`: gave a title another rating than before.' }),
      user: refTo(UserSummary, { description: 'Who did it.' }),
      count: Type.Integer({
        minimum: 1,
        description: 'How many titles or accounts it was about: small acts of one hour are one activity.',
      }),
      movies: Type.Array(refTo(MovieSummary), {
        description: `What was watched, watchlisted or favourited: the latest ${shownOfGroup} of them.`,
      }),
      users: Type.Array(refTo(UserSummary), {
        description: `Who was followed: the latest ${shownOfGroup} of them.`,
      }),
      review: nullableRef(Review, { description: 'What was reviewed or rated anew, with its title; else null.' }),
      created_at: { ...Timestamp, description: 'When it began.' } as typeof Timestamp,
    },
    {
      examples: [
        exampleActivity,
        {
          ...exampleActivity,
          type: 'reviewed',
          count: 1,
          movies: [],
          review: { ...exampleReview, movie: { ...exampleReview.movie, viewer: exampleViewer } },
        },
      ],
    },
  ),
)
export type Activity = Static<typeof Activity>

const oneType = `(?:${activityTypes.join('|')})`

export const FeedQuery = closed({
  types: Type.Optional(
    Type.Array(Type.String({ pattern: `^${oneType}(?:,${oneType})*$`, maxLength: 100 }), {
      maxItems: activityTypes.length,
      description: `Only these: ${activityTypes.join(', ')}. Several by commas, or one each.`,
      examples: [['reviewed,rated']],
    }),
  ),
  limit: Limit,
  // No include_total: there is no number that is kept, and counting is as dear as reading the whole feed.
  cursor: Type.Optional(Cursor),
})
export type FeedQuery = Static<typeof FeedQuery>

export const Feed = pageOf(refTo(Activity), {
  examples: [{ data: [exampleActivity], page: { limit: 20, next_cursor: null, total: null } }],
})
export type Feed = Static<typeof Feed>

export const feedSchemas = [...reviewSchemas, Activity]
