import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { Authenticate } from '../../src/http/access.ts'
import { accountKey } from '../../src/http/account-key.ts'
import type { App } from '../../src/http/app-type.ts'
import { limitPolicies, limitTable } from '../../src/http/limit-policies.ts'
import { limitKey, limits } from '../../src/http/limits.ts'
import { Type } from '../../src/lib/typebox.ts'
import { madePassword, makeAccount, makeSession } from '../support/account-factory.ts'
import { actorWith, type TestContext, testApp, testContext } from '../support/context.ts'
import { drain } from '../support/events.ts'
import { sentMails } from '../support/mail.ts'

const policy = { name: 'probe', max: 3, timeWindow: 60_000 }
const routes = (app: App): void => {
  const response = { 200: Type.Object({}) }
  const config = { access: 'public', rateLimit: policy } as const
  app.get('/probe', { config, schema: { operationId: 'probeOne', response } }, async () => ({}))
  app.get('/probe/other', { config, schema: { operationId: 'probeOther', response } }, async () => ({}))
  for (const [url, policy] of [
    ['/sign-in', limits.sign_in],
    ['/register', limits.sign_in],
    ['/forgot', limits.recovery],
  ] as const) {
    app.post(
      url,
      {
        config: {
          access: 'public',
          rateLimit: limits.credentials,
          accountLimit: { policy, keyOf: (email: string) => email.trim().toLowerCase() },
        },
        schema: {
          operationId: `probe${url.slice(1)}`,
          body: Type.Object({ email: Type.String({ maxLength: 254 }) }),
          response: { ...response, '4xx': Type.Object({}), '5xx': Type.Object({}) },
        },
      },
      async (request, reply) => reply.code(Number(request.headers['x-outcome'] ?? 200)).send({}),
    )
  }
}

let ctx: TestContext
let app: App
beforeAll(async () => {
  ctx = await testContext({ env: { RATE_LIMIT: 'on' } })
  app = await testApp(ctx, { routes })
  return () => ctx[Symbol.asyncDispose]()
})

const from = (remoteAddress: string, url = '/probe', on = app, more = {}) => on.inject({ url, remoteAddress, ...more })
const statusesFrom = async (address: string, count: number, url?: string, on?: App) => {
  const statuses: number[] = []
  for (let index = 0; index < count; index += 1) statuses.push((await from(address, url, on)).statusCode)
  return statuses
}

describe('a limited route', () => {
  it('says how much is left, and refuses what is over it', async () => {
    const first = await from('192.0.2.1')
    expect(first.headers).toMatchObject({ 'ratelimit-limit': '3', 'ratelimit-remaining': '2' })
    expect(Number(first.headers['ratelimit-reset'])).toBeGreaterThan(0)
    expect(await statusesFrom('192.0.2.1', 2)).toEqual([200, 200])
    const refused = await from('192.0.2.1')
    expect([refused.statusCode, refused.json().error]).toEqual([429, 'rate_limited'])
    expect(refused.headers).toMatchObject({ 'ratelimit-limit': '3', 'ratelimit-remaining': '0' })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(await statusesFrom('192.0.2.1', 2)).toEqual([429, 429])
  })

  it('shares its count with the routes of its policy, and with nobody else', async () => {
    expect(await statusesFrom('192.0.2.2', 2)).toEqual([200, 200])
    expect(await statusesFrom('192.0.2.2', 2, '/probe/other')).toEqual([200, 429])
    expect(await statusesFrom('192.0.2.3', 1)).toEqual([200])
    expect(await statusesFrom('192.0.2.2', 1, '/api/v1/genres')).toEqual([200])
  })

  it('counts a network of IPv6 as one, and accounts wherever they are', async () => {
    expect(limitKey({ actor: null, ip: '2001:db8:1:2:aaaa::1' })).toBe(limitKey({ actor: null, ip: '2001:db8:1:2::9' }))
    expect(limitKey({ actor: null, ip: '2001:db8:1:2::1' })).not.toBe(limitKey({ actor: null, ip: '2001:db8:1:3::1' }))
    expect(limitKey({ actor: null, ip: '::ffff:192.0.2.9' })).toBe(limitKey({ actor: null, ip: '192.0.2.9' }))
    expect(limitKey({ actor: null, ip: '192.0.2.9:4711' })).toBe(limitKey({ actor: null, ip: '192.0.2.9' }))
    expect(limitKey({ actor: null, ip: 'unknown' })).toBe(limitKey({ actor: null, ip: 'made-up' }))
    const actor = actorWith('user')
    expect(limitKey({ actor, ip: '192.0.2.1' })).toBe(limitKey({ actor, ip: '192.0.2.2' }))
    const signedIn = await testApp(ctx, { actor, routes })
    const statuses = []
    for (const last of [11, 12, 13, 14]) statuses.push((await from(`192.0.2.${last}`, '/probe', signedIn)).statusCode)
    expect(statuses).toEqual([200, 200, 200, 429])
  })

  it('counts bad credentials too', async () => {
    const guess = () => from('192.0.2.4', '/probe', app, { headers: { authorization: 'Bearer guess' } })
    const statuses = []
    for (let index = 0; index < 5; index += 1) statuses.push((await guess()).statusCode)
    expect(statuses).toEqual([401, 401, 401, 429, 429])
  })
})

