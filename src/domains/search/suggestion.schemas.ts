import { closed, Limit, named, nullable, oneOf, PageInfo, refTo, Slug, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { type ContentType, contentTypes, exampleOf } from '../catalog/movie-summary.schemas.ts'
import { OnlyType } from './search.schemas.ts'

const suggestionFields = {
  q: Type.String({
    minLength: 2,
    maxLength: 200,
    description: 'What has been typed so far.',
    examples: ['anik', 'the wed'],
  }),
  limit: Type.Integer({ ...Limit, default: 8, description: 'How many suggestions there are at most.' }),
}
export const SuggestionQuery = closed(suggestionFields)
export type SuggestionQuery = Static<typeof SuggestionQuery>
export const TypedSuggestionQuery = closed({ ...suggestionFields, type: OnlyType })
export type TypedSuggestionQuery = Static<typeof TypedSuggestionQuery>

const exampleSuggestionOf = (type: ContentType | null) => {
  const { id, slug, type: own, title, release_year, poster_url } = exampleOf(type)
  return { id, slug, type: own, title, release_year, poster_url, matched: title }
}

export const Suggestion = named(
  'Suggestion',
  closed(
    {
      id: Uuid,
      slug: Slug,
      type: oneOf(contentTypes),
      title: Type.String(),
      release_year: nullable(Type.Integer()),
      poster_url: nullable(Type.String()),
      matched: Type.String({ description: 'The name that begins so: the title or another name of it.' }),
    },
    { examples: [exampleSuggestionOf(null)] },
  ),
)
export type Suggestion = Static<typeof Suggestion>

/** Suggestions, with an example of the type that is suggested. */
export const suggestionListOf = (type: ContentType | null) =>
  closed(
    { data: Type.Array(refTo(Suggestion)), page: refTo(PageInfo) },
    { examples: [{ data: [exampleSuggestionOf(type)], page: { limit: 8, next_cursor: null, total: null } }] },
  )
export const SuggestionList = suggestionListOf(null)

export const suggestionSchemas = [Suggestion]
