import {
  Cursor,
  closed,
  IncludeTotal,
  idOrSlug,
  Limit,
  named,
  nullable,
  oneOf,
  pageOf,
  refTo,
  Slug,
  Uuid,
} from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { castRoles } from './movie.schemas.ts'
import { exampleSummary, MovieSummary } from './movie-summary.schemas.ts'

const exampleFilm = { movie: exampleSummary, roles: [{ role: 'actor', character: 'Alhaja Eniola Salami' }] }

export const FilmographyEntry = named(
  'FilmographyEntry',
  closed(
    {
      movie: refTo(MovieSummary),
      roles: Type.Array(closed({ role: oneOf(castRoles), character: nullable(Type.String()) }), {
        description: 'All that the person did in it.',
      }),
    },
    { examples: [exampleFilm] },
  ),
)
export type FilmographyEntry = Static<typeof FilmographyEntry>

export const Person = named(
  'Person',
  closed(
    {
      id: Uuid,
      slug: Slug,
      name: Type.String(),
      aliases: Type.Array(Type.String(), { description: 'Stage names, married names, other spellings.' }),
      roles: Type.Array(oneOf(castRoles), { description: 'What the person has been, over all titles.' }),
      title_count: Type.Integer({ description: 'In how many titles.' }),
      filmography: pageOf(refTo(FilmographyEntry), {
        description: 'The newest first; `limit`, `cursor` and `include_total` page it.',
      }),
    },
    {
      examples: [
        {
          id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a02',
          slug: 'sola-sobowale',
          name: 'Sola Sobowale',
          aliases: ['Shola Shobowale'],
          roles: ['actor'],
          title_count: 1,
          filmography: { data: [exampleFilm], page: { limit: 20, next_cursor: null, total: null } },
        },
      ],
    },
  ),
)
export type Person = Static<typeof Person>

export const PersonParams = Type.Object({ person_id: idOrSlug('sola-sobowale') })
export const PersonQuery = closed({ limit: Limit, cursor: Type.Optional(Cursor), include_total: IncludeTotal })
export type PersonQuery = Static<typeof PersonQuery>

export const personSchemas = [FilmographyEntry, Person]