describe('credentials', () => {
  const signIn = (address: string, email: string, { on = app, url = '/sign-in', headers = {} } = {}) =>
    on.inject({ method: 'POST', url, remoteAddress: address, payload: { email }, headers })

  it('are counted by address, whoever asks', async () => {
    const authenticate: Authenticate = ({ headers }) => (headers.authorization ? actorWith('user') : null)
    const on = await testApp(ctx, { authenticate, routes })
    const statuses: number[] = []
    for (let index = 0; index <= limitPolicies.credentials.max; index += 1) {
      const headers = index % 2 === 0 ? {} : { authorization: 'Bearer x' }
      statuses.push((await signIn('198.51.100.1', `person${index}@example.com`, { on, headers })).statusCode)
    }
    expect(statuses.slice(-2)).toEqual([200, 429])
    expect((await signIn('198.51.100.2', 'person@example.com', { on })).statusCode).toBe(200)
  })

  it('are counted by account, from wherever, however its address is written, by the routes of a policy', async () => {
    const { max, seconds } = limitPolicies.sign_in
    const ways = ['Victim@Example.com', ' victim@example.com', 'VICTIM@example.com', 'victim@example.com']
    const statuses: number[] = []
    for (let index = 0; index <= max; index += 1) {
      const url = index % 2 === 0 ? '/sign-in' : '/register'
      const headers = { 'x-outcome': index % 2 === 0 ? '401' : '409' }
      statuses.push((await signIn(`198.51.100.${10 + index}`, ways[index % 4]!, { url, headers })).statusCode)
    }
    expect(statuses.slice(-3)).toEqual([401, 409, 429])
    const refused = await signIn('198.51.100.99', 'victim@example.com')
    expect([refused.statusCode, refused.json().error]).toEqual([429, 'rate_limited'])
    expect(refused.headers).toMatchObject({ 'ratelimit-limit': String(max), 'ratelimit-remaining': '0' })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(seconds - 60)
    expect((await signIn('198.51.100.99', 'other@example.com')).statusCode).toBe(200)
    const asked = await signIn('198.51.100.99', 'victim@example.com', { url: '/forgot' })
    expect(asked.statusCode, 'the way back in is not barred by who guesses').toBe(200)
  })

  it('that are good do not count for an account, nor what fails on our side', async () => {
    const { max } = limitPolicies.sign_in
    const email = 'busy@example.com'
    const from = (index: number, outcome: string) =>
      signIn(`203.0.113.${index % 250}`, email, { headers: { 'x-outcome': outcome } })
    for (let index = 0; index < max + 5; index += 1) {
      const outcome = index % 5 === 0 ? '503' : '200'
      expect((await from(index, outcome)).statusCode).toBe(Number(outcome))
    }
    for (let index = 0; index < max; index += 1) expect((await from(index, '401')).statusCode).toBe(401)
    expect((await from(0, '200')).statusCode).toBe(429)
  })

  it('count anew, in every process, for who has reset the password', async () => {
    await using one = await testContext({ env: { RATE_LIMIT: 'on' } })
    // Each app counts for itself, as a process does.
    const apps = [await testApp(one), await testApp(one)]
    const { email } = await makeAccount(one.db)
    const logIn = (on: App, index: number, password: string) =>
      on.inject({
        method: 'POST',
        url: '/api/v1/auth/login',
        remoteAddress: `203.0.113.${index}`,
        payload: { email, password },
      })
    const { max } = limitPolicies.sign_in
    for (const on of apps) {
      for (let index = 0; index <= max; index += 1) await logIn(on, index, 'a guess')
      expect((await logIn(on, 100, madePassword)).json().error).toBe('rate_limited')
    }
    const post = (path: string, payload: object) =>
      apps[0]!.inject({ method: 'POST', url: `/api/v1/auth/${path}`, payload })
    await post('forgot-password', { email })
    await drain(one)
    const [mail] = await sentMails(one)
    const token = mail!.links.find((link) => link.includes('#token='))!.split('#token=')[1]
    const password = 'Ofada rice at Iya Basira'
    expect((await post('reset-password', { token, password })).statusCode).toBe(204)
    for (const on of apps) {
      await vi.waitFor(async () => expect((await logIn(on, 101, password)).statusCode).toBe(200), 10_000)
    }
  })

  it('of many people behind one address of a carrier are taken, and fewer registrations', async () => {
    for (let index = 0; index < 100; index += 1) {
      expect((await signIn('198.51.100.222', `passenger${index}@example.com`)).statusCode).toBe(200)
    }
    const { paths } = (await app.inject('/openapi.json')).json()
    expect(paths['/api/v1/auth/register'].post['x-rate-limit']).toEqual(['registration', 'sign_in'])
    const register = {
      method: 'POST',
      url: '/api/v1/auth/register',
      remoteAddress: '198.51.100.223',
      payload: {},
    } as const
    const statuses: number[] = []
    for (let index = 0; index <= limitPolicies.registration.max; index += 1) {
      statuses.push((await app.inject(register)).statusCode)
    }
    expect(statuses.slice(-2)).toEqual([422, 429])
  })

  it('of one account are one, whatever its provider ignores', async () => {
    const forget = (index: number, email: string) =>
      signIn(`198.51.100.${index}`, email, { url: '/api/v1/auth/forgot-password' })
    const statuses: number[] = []
    const { max } = limitPolicies.recovery
    for (let index = 0; index <= max; index += 1) {
      const email = index % 2 === 0 ? `wo.le+${index}@gmail.com` : `w.o.l.e@googlemail.com`
      statuses.push((await forget(100 + index, email)).statusCode)
    }
    expect(statuses.slice(-2)).toEqual([202, 429])
    const other = await forget(120, 'no address@')
    expect([other.statusCode, other.json().details[0].field]).toEqual([422, 'body.email'])
  })

  it('that are not well-formed are refused as such, and counted by address', async () => {
    const answer = await app.inject({ method: 'POST', url: '/sign-in', remoteAddress: '198.51.100.200', payload: {} })
    expect([answer.statusCode, answer.headers['ratelimit-remaining']]).toEqual([
      422,
      String(limitPolicies.credentials.max - 1),
    ])
  })

  it('are kept as a keyed hash', () => {
    const keyOf = (JWT_SECRET: string) => accountKey({ config: { ...ctx.config, JWT_SECRET } }, 'victim@example.com')
    expect(keyOf('a'.repeat(32))).toMatch(/^account:[\w-]{43}$/)
    expect(keyOf('a'.repeat(32))).not.toBe(keyOf('b'.repeat(32)))
  })
})

