import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { limitPolicies } from '../../src/http/limit-policies.ts'
import { limitKey } from '../../src/http/limits.ts'
import { Type } from '../../src/lib/typebox.ts'
import { actorWith, type TestContext, testApp, testContext } from '../support/context.ts'

const policy = { name: 'probe', max: 3, timeWindow: 60_000 }
const routes = (app: App): void => {
  const response = { 200: Type.Object({}) }
  const config = { access: 'public', rateLimit: policy } as const
  app.get('/probe', { config, schema: { operationId: 'probeOne', response } }, async () => ({}))
  app.get('/probe/other', { config, schema: { operationId: 'probeOther', response } }, async () => ({}))
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

describe('without a policy', () => {
  it('reading and writing have theirs', async () => {
    const read = await from('192.0.2.5', '/api/v1/genres')
    expect(read.headers['ratelimit-limit']).toBe(String(limitPolicies.read.max))
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
