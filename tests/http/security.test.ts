import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'

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

describe('other origins', () => {
  const asked = (origin: string, more: object = {}) =>
    app.inject({ url: '/api/v1/genres', headers: { origin, ...more } })

  it('that are ours may read answers, with credentials and the headers that matter', async () => {
    const { headers } = await asked(web)
    expect(headers).toMatchObject({
      'access-control-allow-origin': web,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': expect.stringContaining('X-Request-Id'),
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
