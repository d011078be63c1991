import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { type OpenedContext, openContext } from '../src/context.ts'
import { routeProblems } from '../src/http/access.ts'
import type { App } from '../src/http/app-type.ts'
import { tags as documentedTags } from '../src/http/docs.ts'
import { accessLevels } from '../src/lib/actor.ts'

type Json = Record<string, unknown>

interface Media {
  readonly schema: Json
  readonly example?: unknown
  readonly examples?: Record<string, { readonly value: unknown }>
}

interface Operation extends Json {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly security: readonly Json[]
  readonly 'x-access': string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly schema: Json
  }[]
  readonly 'x-rate-limit': readonly string[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Record<string, Media> }
  readonly responses: Record<
    string,
    { readonly description: string; readonly headers?: Json; readonly content?: Record<string, Media> }
  >
}

interface Document {
  readonly info: { readonly description: string }
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: {
    readonly schemas: Record<string, Json>
    readonly securitySchemes: Json
    readonly headers: Json
  }
}

const admin = { id: '0198d1c4-0000-7000-8000-000000000001', role: 'admin', isVerified: true } as const

let ctx: OpenedContext
let app: App
let document: Document
let operations: {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly operation: Operation
}[]

beforeAll(async () => {
  // Nothing is asked of the database: whatever reaches it here has passed a check that it should not have.
  const config = loadConfig({ DATABASE_URL: 'postgres://127.0.0.1:1/none', LOG_LEVEL: 'silent', RATE_LIMIT: 'off' })
  ctx = await openContext(config, 'lemonnpie-test')
  app = await buildApp(ctx, { authenticate: () => admin })
  await app.ready()
  document = app.swagger() as unknown as Document
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
  return async () => {
    await app.close()
    await ctx[Symbol.asyncDispose]()
  }
})

const resolve = (schema: Json): Json => {
  const name = /^#\/components\/schemas\/(.+)$/.exec(String(schema.$ref ?? ''))?.[1]
  return name === undefined ? schema : { ...document.components.schemas[name], ...schema, $ref: undefined }
}

/** Names of operations, or of places in them, for which something does not hold. */
const failing = (holds: (entry: (typeof operations)[number]) => boolean): string[] =>
  operations.filter((entry) => !holds(entry)).map(({ name }) => name)

/** Calls `visit` with every schema in a schema, following references, and where it stands. */
function walkSchema(
  schema: Json,
  visit: (schema: Json, path: string) => void,
  path = '',
  seen = new Set<unknown>(),
): void {
  const reference = schema.$ref
  if (reference !== undefined && seen.has(reference)) return
  const whole = resolve(schema)
  const inner = reference === undefined ? seen : new Set([...seen, reference])
  visit(whole, path)
  for (const [key, child] of Object.entries((whole.properties ?? {}) as Record<string, Json>)) {
    walkSchema(child, visit, `${path}.${key}`, inner)
  }
  if (whole.items) walkSchema(whole.items as Json, visit, `${path}[]`, inner)
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    for (const child of (whole[key] ?? []) as Json[]) walkSchema(child, visit, path, inner)
  }
}

const bodies = () =>
  operations.flatMap(({ name, operation }) =>
    Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => ({ name, schema })),
  )