describe('refreshing', () => {
  const refresh = (address: string, token?: string, path = 'refresh', headers = {}) =>
    app.inject({
      method: 'POST',
      url: `/api/v1/auth/${path}`,
      remoteAddress: address,
      headers,
      ...(token === undefined ? {} : { payload: { refresh_token: token } }),
    })

  it('is counted by token from wherever, and leaves others behind the same address alone', async () => {
    const { max } = limitPolicies.refresh
    const statuses: number[] = []
    for (let index = 0; index <= max; index += 1) {
      statuses.push((await refresh(`192.0.2.${100 + index}`, 'a-token', index % 2 ? 'refresh' : 'logout')).statusCode)
    }
    expect(statuses.slice(-2)).toEqual([401, 429])
    expect((await refresh('192.0.2.100', 'another-token')).statusCode).toBe(401)
    const cookie = { cookie: 'lemonnpie_refresh=a-token', origin: 'http://localhost:80' }
    const byCookie = await refresh('192.0.2.100', undefined, 'refresh', { ...cookie, host: 'localhost:80' })
    expect([byCookie.statusCode, byCookie.json().error]).toEqual([429, 'rate_limited'])
  })

  it('is counted by address too, apart from writing, and generously', async () => {
    const answer = await refresh('192.0.2.200')
    expect([answer.statusCode, answer.headers['ratelimit-limit']]).toEqual([
      401,
      String(limitPolicies.refresh_address.max),
    ])
    const { account, headers } = await makeSession(ctx, app)
    const signedIn = await refresh('192.0.2.200', 'a-token', 'logout', headers)
    expect(signedIn.statusCode, account.id).toBe(204)
    const { paths } = (await app.inject('/openapi.json')).json()
    for (const path of ['refresh', 'logout']) {
      expect(paths[`/api/v1/auth/${path}`].post['x-rate-limit']).toEqual(['refresh_address', 'refresh'])
    }
  })
})

