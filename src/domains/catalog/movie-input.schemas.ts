import { CalendarDate, closed, Line, nullable, oneOf, Paragraphs, Slug, Uuid, WebUrl } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { aliasKinds } from './movie.schemas.ts'
import { Classification, LanguageCode, ReleasePrecision } from './movie-summary.schemas.ts'

const optional = <T extends Parameters<typeof nullable>[0]>(schema: T) => Type.Optional(nullable(schema))

/** A person by id, or by name: whoever has that name (however it is accented), else a new person. */
const personFields = {
  person_id: Type.Optional(Uuid),
  name: Type.Optional(Line(255, { examples: ['Sola Sobowale'] })),
}

const CastMember = closed({
  ...personFields,
  character: optional(Line(255, { examples: ['Alhaja Eniola Salami'] })),
})

const crewRoles = ['director', 'producer', 'writer'] as const
const CrewMember = closed({ ...personFields, role: oneOf(crewRoles) })

const Alias = closed({
  name: Line(500),
  kind: oneOf(aliasKinds),
  language: optional(LanguageCode),
})

const fields = {
  slug: Type.Optional(Type.String({ ...Slug, description: 'By default made of the title and the year.' })),
  local_title: optional(Line(500)),
  release_date: optional(CalendarDate),
  release_year: optional(
    Type.Integer({ minimum: 1895, maximum: 2200, description: 'Where no date is known; else it is the date’s.' }),
  ),
  release_precision: Type.Optional(ReleasePrecision),
  runtime: optional(Type.Integer({ minimum: 1, maximum: 2000, description: 'Minutes; of one episode for a series.' })),
  plot_summary: optional(Paragraphs(5000)),
  poster_url: optional(WebUrl),
  trailer_url: optional(WebUrl),
  production_state: optional(Line(100)),
  box_office_ng: optional(Line(100)),
  box_office_note: optional(Line(300)),
  classification: optional(Classification),
  part_of: optional(Type.String({ ...Uuid, description: 'Id of the first part of the story.' })),
  part_number: optional(Type.Integer({ minimum: 1, maximum: 999 })),
  genres: Type.Optional(
    Type.Array(Type.String({ ...Slug, examples: ['comedy'] }), {
      maxItems: 20,
      uniqueItems: true,
      description: 'By slug.',
    }),
  ),
  languages: Type.Optional(Type.Array(LanguageCode, { maxItems: 20, uniqueItems: true, description: 'By code.' })),
  companies: Type.Optional(Type.Array(Line(255), { maxItems: 50, uniqueItems: true })),
  aliases: Type.Optional(Type.Array(Alias, { maxItems: 50 })),
  cast: Type.Optional(Type.Array(CastMember, { maxItems: 200, description: 'Actors as billed.' })),
  crew: Type.Optional(Type.Array(CrewMember, { maxItems: 100, description: 'As billed within each role.' })),
}

const example = {
  title: 'A Tribe Called Judah',
  release_date: '2023-12-15',
  runtime: 134,
  plot_summary: 'A single mother’s five sons by five different fathers plan a robbery to pay for her treatment.',
  production_state: 'Lagos',
  box_office_ng: '₦1.4 billion',
  classification: '15',
  genres: ['comedy', 'drama', 'crime'],
  languages: ['en', 'pcm', 'yo', 'ig', 'ha'],
  companies: ['Funke Ayotunde Akindele Network (FAAN)'],
  aliases: [{ name: 'ATCJ', kind: 'retitle' }],
  cast: [{ name: 'Funke Akindele', character: 'Jedidah Judah' }, { name: 'Timini Egbuson' }],
  crew: [
    { name: 'Funke Akindele', role: 'director' },
    { name: 'Adeoluwa Owu', role: 'director' },
  ],
}

/** A title to be made. */
export const NewMovie = closed({ title: Line(500), ...fields }, { examples: [example] })
export type NewMovie = Static<typeof NewMovie>

/** What is to change of a title: what is left out stays, null clears, a list replaces the whole list. */
export const MoviePatch = closed(
  { title: Type.Optional(Line(500)), ...fields },
  { examples: [{ classification: '15', poster_url: null }] },
)
export type MoviePatch = Static<typeof MoviePatch>

export type CreditInput = Static<typeof CastMember> & { readonly role: 'actor' | (typeof crewRoles)[number] }
