import { Agent } from 'node:http'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { actorWith, type TestContext, testApp, testContext } from '../support/context.ts'
import { type HostileRequest, hostileRequests, hostileTexts, type Target } from '../support/hostile-requests.ts'
import { type RawAnswer, sendRaw } from '../support/raw-request.ts'

let ctx: TestContext
let anonymous: App
let admin: App

beforeAll(async () => {
  ctx = await testContext({ seeded: true })
  anonymous = await testApp(ctx)
  admin = await testApp(ctx, { actor: actorWith('admin') })
  await Promise.all([anonymous, admin].map((app) => app.listen({ host: '127.0.0.1', port: 0 })))
  return async () => {
    agent.destroy()
    await ctx[Symbol.asyncDispose]()
  }
})

const agent = new Agent({ keepAlive: true })

const isTimestamp = (value: unknown): boolean => typeof value === 'string' && new Date(value).toISOString() === value

/** What is wrong with an answer to anything: a 5xx, or an error in another form than the envelope. */
function faultOf({ statusCode, body, headers }: RawAnswer, { method, url }: HostileRequest): string | null {
  if (statusCode >= 500) return `${statusCode}: ${body}`
  if (headers['x-request-id'] === undefined) return 'no X-Request-Id'
  if (statusCode < 400 || method === 'HEAD') return null
  if (headers['content-type'] !== 'application/json; charset=utf-8') return `content-type ${headers['content-type']}`
  const { error, message, details, timestamp, path, request_id, ...more } = JSON.parse(body)
  if (Object.keys(more).length > 0) return `unknown fields ${Object.keys(more)}`
  if (!/^[a-z_]+$/.test(error) || typeof message !== 'string' || message === '') return `error ${error}: ${message}`
  if (!isTimestamp(timestamp) || path !== url.split('?', 1)[0]) return `timestamp ${timestamp}, path ${path}`
  if (request_id !== headers['x-request-id']) return `request_id ${request_id}`
  const named = details?.every((one: { field: string; message: string }) => one.field !== '' && one.message !== '')
  if (details !== undefined && !named) return `details ${JSON.stringify(details)}`
  if (/at \w+ \(|node_modules|\/src\/|select |insert into|postgres/i.test(message))
    return `tells of the inside: ${message}`
  return null
}

/** Every route of the app, what the docs leave out included. */
function targetsOf(app: App): Target[] {
  return app.routeTable.flatMap(({ method, url, schema }) => {
    const query = (schema?.querystring ?? {}) as { properties?: object }
    return [method].flat().map((one) => ({
      method: one,
      url,
      queryNames: Object.keys(query.properties ?? {}),
      body: schema?.body as object | undefined,
    }))
  })
}

describe('whatever is thrown at it', () => {
  it.each([
    ['nobody', () => anonymous],
    ['an admin', () => admin],
  ] as const)(
    'as %s, every route answers without a fault of ours, and errors in the one envelope',
    async (_who, appOf) => {
      const app = appOf()
      const targets = targetsOf(app)
      expect(targets.length).toBeGreaterThan(20)
      await fc.assert(
        fc.asyncProperty(hostileRequests(targets), async (request) => {
          expect(faultOf(await sendRaw(app.listeningOrigin, agent, request), request)).toBeNull()
        }),
        { numRuns: 1_500 },
      )
    },
    120_000,
  )

  it('texts of all kinds reach what searches them', async () => {
    const places = ['search?q', 'movies/search?q', 'series/search?q', 'movies/suggestions?q', 'movies?director']
    const place = fc.constantFrom(...places, 'series?production_state', 'movies/search?limit=3&cursor=x&q')
    await fc.assert(
      fc.asyncProperty(place, hostileTexts, async (where, text) => {
        const url = `/api/v1/${where}=${encodeURIComponent(text.toWellFormed())}`
        const request = { method: 'GET', url, headers: {}, payload: undefined }
        const answer = await sendRaw(anonymous.listeningOrigin, agent, request)
        expect(faultOf(answer, request)).toBeNull()
        expect([200, 422]).toContain(answer.statusCode)
      }),
      { numRuns: 1_500 },
    )
  }, 120_000)
})
