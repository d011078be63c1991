import { Cursor, closed, IncludeTotal, Limit, LineToFind, oneOf, pageOf, refTo, Slug } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { type ContentType, exampleOf, LanguageCode, MovieSummary } from './movie-summary.schemas.ts'

const several = 'Several are alternatives.'
const GenreSlug = Type.String({ ...Slug, examples: ['drama'] })
const Genres = Type.Array(GenreSlug, {
  maxItems: 20,
  description: `By slug. ${several}`,
  examples: [['drama', 'crime']],
})
const Languages = Type.Array(LanguageCode, {
  maxItems: 20,
  description: `By code. ${several}`,
  examples: [['yo', 'ig']],
})
const Year = Type.Integer({ minimum: 1895, maximum: 2200, examples: [2018] })
const Rating = Type.Number({ minimum: 1, maximum: 10, examples: [7.5] })

/** What narrows a list or a search of titles. */
export const movieFilterFields = {
  genre: Type.Optional(Genres),
  'genre[]': Type.Optional({ ...Genres, description: 'The same as `genre`.' } as typeof Genres),
  language: Type.Optional(Languages),
  'language[]': Type.Optional({ ...Languages, description: 'The same as `language`.' } as typeof Languages),
  year: Type.Optional(Year),
  year_min: Type.Optional(Year),
  year_max: Type.Optional(Year),
  rating_min: Type.Optional(Type.Number({ ...Rating, description: 'Least `lemon_pie_rating`.' })),
  rating_max: Type.Optional(Type.Number({ ...Rating, description: 'Greatest `lemon_pie_rating`.' })),
  production_state: Type.Optional(
    LineToFind(100, { description: 'Whatever its case and its marks.', examples: ['Lagos'] }),
  ),
  director: Type.Optional(
    LineToFind(255, { description: 'A director’s id, slug or name.', examples: ['kemi-adetiba', 'Kemi Adetiba'] }),
  ),
  has_reviews: Type.Optional(Type.Boolean()),
}
const MovieFilterQuery = closed(movieFilterFields)
export type MovieFilterQuery = Static<typeof MovieFilterQuery>

export const movieSorts = ['release_date', 'rating', 'review_count', 'title', 'created_at', 'trending'] as const
export type MovieSort = (typeof movieSorts)[number]
export const orders = ['asc', 'desc'] as const
export type Order = (typeof orders)[number]

export const MovieListQuery = closed({
  ...movieFilterFields,
  sort: Type.Optional(
    oneOf(movieSorts, {
      default: 'release_date',
      description: 'What is not dated or not rated comes last, whatever the order.',
    }),
  ),
  order: Type.Optional(oneOf(orders, { description: 'By default `asc` for title, else `desc`.' })),
  limit: Limit,
  cursor: Type.Optional(Cursor),
  include_total: IncludeTotal,
})
export type MovieListQuery = Static<typeof MovieListQuery>

/** A list of titles, with an example of the type. */
export const movieListOf = (type: ContentType) =>
  pageOf(refTo(MovieSummary), {
    examples: [{ data: [exampleOf(type)], page: { limit: 20, next_cursor: null, total: null } }],
  })
export const MovieList = movieListOf('movie')

/** Lists that editors or the clock put in their order. */
export const PagedQuery = closed({ limit: Limit, cursor: Type.Optional(Cursor), include_total: IncludeTotal })
export type PagedQuery = Static<typeof PagedQuery>

/** The best so many of what is ranked for one title: there is no page after them. */
export const LimitQuery = closed({ limit: Limit })