describe('every operation', () => {
  it('exists: the catalogue, read and written', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(ids).toEqual(expect.arrayContaining(['listMovies', 'getMovie', 'listSeries', 'listGenres', 'createMovie']))
  })

  it('has a name of its own, a camelCase verb and noun', () => {
    expect(failing(({ operation }) => /^[a-z]+[A-Z][A-Za-z]*$/.test(operation.operationId))).toEqual([])
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })

  it('has a summary, and one tag that the documentation describes', () => {
    const names: readonly string[] = documentedTags.map(({ name }) => name)
    expect(failing(({ operation }) => /^[A-Z].*[^.]$/.test(operation.summary))).toEqual([])
    expect(failing(({ operation }) => operation.tags.length === 1 && names.includes(operation.tags[0]!))).toEqual([])
  })

  it('says who may call it, and its security says the same', () => {
    expect(failing(({ operation }) => (accessLevels as readonly string[]).includes(operation['x-access']))).toEqual([])
    expect(
      failing(({ operation }) => {
        const needsNone = operation.security.some((one) => Object.keys(one).length === 0)
        return (operation['x-access'] === 'public') === needsNone
      }),
    ).toEqual([])
    // A token that is given counts on public operations too.
    expect(failing(({ operation }) => operation.security.some((one) => 'bearerAuth' in one))).toEqual([])
    const byCookie = operations.filter(({ operation }) => operation.security.some((one) => 'refreshCookie' in one))
    expect(byCookie.map(({ operation }) => operation.operationId).sort()).toEqual(['logOut', 'refreshTokens'])
    // Whoever signs in is nobody yet, and a mail program that ends mails shows the secret of their link.
    expect(
      failing(
        ({ method, operation }) =>
          method === 'GET' ||
          operation['x-access'] !== 'public' ||
          operation.tags.includes('Auth') ||
          operation.operationId === 'unsubscribeFromMails',
      ),
    ).toEqual([])
  })

  it('describes every status it can answer', () => {
    expect(
      failing(({ operation }) => Object.values(operation.responses).every((answer) => answer.description.length > 3)),
    ).toEqual([])
    expect(
      failing(({ operation }) =>
        Object.values(operation.responses).every((answer) => answer.description !== 'Default Response'),
      ),
    ).toEqual([])
    const missing = operations.flatMap(({ name, operation }) => {
      const wanted = ['401', '422', '429', '500', '503']
      if (operation['x-access'] !== 'public') wanted.push('403')
      if (operation.requestBody) wanted.push('400', '413', '415')
      if ((operation.parameters ?? []).some((parameter) => parameter.in === 'path')) wanted.push('404')
      return wanted.filter((status) => !(status in operation.responses)).map((status) => `${name}: ${status}`)
    })
    expect(missing).toEqual([])
  })

  it('lists every code where readers without the repository find it', () => {
    const codes = readFileSync('docs/errors.md', 'utf8').match(/^\| \d{3} \| `\w+`/gm) ?? []
    expect(codes.length).toBeGreaterThan(15)
    expect(codes.filter((row) => !document.info.description.includes(row))).toEqual([])
    expect(document.info.description).not.toContain('docs/')
    for (const status of ['400', '414']) expect(document.info.description.split('| status')[0]).toContain(status)
  })

  it('says which headers its answers have', () => {
    const references = Object.keys(document.components.headers).map((name) => `#/components/headers/${name}`)
    const missing = operations.flatMap(({ name, operation }) =>
      Object.entries(operation.responses).flatMap(([status, answer]) => {
        const wanted = ['X-Request-Id', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset']
        if (['423', '429', '503'].includes(status)) wanted.push('Retry-After')
        if (status === '401') wanted.push('WWW-Authenticate')
        if (status === '201' || status === '308') wanted.push('Location')
        if ('304' in operation.responses && (status === '200' || status === '304')) wanted.push('ETag')
        const takesKey = operation.parameters?.some((parameter) => parameter.name === 'idempotency-key')
        if (takesKey && status.startsWith('2')) wanted.push('Idempotency-Replayed')
        const headers = (answer.headers ?? {}) as Record<string, { readonly $ref: string }>
        return [
          ...wanted.filter((header) => !(header in headers)).map((header) => `${name} ${status} ${header}`),
          ...Object.values(headers).flatMap(({ $ref }) => (references.includes($ref) ? [] : [`${name} ${$ref}`])),
        ]
      }),
    )
    expect(missing).toEqual([])
  })

  it('says which bodies may be left out', () => {
    const optional = operations.filter(({ operation }) => operation.requestBody?.required === false)
    const ids = optional.map(({ operation }) => operation.operationId)
    expect(ids).toEqual(expect.arrayContaining(['refreshTokens', 'logOut']))
    expect(ids).not.toContain('logIn')
    expect(optional.filter(({ operation }) => 'x-optional-body' in operation)).toEqual([])
  })

  it('answers every error as a Problem', () => {
    const others = operations.flatMap(({ name, operation }) =>
      Object.entries(operation.responses)
        .filter(([status]) => Number(status) >= 400)
        .filter(([, answer]) => answer.content?.['application/json']?.schema.$ref !== '#/components/schemas/Problem')
        .map(([status]) => `${name}: ${status}`),
    )
    expect(others).toEqual([])
  })

  it('shows an example of its answer and of its body', () => {
    const hasExample = ({ schema, example, examples }: Media): boolean =>
      example !== undefined || examples !== undefined || Array.isArray(resolve(schema).examples)
    const without = operations.flatMap(({ name, operation }) => {
      const answers = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'))
      const media = [
        ...answers.flatMap(([, answer]) => Object.values(answer.content ?? {})),
        ...Object.values(operation.requestBody?.content ?? {}),
      ]
      return media.filter((one) => !hasExample(one) && resolve(one.schema).type !== 'null').map(() => name)
    })
    expect(without).toEqual([])
  })

  it('lets out what has a default', () => {
    const required = operations.flatMap(({ name, operation }) =>
      (operation.parameters ?? [])
        .filter((parameter) => parameter.required === true && parameter.schema.default !== undefined)
        .map((parameter) => `${name} ${parameter.name}`),
    )
    expect(required).toEqual([])
  })

  it('takes no property and no parameter that it does not know', async () => {
    const open: string[] = []
    for (const { name, schema } of bodies()) {
      walkSchema(schema, (part, path) => {
        if (part.type === 'object' && part.additionalProperties !== false) open.push(`${name} body${path}`)
      })
    }
    expect(open).toEqual([])
    for (const { name, method, path } of operations) {
      const url = `${path.replace(/\{[^}]+\}/g, 'king-of-boys-2018')}?unknown_parameter=1`
      const answer = await app.inject({ method: method as 'GET', url })
      expect(answer.statusCode, name).toBe(422)
      expect(answer.json().details, name).toContainEqual({
        field: 'query.unknown_parameter',
        message: 'is not known here',
      })
    }
  })

  it('that writes without a body takes none, but for one that says nothing', async () => {
    const without = operations.filter(({ method, operation }) => method !== 'GET' && !operation.requestBody)
    expect(without.length).toBeGreaterThan(20)
    for (const { name, method, path } of without) {
      const url = `${path.replace(/\{[^}]+\}/g, 'king-of-boys-2018')}?unknown_parameter=1`
      const detailsOf = async (payload: object) =>
        (await app.inject({ method: method as 'POST', url, payload })).json().details
      expect(await detailsOf({ unknown_property: 1 }), name).toContainEqual({
        field: 'body.unknown_property',
        message: 'is not known here',
      })
      expect(await detailsOf([]), name).toContainEqual({ field: 'body', message: 'must be object' })
      expect(JSON.stringify(await detailsOf({})), name).not.toContain('body')
      const headers = { 'content-type': 'application/json' }
      const ofNull = await app.inject({ method: method as 'POST', url, headers, payload: 'null' })
      expect(JSON.stringify(ofNull.json().details), name).not.toContain('body')
    }
  })

  it('caps every string and list that it takes', () => {
    const uncapped: string[] = []
    const check = (name: string) => (part: Json, path: string) => {
      const types = [part.type].flat()
      if (types.includes('string') && !part.enum && part.const === undefined && part.maxLength === undefined) {
        uncapped.push(`${name}${path}`)
      }
      if (types.includes('array') && part.maxItems === undefined) uncapped.push(`${name}${path}`)
    }
    for (const { name, schema } of bodies()) walkSchema(schema, check(`${name} body`))
    for (const { name, operation } of operations) {
      for (const parameter of operation.parameters ?? [])
        walkSchema(parameter.schema, check(`${name} ${parameter.name}`))
    }
    expect(uncapped).toEqual([])
  })
})

