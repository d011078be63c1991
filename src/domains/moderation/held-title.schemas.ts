import { Cursor, closed, Limit, Line, named, oneOf, pageOf, refTo, Timestamp, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { exampleSummary, MovieSummary, summarySchemas } from '../catalog/movie-summary.schemas.ts'
import { TotalUpTo } from './total.schemas.ts'

export const ratingExtremes = ['low', 'high'] as const
export const heldCounts = ['all', 'some', 'none'] as const

const example = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4f01',
  movie: exampleSummary,
  began_at: '2026-11-21T20:00:00.000000Z',
  held_at: '2026-11-21T21:30:00.000000Z',
  extreme: 'low',
  window_hours: 6,
  reviews: 18,
  extremes: 16,
  expected: 0.4,
  held_reviews: 54,
}

/** A title whose score is held, and the figures that say why. */
export const HeldTitle = named(
  'HeldTitle',
  closed(
    {
      id: Uuid,
      movie: refTo(MovieSummary),
      began_at: { ...Timestamp, description: 'Reviews from then on are held.' } as typeof Timestamp,
      held_at: Timestamp,
      extreme: oneOf(ratingExtremes, { description: 'Whether the ratings were 1 and 2, or 9 and 10.' }),
      window_hours: Type.Number(),
      reviews: Type.Integer({ description: 'In the window when it was held.' }),
      extremes: Type.Integer({ description: 'Of them, at the extreme.' }),
      expected: Type.Number({ description: 'How many of those the history of the title let expect.' }),
      held_reviews: Type.Integer({ description: 'Held at present.' }),
    },
    { examples: [example] },
  ),
)
export type HeldTitle = Static<typeof HeldTitle>

export const HeldTitleList = pageOf(refTo(HeldTitle), {
  examples: [{ data: [example], page: { limit: 20, next_cursor: null, total: null } }],
})

export const HeldTitlesQuery = closed({ limit: Limit, cursor: Type.Optional(Cursor), include_total: TotalUpTo })
export type HeldTitlesQuery = Static<typeof HeldTitlesQuery>

export const HeldTitleParams = Type.Object({ movie_id: Uuid })

export const ReleaseBody = closed(
  {
    count: oneOf(heldCounts, {
      description:
        'all: every held review counts, but for those in `except`, which are rejected; some: those of `review_ids` do, the ' +
        'others are rejected; none: all are rejected.',
    }),
    review_ids: Type.Optional(
      Type.Array(Uuid, {
        minItems: 1,
        maxItems: 500,
        uniqueItems: true,
        description: 'With `some`: those that count.',
      }),
    ),
    except: Type.Optional(
      Type.Array(Uuid, {
        minItems: 1,
        maxItems: 500,
        uniqueItems: true,
        description: 'With `all`: those that do not.',
      }),
    ),
    reason: Line(500, { description: 'What the authors of rejected reviews are told.' }),
  },
  { examples: [{ count: 'none', reason: 'Posted together from accounts that have seen no film.' }] },
)
export type ReleaseBody = Static<typeof ReleaseBody>

export const ReleaseOutcome = named(
  'ReleaseOutcome',
  closed(
    { movie_id: Uuid, counted: Type.Integer(), rejected: Type.Integer() },
    { examples: [{ movie_id: exampleSummary.id, counted: 0, rejected: 54 }] },
  ),
)
export type ReleaseOutcome = Static<typeof ReleaseOutcome>

export const heldTitleSchemas = [...summarySchemas, HeldTitle, ReleaseOutcome]