describe('behind a proxy', () => {
  const forwarded = (on: App, address: string, chain: string) =>
    from(address, '/probe', on, { headers: { 'x-forwarded-for': chain } })

  it('whose word is not taken, a made up address makes no new count', async () => {
    const statuses: number[] = []
    for (let index = 1; index <= 4; index += 1) {
      statuses.push((await forwarded(app, '192.0.2.30', `203.0.113.${index}`)).statusCode)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
  })

  it('whose word is taken, the last address that is not its own is counted, whatever stands before it', async () => {
    await using behind = await testContext({ env: { RATE_LIMIT: 'on', TRUST_PROXY: '10.0.0.0/8' } })
    const trusting = await testApp(behind, { routes })
    const statuses: number[] = []
    for (let index = 1; index <= 4; index += 1) {
      const chain = `198.51.100.${index}, 203.0.113.9, 10.0.0.7`
      statuses.push((await forwarded(trusting, '10.1.2.3', chain)).statusCode)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
    expect((await forwarded(trusting, '10.1.2.3', '203.0.113.10')).statusCode).toBe(200)
    expect((await forwarded(trusting, '10.1.2.3', '2001:db8:1:2::1')).statusCode).toBe(200)
    expect((await forwarded(trusting, '10.1.2.3', '2001:db8:1:2:9::2')).headers['ratelimit-remaining']).toBe('1')
  })
})

describe('the table of policies', () => {
  it('says of each what it is for, whom it counts and how many', () => {
    const table = limitTable()
    for (const name of Object.keys(limits)) expect(table).toContain(`| \`${name}\` |`)
    expect(
      limitTable({ a: { covers: 'A', counts: 'address', max: 5_000, maxForAccount: 7, seconds: 90 } })
        .split('\n')
        .at(-1),
    ).toBe('| `a` | A | address | 5,000; an account 7 | 90 seconds |')
    expect(limitTable({ t: { covers: 'T', counts: 'token', max: 3, seconds: 60 } })).toContain('| refresh token | 3 |')
    expect(limitTable({ b: { covers: 'B', counts: 'account', max: 1, seconds: 3_600 } })).toContain('| 1 | hour |')
    expect(limitTable({ c: { covers: 'C', counts: 'caller', max: 1, seconds: 600 } })).toContain('| 10 minutes |')
  })

  it('is in the documentation of the API, which names the policies of each operation', async () => {
    const { info, paths } = (await app.inject('/openapi.json')).json()
    expect(info.description).toContain(limitTable())
    expect(paths['/api/v1/genres'].get['x-rate-limit']).toEqual(['read'])
    expect(paths['/api/v1/search'].get['x-rate-limit']).toEqual(['search'])
    expect(paths['/api/v1/users/profile'].put['x-rate-limit']).toEqual(['write'])
    expect(paths['/api/v1/users/profile'].delete['x-rate-limit']).toEqual(['account'])
    expect(paths['/sign-in'].post['x-rate-limit']).toEqual(['credentials', 'sign_in'])
    expect(paths['/api/v1/auth/login'].post['x-rate-limit']).toEqual(['credentials', 'sign_in'])
    expect(paths['/api/v1/auth/forgot-password'].post['x-rate-limit']).toEqual(['credentials', 'recovery'])
  })
})

describe('without a policy', () => {
  it('reading and writing have theirs', async () => {
    const read = await from('192.0.2.5', '/api/v1/genres')
    expect(read.headers['ratelimit-limit']).toBe(String(limitPolicies.read.max))
    const signedIn = await testApp(ctx, { actor: actorWith('user') })
    const readSignedIn = await from('192.0.2.5', '/api/v1/genres', signedIn)
    expect(readSignedIn.headers['ratelimit-limit']).toBe(String(limitPolicies.read.maxForAccount))
    expect(readSignedIn.headers['ratelimit-remaining']).toBe(String(limitPolicies.read.maxForAccount - 1))
    const searched = await from('192.0.2.5', '/api/v1/movies/suggestions?q=ki')
    expect(searched.headers['ratelimit-limit']).toBe(String(limitPolicies.search.max))
    const written = await from('192.0.2.5', '/api/v1/movies', app, { method: 'POST', payload: {} })
    expect([written.statusCode, written.headers['ratelimit-limit']]).toEqual([401, String(limitPolicies.write.max)])
  })

  it('paths that do not exist are limited', async () => {
    const statuses = await statusesFrom('192.0.2.6', limitPolicies.unknown.max + 1, '/wp-login.php')
    expect(statuses.slice(-2)).toEqual([404, 429])
  })

  it('addresses that are none are limited with them', async () => {
    const statuses = await statusesFrom('192.0.2.20', limitPolicies.unknown.max + 1, '/api/v1/movies/%zz')
    expect(statuses.slice(-2)).toEqual([400, 429])
    const refused = await from('192.0.2.20', '/api/v1/movies/%zz')
    expect([refused.json().error, refused.headers['x-request-id']]).toEqual(['rate_limited', expect.any(String)])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('operators and pages are not', async () => {
    for (const url of ['/health/live', '/metrics', '/', '/openapi.json']) {
      expect((await from('192.0.2.7', url)).headers).not.toHaveProperty('ratelimit-limit')
    }
  })
})

describe('with RATE_LIMIT=off', () => {
  it('nothing is counted', async () => {
    const off = await testContext({ redis: 'off' })
    const free = await testApp(off, { routes })
    expect(await statusesFrom('192.0.2.8', 5, '/probe', free)).toEqual([200, 200, 200, 200, 200])
    await off[Symbol.asyncDispose]()
  })
})

describe('several processes', () => {
  it('count together over one Redis', async () => {
    const one = await testContext({ redis: 'on', env: { RATE_LIMIT: 'on' } })
    const other = await testContext({ redis: 'off', env: { RATE_LIMIT: 'on', REDIS_URL: one.config.REDIS_URL! } })
    const [first, second] = [await testApp(one, { routes }), await testApp(other, { routes })]
    expect(await statusesFrom('192.0.2.9', 2, '/probe', first)).toEqual([200, 200])
    expect(await statusesFrom('192.0.2.9', 2, '/probe', second)).toEqual([200, 429])
    await other[Symbol.asyncDispose]()
    await one[Symbol.asyncDispose]()
  })

  it('count alone while Redis is away, and say so', async () => {
    const away = await testContext({ redis: 'off', env: { RATE_LIMIT: 'on', REDIS_URL: 'redis://127.0.0.1:1' } })
    const alone = await testApp(away, { routes })
    expect(await statusesFrom('192.0.2.10', 4, '/probe', alone)).toEqual([200, 200, 200, 429])
    const { values } = await away.metrics.rateLimitFailures.get()
    expect(values[0]?.value).toBe(4)
    await away[Symbol.asyncDispose]()
  })
})
