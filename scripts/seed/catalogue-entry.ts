import { type Static, type TSchema, Type } from '../../src/lib/typebox.ts'

// Every leaf's description says what it must be: problems are reported in its words.
const text = (max: number) =>
  Type.String({ minLength: 1, maxLength: max, pattern: '\\S', description: `text of 1 to ${max} characters` })
const texts = (max: number) => Type.Array(text(max), { maxItems: 500, description: 'a list of at most 500' })
const maybe = <T extends TSchema>(schema: T) => Type.Optional(schema)
const whole = (minimum: number, maximum: number) =>
  Type.Integer({ minimum, maximum, description: `a whole number from ${minimum} to ${maximum}` })

export const castMember = Type.Object(
  { name: text(255), character: maybe(text(255)) },
  { additionalProperties: false, description: 'an object with name and character' },
)

/** One title of a catalogue file, its nulls taken out: a key that is absent is not known. */
export const catalogueEntry = Type.Object(
  {
    id: text(200),
    title: text(500),
    type: Type.Union([Type.Literal('movie'), Type.Literal('series')], { description: 'movie or series' }),
    local_title: maybe(text(500)),
    alternate_titles: maybe(texts(500)),
    year: maybe(whole(1895, 2200)),
    release_date: maybe(
      Type.String({ pattern: '^\\d{4}-\\d{2}(?:-\\d{2})?$', description: 'a date as YYYY-MM-DD or YYYY-MM' }),
    ),
    runtime_minutes: maybe(whole(1, 2000)),
    directors: maybe(texts(255)),
    producers: maybe(texts(255)),
    writers: maybe(texts(255)),
    cast: maybe(Type.Array(castMember, { maxItems: 500, description: 'a list of at most 500' })),
    production_companies: maybe(texts(255)),
    production_state: maybe(text(100)),
    genres: maybe(texts(100)),
    languages: maybe(texts(100)),
    box_office_ngn: maybe(whole(1, Number.MAX_SAFE_INTEGER)),
    box_office_note: maybe(text(300)),
    plot_summary: maybe(text(5000)),
    // About the data, and not imported.
    languages_basis: maybe(Type.Unknown()),
    summary_origin: maybe(Type.Unknown()),
    source: maybe(Type.Unknown()),
    confidence: maybe(Type.Unknown()),
  },
  { additionalProperties: false, description: 'an object' },
)
export type CatalogueEntry = Static<typeof catalogueEntry>
