import { beforeAll, describe, expect, it } from 'vitest'
import { seedDemoAccounts } from '../../scripts/seed/demo-accounts.ts'
import type { App } from '../../src/http/app-type.ts'
import { demoAccounts } from '../../src/lib/demo-accounts.ts'
import { makeSession } from '../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly example?: unknown
  readonly examples?: Record<string, { readonly value: unknown }>
  readonly schema: { readonly examples?: readonly unknown[]; readonly type?: string }
}

interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly 'x-access': string
  readonly parameters?: readonly Parameter[]
  readonly responses: Record<string, { readonly content?: Record<string, Readonly<Record<string, unknown>>> }>
}

/** What the shipped catalogue and the demo accounts have nothing for. */
const exceptions = {
  getReview: 'reviews are written by people: none is shipped',
  listReviewRevisions: 'the same',
  verifyEmail: 'a link works once, and only for whom it was sent to',
  getDeadJob: 'jobs that failed for good are nothing to ship',
  getAnnouncement: 'none was made yet',
  getPushKey: 'there is none without VAPID_PUBLIC_KEY',
  openLiveSocket: 'only a WebSocket opens there, which is no GET for a browser to try',
}

let ctx: TestContext
let app: App
let operations: { readonly path: string; readonly method: string; readonly operation: Operation }[]
let headers: { authorization: string }

beforeAll(async () => {
  ctx = await testContext({ seeded: true, env: { DEMO: 'on' } })
  app = await testApp(ctx)
  await seedDemoAccounts(ctx.config.DATABASE_URL)
  const admin = await ctx.db
    .selectFrom('users')
    .selectAll()
    .where('email_key', '=', 'admin@lemonnpie.test')
    .executeTakeFirstOrThrow()
  headers = (await makeSession(ctx, app, admin)).headers
  const { paths = {} } = app.swagger() as unknown as { paths: Record<string, Record<string, Operation>> }
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  return () => ctx[Symbol.asyncDispose]()
})

const examplesOf = ({ example, examples, schema }: Parameter): unknown[] => [
  ...(example === undefined ? [] : [example]),
  ...Object.values(examples ?? {}).map(({ value }) => value),
  ...(schema.examples ?? []),
]

/** Addresses of an operation: with what it must be given, and then with each other example beside that. */
function addressesOf(path: string, { parameters = [] }: Operation): string[] {
  const filled = parameters
    .filter((one) => one.in === 'path')
    .reduce((url, one) => url.replace(`{${one.name}}`, encodeURIComponent(String(examplesOf(one)[0]))), path)
  const queries = parameters.filter((one) => one.in === 'query')
  const must = queries.filter(({ required }) => required).map((one) => [one.name, examplesOf(one)[0]] as const)
  const addressWith = (...more: (readonly [string, unknown])[]) => {
    const query = new URLSearchParams()
    for (const [name, value] of [...must, ...more]) for (const one of [value].flat()) query.append(name, String(one))
    return query.size === 0 ? filled : `${filled}?${query}`
  }
  const others = queries.flatMap((one) => examplesOf(one).map((value) => [one.name, value] as const))
  const again = (name: string) => must.some(([own]) => own === name)
  return [addressWith(), ...others.filter(([name]) => !again(name)).map((other) => addressWith(other))]
}

describe('the examples in the documentation', () => {
  it('find something over the shipped catalogue and the demo accounts, each by itself', async () => {
    const failed = new Map<string, string>()
    for (const { path, method, operation } of operations) {
      if (method !== 'get') continue
      for (const url of addressesOf(path, operation)) {
        const answer = await app.inject({ url, headers: operation['x-access'] === 'public' ? {} : headers })
        if (answer.statusCode >= 400) failed.set(operation.operationId, `${url}: ${answer.statusCode}`)
      }
    }
    expect([...failed.values()].filter((_, index) => !([...failed.keys()][index]! in exceptions))).toEqual([])
    expect([...failed.keys()].sort()).toEqual(Object.keys(exceptions).sort())
  })

  it('of what need not be sent are not filled in by Swagger UI, and are told', () => {
    const optional = operations.flatMap(({ operation }) => (operation.parameters ?? []).filter((one) => !one.required))
    expect(optional.filter((one) => one.example !== undefined || one.examples !== undefined)).toEqual([])
    const shown = optional.filter(({ schema }) => schema.examples !== undefined)
    expect(shown.map(({ name }) => name)).toEqual(expect.arrayContaining(['genre', 'year', 'director', 'include']))
    for (const { name, description } of shown) expect(description, name).toMatch(/For example `.+`/)
  })

  it('of series are series', () => {
    const wrong = operations
      // What is like a title may be of the other type.
      .filter(
        ({ path, operation }) => path.startsWith('/api/v1/series') && operation.operationId !== 'listSimilarSeries',
      )
      .filter(({ operation }) => {
        const answer = operation.responses['200'] ?? operation.responses['201']
        const example = answer?.content?.['application/json']?.example as { type?: string; data?: { type?: string }[] }
        const types = [example, ...(example?.data ?? [])].map((one) => one?.type)
        return (
          types.includes('movie') ||
          (/^(?:get|create|update|list)Series$/.test(operation.operationId) && !types.includes('series'))
        )
      })
    expect(wrong.map(({ operation }) => operation.operationId)).toEqual([])
  })

  it('name the demo critic where they name an account', async () => {
    const [critic] = demoAccounts.filter(({ role }) => role === 'critic')
    const answer = await app.inject({ url: `/api/v1/users/${critic!.id}` })
    expect(answer.json()).toMatchObject({ id: critic!.id, name: 'Demo Critic' })
  })
})
