import { Cursor, closed, IncludeTotal, Limit, named, nullable, oneOf, PageInfo, refTo } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { titleKinds } from '../catalog/movie-kind.schemas.ts'
import { movieFilterFields } from '../catalog/movie-list.schemas.ts'
import {
  type ContentType,
  contentTypes,
  exampleOf,
  MovieSummary,
  summaryFields,
  summarySchemas,
} from '../catalog/movie-summary.schemas.ts'
import { mostAlternatives } from './search-syntax.schemas.ts'

/** What is searched is the catalogue's: its types, and its short form of a title. */
export type TitleType = ContentType
export type TitleSummary = MovieSummary
export const searchedKinds = titleKinds

/** Ranked hits end here, whatever the query; what is narrowed by filters is narrowed before. */
export const mostHits = 200

const Query = Type.String({
  minLength: 1,
  maxLength: 200,
  description:
    'What people type: names of titles and people, misspelt, incomplete, joined, in any order; a year; a word of the plot. ' +
    '"Quotes" ask for a phrase; `-word` and `-"a phrase"` exclude; `or` stands between alternatives, of which the first ' +
    `${mostAlternatives} are looked for by themselves and the words of further ones only as words of the whole. The first 16 words of ` +
    'each count.',
  examples: ['king of boys', 'anikulapo', 'kunle afolayan', '"breaking free" -2003', 'party -"party crashers"'],
})

const searchFields = {
  q: Query,
  ...movieFilterFields,
  limit: Limit,
  cursor: Type.Optional(Cursor),
  include_total: Type.Boolean({
    ...IncludeTotal,
    description: `Whether to count the hits, of which there are at most ${mostHits}.`,
  }),
}
export const SearchQuery = closed(searchFields)
export type SearchQuery = Static<typeof SearchQuery>

/** Narrows what is over both types. */
export const OnlyType = Type.Optional(
  oneOf(contentTypes, { description: 'Only films or only series; without it both.' }),
)
export const TypedSearchQuery = closed({ ...searchFields, type: OnlyType })
export type TypedSearchQuery = Static<typeof TypedSearchQuery>

export const matchFields = [
  'title',
  'local_title',
  'alias',
  'part',
  'acronym',
  'director',
  'actor',
  'crew',
  'character',
  'genre',
  'company',
  'language',
  'state',
  'year',
  'plot',
] as const

export const SearchMatch = named(
  'SearchMatch',
  closed(
    { field: oneOf(matchFields), value: nullable(Type.String({ description: 'As it is known; null for the plot.' })) },
    { examples: [{ field: 'director', value: 'Kemi Adetiba' }] },
  ),
)

export const SnippetPiece = named(
  'SnippetPiece',
  closed(
    { text: Type.String({ description: 'Plain text: escape it where you show it.' }), match: Type.Boolean() },
    { examples: [{ text: 'King', match: true }] },
  ),
)

const exampleHitOf = (type: ContentType | null) => ({
  ...exampleOf(type),
  rank: 0.98,
  matched: [{ field: 'title', value: 'King of Boys' }],
  snippet: [
    { text: 'King', match: true },
    { text: ' of ', match: false },
    { text: 'Boys', match: true },
  ],
})

export const SearchHit = named(
  'SearchHit',
  closed(
    {
      ...summaryFields,
      rank: Type.Number({ description: 'How good a hit it is, falling from hit to hit; about 1 at best.' }),
      matched: Type.Array(refTo(SearchMatch), { description: 'What of the title matched, names first.' }),
      snippet: Type.Array(refTo(SnippetPiece), {
        description: 'Where it matched: of the plot if it did there, else a name. Text in pieces, no HTML.',
      }),
    },
    { examples: [exampleHitOf(null)] },
  ),
)
export type SearchHit = Static<typeof SearchHit>

/** What was found, with an example of the type that was searched. */
export const searchResultsOf = (type: ContentType | null) =>
  closed(
    {
      data: Type.Array(refTo(SearchHit)),
      page: refTo(PageInfo),
      did_you_mean: Type.Array(refTo(MovieSummary), {
        description:
          'The nearest titles, where nothing was found: among those that the filters leave, else among all of the type.',
      }),
    },
    {
      examples: [{ data: [exampleHitOf(type)], page: { limit: 20, next_cursor: null, total: null }, did_you_mean: [] }],
    },
  )
export const SearchResults = searchResultsOf(null)

/** All that answers refer to. */
export const searchSchemas = [...summarySchemas, SearchMatch, SnippetPiece, SearchHit]