describe('numbers', () => {
  it('that stand in a URL have bounds, without which 1e309 would be Infinity', () => {
    const unbounded: string[] = []
    for (const { name, operation } of operations) {
      for (const parameter of operation.parameters ?? []) {
        walkSchema(parameter.schema, ({ type, minimum, maximum }) => {
          const isNumber = [type].flat().some((one) => one === 'number' || one === 'integer')
          if (isNumber && (minimum === undefined || maximum === undefined)) unbounded.push(`${name} ${parameter.name}`)
        })
      }
    }
    expect(unbounded).toEqual([])
  })
})

describe('examples', () => {
  it('are what their schemas say', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true })
    ;(formatsPlugin as unknown as (ajv: Ajv2020) => void)(ajv)
    ajv.addSchema(document, 'openapi')
    const wrong: string[] = []
    let checked = 0
    const check = (pointer: string, value: unknown): void => {
      checked += 1
      const validate = ajv.compile({ $ref: `openapi#${pointer}` })
      if (!validate(value)) wrong.push(`${pointer}: ${ajv.errorsText(validate.errors)}`)
    }
    const pointerStep = (key: string): string => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))
    const visit = (node: unknown, pointer: string): void => {
      if (typeof node !== 'object' || node === null) return
      const { examples, example, schema } = node as Json
      if (Array.isArray(examples)) for (const value of examples) check(pointer, value)
      else if (examples && schema) {
        for (const { value } of Object.values(examples as Record<string, { value: unknown }>)) {
          check(`${pointer}/schema`, value)
        }
      }
      if (example !== undefined) check(schema ? `${pointer}/schema` : pointer, example)
      for (const [key, child] of Object.entries(node)) {
        if (key !== 'examples' && key !== 'example') visit(child, `${pointer}/${pointerStep(key)}`)
      }
    }
    visit(document, '')
    expect(wrong).toEqual([])
    expect(checked).toBeGreaterThan(50)
  })
})

describe('the document', () => {
  it('is OpenAPI 3.1, for tokens in a header and, to refresh them, in a cookie', () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(Object.keys(document.components.securitySchemes)).toEqual(['bearerAuth', 'refreshCookie'])
  })

  it('names every component by what it is', () => {
    expect(Object.keys(document.components.schemas).filter((name) => !/^[A-Z][A-Za-z]+$/.test(name))).toEqual([])
  })

  it('leaves out what is for operators and people', () => {
    expect(Object.keys(document.paths).filter((path) => !path.startsWith('/api/v1/'))).toEqual([])
  })
})

describe('a route', () => {
  it('must declare access, operationId and response schemas, or refuses to boot', async () => {
    expect(routeProblems({})).toEqual([
      'config.access (public, user, verified, critic, moderator, admin)',
      'schema.operationId',
      'schema.response',
    ])
    const bare = await buildApp(ctx)
    expect(() => bare.get('/api/v1/anything', async () => null)).toThrow(
      'GET /api/v1/anything does not declare config.access',
    )
    await bare.close()
  })
})
