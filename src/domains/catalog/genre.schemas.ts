import { Cursor, closed, IncludeTotal, named, pageOf, refTo, Slug, WholeLimit } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'

const counts = {
  movie_count: Type.Integer({ minimum: 0, description: 'How many films.' }),
  series_count: Type.Integer({ minimum: 0, description: 'How many series.' }),
}

const exampleGenre = { slug: 'comedy', name: 'Comedy', movie_count: 131, series_count: 11 }
export const Genre = named(
  'Genre',
  closed({ slug: Slug, name: Type.String(), ...counts }, { examples: [exampleGenre] }),
)
export type Genre = Static<typeof Genre>
export const GenreList = pageOf(refTo(Genre), {
  examples: [{ data: [exampleGenre], page: { limit: 100, next_cursor: null, total: null } }],
})

const exampleLanguage = { code: 'pcm', name: 'Nigerian Pidgin', movie_count: 88, series_count: 20 }
export const Language = named(
  'Language',
  closed(
    {
      code: Type.String({ description: 'ISO 639-1 where there is one, else ISO 639-3.' }),
      name: Type.String(),
      ...counts,
    },
    { examples: [exampleLanguage] },
  ),
)
export type Language = Static<typeof Language>
export const LanguageList = pageOf(refTo(Language), {
  examples: [{ data: [exampleLanguage], page: { limit: 100, next_cursor: null, total: null } }],
})

/** Short lists that a client wants whole, yet lists like any other. */
export const WholeListQuery = closed({ limit: WholeLimit, cursor: Type.Optional(Cursor), include_total: IncludeTotal })
export type WholeListQuery = Static<typeof WholeListQuery>
export const genreSchemas = [Genre, Language]
