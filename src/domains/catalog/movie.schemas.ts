import { closed, named, nullable, nullableRef, oneOf, pageOf, refTo, Timestamp } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { Review, reviewSchemas } from '../reviews/review.schemas.ts'
import { ReviewList } from '../reviews/review-list.schemas.ts'
import { criteria } from './criteria.schemas.ts'
import {
  type ContentType,
  exampleOf,
  exampleSummary,
  exampleViewer,
  MovieSummary,
  PersonRef,
  summaryFields,
  viewerFields,
} from './movie-summary.schemas.ts'

export { titleReviewsScope } from '../reviews/review-list.schemas.ts'

export const castRoles = ['actor', 'director', 'producer', 'writer'] as const
export const aliasKinds = ['original', 'english', 'local', 'pidgin', 'retitle', 'part', 'misspelling'] as const

const kemi = { id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a01', slug: 'kemi-adetiba', name: 'Kemi Adetiba' }
const sola = { id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a02', slug: 'sola-sobowale', name: 'Sola Sobowale' }
const exampleCast = { person: sola, role: 'actor', character: 'Alhaja Eniola Salami', billing_order: 0 }

export const Credit = named(
  'Credit',
  closed(
    {
      person: refTo(PersonRef),
      role: oneOf(castRoles),
      character: nullable(Type.String()),
      billing_order: Type.Integer({ description: 'From 0, within the role.' }),
    },
    { examples: [exampleCast] },
  ),
)

export const MovieAlias = named(
  'MovieAlias',
  closed(
    {
      name: Type.String(),
      kind: oneOf(aliasKinds),
      language: nullable(Type.String({ description: 'Code, where it is known.' })),
    },
    { examples: [{ name: 'KOB', kind: 'retitle', language: null }] },
  ),
)

const average = nullable(Type.Number({ description: 'Mean of those who rated it, one decimal.' }))
const tally = Type.Integer({ minimum: 0 })
const ratings = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'] as const
const noRatings = Object.fromEntries(ratings.map((rating) => [rating, 0]))
const exampleStats = {
  average_rating: null,
  weighted_rating: null,
  review_count: 0,
  rating_distribution: noRatings,
  critic_rating: null,
  critic_count: 0,
  audience_rating: null,
  audience_count: 0,
  score_state: 'insufficient',
  ...Object.fromEntries(
    criteria.flatMap((name) => [
      [`${name}_avg`, null],
      [`${name}_count`, 0],
    ]),
  ),
}

export const scoreStates = ['insufficient', 'held', 'normal'] as const

const criterionFields = Object.fromEntries(
  criteria.flatMap((name) => [
    [`${name}_avg`, average],
    [`${name}_count`, tally],
  ]),
) as { [C in (typeof criteria)[number] as `${C}_avg`]: typeof average } & {
  [C in (typeof criteria)[number] as `${C}_count`]: typeof tally
}

export const MovieStats = named(
  'MovieStats',
  closed(
    {
      average_rating: nullable(Type.Number({ description: 'The same as `lemon_pie_rating` of the title.' })),
      weighted_rating: nullable(Type.Number({ description: 'Bayesian mean.' })),
      review_count: tally,
      rating_distribution: Type.Object(
        Object.fromEntries(ratings.map((rating) => [rating, tally])) as Record<(typeof ratings)[number], typeof tally>,
        { additionalProperties: false, description: 'How many reviews gave each rating.' },
      ),
      critic_rating: nullable(Type.Number({ description: 'Mean of the reviews by critics.' })),
      critic_count: tally,
      audience_rating: nullable(Type.Number({ description: 'Mean of the reviews by all others.' })),
      audience_count: tally,
      score_state: oneOf(scoreStates, {
        description:
          'Whether the score can be relied on: there are fewer than five reviews (`insufficient`), some are held back until a ' +
          'moderator has looked at a burst of them (`held`: the score is the one without them), or neither.',
      }),
      ...criterionFields,
    },
    { examples: [exampleStats] },
  ),
)
export type MovieStats = Static<typeof MovieStats>

const summaries = refTo(MovieSummary)

/** What of a title depends on who asks. */
export const MovieViewer = named(
  'MovieViewer',
  closed(
    { ...viewerFields, my_review: nullableRef(Review, { description: 'Your review of it, whatever its status.' }) },
    { examples: [{ ...exampleViewer, my_review: null }] },
  ),
)
export type MovieViewer = Static<typeof MovieViewer>

const fullFields = {
  // First, where its ETag looks for it.
  version: Type.Integer({
    minimum: 1,
    description: 'Grows with every change of the title or one of its lists; the `ETag` carries it.',
  }),
  ...summaryFields,
  plot_summary: nullable(Type.String()),
  trailer_url: nullable(Type.String()),
  production_state: nullable(Type.String()),
  box_office_ng: nullable(Type.String({ description: 'Takings in Nigerian cinemas, as published.' })),
  box_office_note: nullable(Type.String()),
  companies: Type.Array(Type.String(), { description: 'Production companies, as billed.' }),
  cast: Type.Array(refTo(Credit)),
  crew: Type.Array(refTo(Credit)),
  aliases: Type.Array(refTo(MovieAlias)),
  part_of: nullableRef(MovieSummary, { description: 'The first part of the story that this title continues.' }),
  parts: Type.Array(summaries, {
    description: 'All titles of the story in order, this one too; empty when it is alone.',
  }),
  stats: refTo(MovieStats),
  created_at: Timestamp,
  updated_at: Timestamp,
}

const exampleMovie = {
  version: 2,
  ...exampleSummary,
  plot_summary: 'A Lagos businesswoman who secretly rules the underworld reaches for political office.',
  trailer_url: null,
  production_state: 'Lagos',
  box_office_ng: '₦244,775,758',
  box_office_note: null,
  companies: ['Kemi Adetiba Visuals'],
  cast: [exampleCast],
  crew: [{ person: kemi, role: 'director', character: null, billing_order: 0 }],
  aliases: [{ name: 'KOB', kind: 'retitle', language: null }],
  part_of: null,
  parts: [],
  stats: exampleStats,
  created_at: '2026-11-21T10:00:00.000000Z',
  updated_at: '2026-11-21T10:00:00.000000Z',
}

const exampleSeries = {
  ...exampleMovie,
  ...exampleOf('series'),
  plot_summary: 'Back from exile, Eniola Salami runs for governor of Lagos.',
  box_office_ng: null,
  aliases: [{ name: 'King of Boys 2', kind: 'part', language: 'en' }],
  part_of: exampleSummary,
  parts: [exampleSummary, exampleOf('series')],
}

/** The full form of a title. */
export const Movie = named(
  'Movie',
  closed(
    {
      ...fullFields,
      viewer: nullableRef(MovieViewer, { description: 'What depends on who asks; null for anonymous callers.' }),
      similar: Type.Optional(pageOf(summaries, { description: 'First page, with `include=similar`.' })),
      reviews: Type.Optional({
        ...ReviewList,
        description: 'First page, newest first, with `include=reviews`.',
      } as typeof ReviewList),
    },
    { examples: [exampleMovie] },
  ),
)
export type Movie = Static<typeof Movie>

/** A title of one type in full. */
export const exampleMovieOf = (type: ContentType): object => (type === 'series' ? exampleSeries : exampleMovie)

export const MovieQuery = closed({
  include: Type.Optional(
    Type.String({
      pattern: '^(?:reviews|similar)(?:,(?:reviews|similar))?$',
      maxLength: 40,
      description: 'First pages to embed, separated by commas.',
      examples: ['reviews,similar'],
    }),
  ),
})

export const movieSchemas = [Credit, MovieAlias, MovieStats, ...reviewSchemas, MovieViewer, Movie]
