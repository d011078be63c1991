import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import helmet from '@fastify/helmet'
import { fastify } from 'fastify'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { actorWith, type TestContext, testApp, testContext } from '../support/context.ts'

const web = 'https://lemonnpie.example'

let ctx: TestContext
let app: App
beforeAll(async () => {
  ctx = await testContext({ env: { WEB_ORIGINS: `${web},http://localhost:5173` } })
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

const expectedHeaders = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-request-id': expect.any(String),
}

describe('security headers', () => {
  it.each(['/api/v1/genres', '/nowhere', '/api/v1/movies?limit=0', '/health/live'])('are on %s', async (url) => {
    expect((await app.inject(url)).headers).toMatchObject(expectedHeaders)
  })

  it('do not say what the server is made of', async () => {
    const { headers } = await app.inject('/api/v1/genres')
    expect(headers).not.toHaveProperty('server')
    expect(headers).not.toHaveProperty('x-powered-by')
  })
})

/** Only old Internet Explorers knew it. */
const obsolete = ['x-download-options']

/** What says something of documents alone, and goes with those. */
const ofDocuments = [
  'cross-origin-opener-policy',
  'origin-agent-cluster',
  'x-dns-prefetch-control',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
]

/** Directives of a policy, with their sources. */
const directivesOf = (policy: unknown): Map<string, readonly string[]> =>
  new Map(
    String(policy)
      .split(';')
      .map((directive) => directive.trim().split(/\s+/))
      .map(([name = '', ...sources]) => [name, sources.filter((source) => source !== "'none'")]),
  )

/** What a directive that is not there falls back to. */
const fallback = (name: string): string => (/^(?:script|style)-src-/.test(name) ? name.slice(0, -5) : 'default-src')

describe('beside what @fastify/helmet would set', () => {
  let theirs: Record<string, unknown>
  beforeAll(async () => {
    const bare = fastify()
    const before = Object.keys((await fastify().inject('/')).headers)
    await bare.register(helmet)
    bare.get('/', async () => '')
    const { headers } = await bare.inject('/')
    theirs = Object.fromEntries(Object.entries(headers).filter(([name]) => !before.includes(name)))
    await bare.close()
  })

  const missingIn = (ours: Record<string, unknown>) => Object.keys(theirs).filter((name) => !(name in ours))

  it.each(['/', '/docs'])('the page %s lacks nothing', async (url) => {
    const { headers } = await app.inject(url)
    expect(Object.keys(theirs).length).toBeGreaterThan(10)
    expect(missingIn(headers)).toEqual(obsolete)
    const same = Object.keys(theirs).filter((name) => headers[name] === theirs[name])
    expect(Object.keys(theirs).filter((name) => !same.includes(name) && !obsolete.includes(name))).toEqual([
      'content-security-policy',
      'x-frame-options',
    ])
    expect(headers['x-frame-options']).toBe('DENY')
  })

  it('an answer in JSON lacks only what is about documents', async () => {
    const { headers } = await app.inject('/api/v1/genres')
    expect(missingIn(headers).sort()).toEqual([...ofDocuments, ...obsolete].sort())
  })

  it.each(['/', '/docs', '/api/v1/genres'])('the policy of %s lets in no more', async (url) => {
    const ours = directivesOf((await app.inject(url)).headers['content-security-policy'])
    const allowed = (name: string): readonly string[] => ours.get(name) ?? ours.get(fallback(name)) ?? []
    const wider = [...directivesOf(theirs['content-security-policy'])].flatMap(([name, sources]) =>
      allowed(name)
        .filter((source) => !sources.includes(source))
        .map((source) => `${name} ${source}`),
    )
    // 'self' stands for files, which attributes are not: without 'unsafe-inline' none of them runs.
    expect(wider.filter((one) => one !== "script-src-attr 'self'")).toEqual([])
    expect(ours.get('default-src')).toEqual([])
    for (const name of ['base-uri', 'frame-ancestors']) expect(ours.get(name)).toEqual([])
    expect(ours.has('form-action')).toBe(true)
  })
})

describe('a body', () => {
  const put = (on: App, payload: string | Buffer | Readable, headers: Record<string, string> = {}) =>
    on.inject({
      method: 'PUT',
      url: '/api/v1/movies/0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77',
      headers: { 'content-type': 'application/json', ...headers },
      payload,
    })
  const titleOf = (length: number) => `{"title":"${'x'.repeat(length - 12)}"}`
  let admin: App
  beforeAll(async () => {
    admin = await testApp(ctx, { actor: actorWith('admin') })
  })

  it('is not read for who may not send it', async () => {
    expect((await put(app, titleOf(1_000_000))).statusCode).toBe(401)
  })

  it('is 64 KiB at most, whether it says its length or not', async () => {
    expect((await put(admin, titleOf(65_536))).statusCode).toBe(422)
    for (const payload of [titleOf(65_537), Readable.from([titleOf(65_537)], { objectMode: false })]) {
      const over = await put(admin, payload)
      expect([over.statusCode, over.json().error]).toEqual([413, 'payload_too_large'])
    }
  })

  it('is not unpacked, so that none is larger than it looks', async () => {
    const bomb = await put(admin, gzipSync(titleOf(10_000_000)), { 'content-encoding': 'gzip' })
    expect([bomb.statusCode, bomb.json().error]).toEqual([400, 'bad_request'])
  })
})

describe('other origins', () => {
  const asked = (origin: string, more: object = {}) =>
    app.inject({ url: '/api/v1/genres', headers: { origin, ...more } })

  it('that are ours may read answers, with credentials and the headers that matter', async () => {
    const { headers } = await asked(web)
    expect(headers).toMatchObject({
      'access-control-allow-origin': web,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers':
        'Allow, Content-Disposition, Deprecation, ETag, Idempotency-Replayed, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, ' +
        'Retry-After, Sunset, WWW-Authenticate, X-Request-Id',
    })
  })

  it.each(['https://evil.example', 'null', `${web}.evil.example`, 'HTTPS://LEMONNPIE.EXAMPLE'])(
    '%s may not',
    async (origin) => {
      expect((await asked(origin)).headers).not.toHaveProperty('access-control-allow-origin')
    },
  )

  it('may read errors too', async () => {
    const { headers } = await app.inject({ url: '/nowhere', headers: { origin: web } })
    expect(headers['access-control-allow-origin']).toBe(web)
  })

  it('are told apart by shared caches, even on answers to no origin', async () => {
    expect((await app.inject('/api/v1/genres')).headers.vary).toContain('origin')
    expect((await app.inject('/health/live')).headers.vary).toBe('origin')
  })

  it('may ask before they write', async () => {
    const preflight = (origin: string) =>
      app.inject({
        method: 'OPTIONS',
        url: '/api/v1/movies',
        headers: { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' },
      })
    const granted = await preflight(web)
    expect([granted.statusCode, granted.body]).toEqual([204, ''])
    expect(granted.headers).toMatchObject({
      'access-control-allow-origin': web,
      'access-control-allow-methods': expect.stringContaining('PUT'),
      'access-control-allow-headers': expect.stringContaining('Authorization'),
      'access-control-max-age': '600',
    })
    const allowed = String(granted.headers['access-control-allow-headers']).toLowerCase().split(', ')
    const { paths } = (await app.inject('/openapi.json')).json()
    const operations = Object.values<Record<string, unknown>>(paths).flatMap((path) => Object.values(path))
    const named = (operations as Array<{ parameters?: Array<{ in: string; name: string }> }>)
      .flatMap(({ parameters = [] }) => parameters)
      .filter((parameter) => parameter.in === 'header')
    expect(named.map(({ name }) => name)).toContain('idempotency-key')
    expect(allowed).toEqual(expect.arrayContaining(named.map(({ name }) => name.toLowerCase())))
    expect(granted.headers).toMatchObject({ 'access-control-allow-credentials': 'true', vary: 'origin' })
    const refused = await preflight('https://evil.example')
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin')
    expect(refused.headers).not.toHaveProperty('access-control-allow-methods')
    expect(refused.headers).not.toHaveProperty('access-control-allow-credentials')
  })

  it('that ask for no method are told so in the envelope', async () => {
    const answer = await app.inject({ method: 'OPTIONS', url: '/api/v1/movies', headers: { origin: web } })
    expect([answer.statusCode, answer.json().error]).toEqual([400, 'bad_request'])
  })

  it('leave OPTIONS as it is for everybody else, and unknown paths unknown', async () => {
    const plain = await app.inject({ method: 'OPTIONS', url: '/api/v1/movies' })
    expect([plain.statusCode, plain.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS, POST'])
    expect((await app.inject({ method: 'OPTIONS', url: '/nowhere' })).statusCode).toBe(404)
  })

  it('are nobody when none is named', async () => {
    const none = await testContext({ redis: 'off' })
    const { headers } = await (await testApp(none)).inject({ url: '/health/live', headers: { origin: web } })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(headers).not.toHaveProperty('vary')
    await none[Symbol.asyncDispose]()
  })
})

describe('proxies', () => {
  const ipSeenBy = async (env: Record<string, string>, forwarded: string) => {
    const context = await testContext({ redis: 'off', env })
    let seen = ''
    const behind = await testApp(context, {
      routes: (declared) => {
        declared.get('/ip', { config: { access: 'public', operational: true } }, async ({ ip }) => {
          seen = ip
          return ''
        })
      },
    })
    await behind.inject({ url: '/ip', headers: { 'x-forwarded-for': forwarded }, remoteAddress: '10.1.2.3' })
    await context[Symbol.asyncDispose]()
    return seen
  }

  it('are believed when they are ours, up to the first that is not', async () => {
    expect(await ipSeenBy({ TRUST_PROXY: '10.0.0.0/8' }, '6.6.6.6, 203.0.113.9')).toBe('203.0.113.9')
  })

  it('are not believed otherwise', async () => {
    expect(await ipSeenBy({}, '203.0.113.9')).toBe('10.1.2.3')
    expect(await ipSeenBy({ TRUST_PROXY: '192.168.0.0/16' }, '203.0.113.9')).toBe('10.1.2.3')
  })
})
