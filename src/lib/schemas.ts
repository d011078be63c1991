import { type Static, type TObject, type TSchema, Type } from './typebox.ts'

/** A schema that has a name of its own in the API's description. */
export type NamedSchema<T extends TSchema = TSchema> = T & { readonly $id: string }

/** Gives a schema its name; whoever uses it by `refTo` needs it added to the app (`addSchemas`). */
export const named = <T extends TSchema>(id: string, schema: T): NamedSchema<T> => ({ ...schema, $id: id })

/** A reference to a named schema, typed as what it refers to. */
export const refTo = <T extends TSchema>(schema: NamedSchema<T>, options: object = {}) =>
  Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#`, ...options })

/** Makes named schemas known to an app or plugin; those that are known already are left alone. */
export function addSchemas(
  app: { getSchema(id: string): unknown; addSchema(schema: unknown): unknown },
  schemas: readonly NamedSchema[],
): void {
  for (const schema of schemas) if (!app.getSchema(schema.$id)) app.addSchema(schema)
}

/** A string that is one of a closed list, as a real enum in the API's description. */
export const oneOf = <const V extends readonly string[]>(values: V, options: object = {}) =>
  Type.Unsafe<V[number]>({ type: 'string', enum: [...values], ...options })

/** The same or null. For schemas of one plain type, enums included. */
export function nullable<T extends TSchema>(schema: T) {
  const values: unknown[] | undefined = schema.enum
  return Type.Unsafe<Static<T> | null>({
    ...schema,
    type: [schema.type, 'null'],
    ...(values ? { enum: [...values, null] } : {}),
  })
}

/** A reference to a named schema, or null. */
export const nullableRef = <T extends TSchema>(schema: NamedSchema<T>, options: object = {}) =>
  Type.Unsafe<Static<T> | null>({ anyOf: [{ $ref: `${schema.$id}#` }, { type: 'null' }], ...options })

export const Uuid = Type.String({
  format: 'uuid',
  maxLength: 36,
  examples: ['0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77'],
})

/** The id of an account in an address; the example is the demo critic, whom `npm start` makes. */
export const AccountId = Type.String({ ...Uuid, examples: ['0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b13'] })

export const Slug = Type.String({
  pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
  maxLength: 200,
  examples: ['king-of-boys-2018'],
})

/**
 * What a detail path takes: the id or the slug. Every UUID is well-formed as a slug too, but for its letters' case.
 * @param example a slug of the shipped catalogue
 */
export const idOrSlug = (example: string) =>
  Type.String({
    pattern: '^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$',
    maxLength: 200,
    description: 'The id or the slug.',
    examples: [example],
  })

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a well-formed id or slug is an id. */
export const isUuid = (value: string): boolean => uuidPattern.test(value)

/** An id or slug in the one form that it is kept under: an id, which may be written in any case, as Postgres writes it. */
export const oneNameOf = (idOrSlug: string): string => (isUuid(idOrSlug) ? idOrSlug.toLowerCase() : idOrSlug)

export const Timestamp = Type.String({
  format: 'date-time',
  description: 'UTC, with Z.',
  examples: ['2026-11-21T10:00:00.000000Z'],
})

export const CalendarDate = Type.String({ format: 'date', maxLength: 10, examples: ['2018-10-26'] })

/** Something to see: marks and joiners alone print nothing, nor do Hangul fillers, which are letters, and Braille's blank. */
const visible = '(?=[\\s\\S]*(?![\\p{Default_Ignorable_Code_Point}\\u2800])[\\p{L}\\p{N}\\p{S}\\p{P}])'

/** No control character and none that turns the direction of text. */
const printable = '[^\\p{Cc}\\p{Cs}\\u2028\\u2029\\u202A-\\u202E\\u2066-\\u2069]'

/** One line that is looked for: one that shows nothing finds nothing. */
export const LineToFind = (maxLength: number, options: object = {}) =>
  Type.String({ minLength: 1, maxLength, pattern: `^${printable}*$`, ...options })

/** One line of text for people: something to see, no control character and none that turns the direction of text. */
export const Line = (maxLength: number, options: object = {}) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: `^${visible}${printable}*$`,
    ...options,
  })

/** Text of several lines; tabs and line feeds are allowed. */
export const Paragraphs = (maxLength: number, options: object = {}) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: `^${visible}(?:${printable}|[\\t\\n])*$`,
    ...options,
  })

