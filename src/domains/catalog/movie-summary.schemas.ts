import { CalendarDate, closed, named, nullable, nullableRef, oneOf, refTo, Slug, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'

export const contentTypes = ['movie', 'series'] as const
export type ContentType = (typeof contentTypes)[number]
export const releasePrecisions = ['day', 'month', 'year', 'unknown'] as const
export const classifications = ['G', 'PG', 'C', '12', '12A', '15', '18'] as const

/** A language as clients name it. */
export const LanguageCode = Type.String({ pattern: '^[a-z]{2,3}$', maxLength: 3, examples: ['yo'] })

export const GenreRef = named(
  'GenreRef',
  closed({ slug: Slug, name: Type.String() }, { examples: [{ slug: 'crime', name: 'Crime' }] }),
)

export const LanguageRef = named(
  'LanguageRef',
  closed(
    { code: Type.String({ description: 'ISO 639-1 where there is one, else ISO 639-3.' }), name: Type.String() },
    { examples: [{ code: 'yo', name: 'Yoruba' }] },
  ),
)

export const PersonRef = named(
  'PersonRef',
  closed(
    { id: Uuid, slug: Slug, name: Type.String() },
    { examples: [{ id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a01', slug: 'kemi-adetiba', name: 'Kemi Adetiba' }] },
  ),
)

export const ReleasePrecision = oneOf(releasePrecisions, {
  description: 'How much of the release is known: with `month`, `release_date` is the first of that month.',
})

export const Classification = oneOf(classifications, {
  description: 'Rating of the National Film and Video Censors Board.',
})

export const viewerFields = {
  my_rating: nullable(Type.Integer({ minimum: 1, maximum: 10, description: 'What your review of it gives it.' })),
  in_watchlist: Type.Boolean(),
  in_favorites: Type.Boolean(),
  watched: Type.Boolean({ description: 'Whether you have watched it; who has reviewed it has.' }),
}

export const exampleViewer = { my_rating: null, in_watchlist: true, in_favorites: false, watched: false }

/** What of a title depends on who asks, wherever it stands. In SQL it is the function `title_viewer`. */
export const TitleViewer = named('TitleViewer', closed(viewerFields, { examples: [exampleViewer] }))
export type TitleViewer = Static<typeof TitleViewer>

/** The fields that the short and the full form of a title share. */
export const summaryFields = {
  id: Uuid,
  slug: Slug,
  type: oneOf(contentTypes),
  title: Type.String(),
  local_title: nullable(
    Type.String({ description: 'The title in its own language with its tone marks, where that differs.' }),
  ),
  release_date: nullable(CalendarDate),
  release_year: nullable(Type.Integer()),
  release_precision: ReleasePrecision,
  runtime: nullable(Type.Integer({ description: 'Minutes; of one episode for a series.' })),
  poster_url: nullable(Type.String()),
  classification: nullable(Classification),
  genres: Type.Array(refTo(GenreRef)),
  languages: Type.Array(refTo(LanguageRef)),
  directors: Type.Array(refTo(PersonRef)),
  part_number: nullable(Type.Integer({ description: 'Which part of its story this is.' })),
  lemon_pie_rating: nullable(
    Type.Number({ description: 'Mean of the approved reviews, 1–10, one decimal; null without reviews.' }),
  ),
  weighted_rating: nullable(Type.Number({ description: 'Bayesian mean, which `sort=rating` uses.' })),
  review_count: Type.Integer(),
  viewer: nullableRef(TitleViewer, { description: 'What depends on who asks; null for anonymous callers.' }),
}

export const exampleSummary = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77',
  slug: 'king-of-boys-2018',
  type: 'movie',
  title: 'King of Boys',
  local_title: null,
  release_date: '2018-10-26',
  release_year: 2018,
  release_precision: 'day',
  runtime: 182,
  poster_url: null,
  classification: '18',
  genres: [
    { slug: 'crime', name: 'Crime' },
    { slug: 'thriller', name: 'Thriller' },
  ],
  languages: [
    { code: 'en', name: 'English' },
    { code: 'yo', name: 'Yoruba' },
  ],
  directors: [{ id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a01', slug: 'kemi-adetiba', name: 'Kemi Adetiba' }],
  part_number: null,
  lemon_pie_rating: null,
  weighted_rating: null,
  review_count: 0,
  viewer: null,
}

const exampleSeries = {
  ...exampleSummary,
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a78',
  slug: 'king-of-boys-the-return-of-the-king-2021',
  type: 'series',
  title: 'King of Boys: The Return of the King',
  release_date: '2021-08-27',
  release_year: 2021,
  runtime: null,
  languages: [
    { code: 'en', name: 'English' },
    { code: 'yo', name: 'Yoruba' },
    { code: 'pcm', name: 'Nigerian Pidgin' },
  ],
  part_number: 2,
}

/** A title of one type; a film where either will do. */
export const exampleOf = (type: ContentType | null): typeof exampleSummary | typeof exampleSeries =>
  type === 'series' ? exampleSeries : exampleSummary

/** The short form of a title, wherever one is listed. In SQL it is the view `movie_summaries`, with `viewer` added. */
export const MovieSummary = named('MovieSummary', closed(summaryFields, { examples: [exampleSummary] }))
export type MovieSummary = Static<typeof MovieSummary>

export const summarySchemas = [GenreRef, LanguageRef, PersonRef, TitleViewer, MovieSummary]