export const WebUrl = Type.String({
  format: 'uri',
  pattern: '^https?://[^\\s]+$',
  maxLength: 500,
  examples: ['https://images.example/king-of-boys.jpg'],
})

export const Limit = Type.Integer({
  minimum: 1,
  maximum: 100,
  default: 20,
  description: 'How many rows a page has at most.',
})

/** `limit` of a list that is usually wanted whole. */
export const WholeLimit = Type.Integer({ ...Limit, default: 100 })

export const Cursor = Type.String({
  minLength: 1,
  // That of a list by title holds a title: 500 characters of up to four bytes.
  maxLength: 4000,
  description: 'The `next_cursor` of the page before, with the same filters and sort.',
})

export const IncludeTotal = Type.Boolean({ default: false, description: 'Whether to count all rows.' })

export const PageInfo = named(
  'PageInfo',
  Type.Object(
    {
      limit: Type.Integer({ examples: [20] }),
      next_cursor: nullable(Type.String({ description: 'Ask for the next page with it; null on the last page.' })),
      total: nullable(Type.Integer({ description: 'All rows, when asked for by `include_total`.' })),
    },
    { additionalProperties: false, examples: [{ limit: 20, next_cursor: null, total: null }] },
  ),
)

/** The answer of a list. */
export const pageOf = <T extends TSchema>(item: T, options: object = {}) =>
  Type.Object({ data: Type.Array(item), page: refTo(PageInfo) }, { additionalProperties: false, ...options })

/** An object that refuses properties which it does not know. */
export const closed = <P extends TObject['properties']>(properties: P, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

export const Problem = named(
  'Problem',
  closed(
    {
      error: Type.String({ description: 'Stable code, for programs.', examples: ['validation_error'] }),
      message: Type.String({ description: 'For people.', examples: ['Some fields are wrong.'] }),
      details: Type.Optional(
        Type.Array(closed({ field: Type.String(), message: Type.String() }), {
          description: 'Every wrong field.',
          examples: [[{ field: 'query.limit', message: 'must be <= 100' }]],
        }),
      ),
      timestamp: Timestamp,
      path: Type.String({ examples: ['/api/v1/movies'] }),
      request_id: Type.String({ examples: ['0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77'] }),
    },
    {
      examples: [
        {
          error: 'not_found',
          message: 'There is nothing here.',
          timestamp: '2026-11-21T10:00:00.000Z',
          path: '/api/v1/movies/king-of-boys-2019',
          request_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77',
        },
      ],
    },
  ),
)
export type Problem = Static<typeof Problem>

const meanings = {
  400: 'The body is no JSON, or a header is malformed.',
  401: 'No or bad credentials.',
  403: 'Known, not allowed.',
  404: 'Does not exist, or the caller may not know that it does.',
  409: 'Conflicts with what is there.',
  413: 'The body is too large.',
  415: 'The body is of a wrong type.',
  422: 'A field is wrong; `details` names every one.',
  423: 'The account is locked.',
  426: 'Only a WebSocket opens here.',
  429: 'Too many requests; `Retry-After` says when to try again.',
  500: 'Something went wrong on our side.',
  503: 'A needed backing service is away.',
} as const
type ProblemStatus = keyof typeof meanings

/**
 * What any route may answer: a broken token is a 401 on public ones too, that of a suspended account a 403, and a parameter
 * that is not known a 422.
 */
const always: readonly ProblemStatus[] = [401, 403, 422, 429, 500, 503]

/** The error answers of a route: those given, and those that every route has. */
export function problems<S extends ProblemStatus>(...statuses: S[]) {
  const all = [...new Set<ProblemStatus>([...statuses, ...always])].sort()
  return Object.fromEntries(
    all.map((status) => [status, refTo(Problem, { 'x-response-description': meanings[status] })]),
  ) as Record<S | 401 | 403 | 422 | 429 | 500 | 503, ReturnType<typeof refTo<typeof Problem>>>
}

const noContent = (meaning: string) => Type.Unsafe<null>({ type: 'null', 'x-response-description': meaning })

export const notModified = { 304: noContent('What `If-None-Match` names is still what there is.') }
export const movedPermanently = { 308: noContent('The slug is a former one; `Location` has the present one.') }
export const deleted = { 204: noContent('Done; there is nothing to say.') }

/** The schemas that every app needs. */
export const sharedSchemas: readonly NamedSchema[] = [PageInfo, Problem]
