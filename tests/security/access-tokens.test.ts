import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { verifyBareToken } from '../../src/http/access-token.ts'
import type { App } from '../../src/http/app-type.ts'
import { deriveKey } from '../../src/infra/secrets.ts'
import { Type } from '../../src/lib/typebox.ts'
import { makeSession } from '../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'
import { cloneDatabase } from '../support/databases.ts'
import { ownRedis } from '../support/own-redis.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

let ctx: TestContext
let app: App
let good: Awaited<ReturnType<typeof makeSession>>
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  good = await makeSession(ctx, app)
  return () => ctx[Symbol.asyncDispose]()
})

type Json = Record<string, unknown>
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const parts = (token: string) => token.split('.') as [string, string, string]
const decode = (part: string): Json => JSON.parse(Buffer.from(part, 'base64url').toString())
const signed = (header: Json, claims: Json, key: Buffer | string, hash = 'sha256') => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`
}
const header = () => decode(parts(good.access)[0])
const claims = () => decode(parts(good.access)[1])
const key = (kid = header().kid as string) => deriveKey(ctx.config, 'access token', kid)

const ask = (token: string, scheme = 'Bearer') =>
  app.inject({ url: '/api/v1/auth/sessions', headers: { authorization: `${scheme} ${token}` } })
const refused = async (token: string, code = 'unauthorized') => {
  for (const url of ['/api/v1/auth/sessions', '/api/v1/genres']) {
    const answer = await app.inject({ url, headers: { authorization: `Bearer ${token}` } })
    expect([answer.statusCode, answer.json().error], url).toEqual([401, code])
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="lemonnpie", error="invalid_token"')
  }
}

describe('an access token', () => {
  it('says who, which session, from whom and for whom, for 15 minutes', async () => {
    expect((await ask(good.access)).statusCode).toBe(200)
    expect((await ask(good.access, 'bearer')).statusCode).toBe(200)
    const { iat, exp, ...rest } = claims()
    expect(rest).toEqual({
      sub: good.account.id,
      email: good.account.email,
      role: 'user',
      sid: good.session,
      jti: expect.any(String),
      iss: 'lemonnpie',
      aud: 'lemonnpie-api',
    })
    expect((exp as number) - (iat as number)).toBe(900)
    expect(header()).toEqual({ alg: 'HS256', typ: 'JWT', kid: expect.stringMatching(/^[\w-]{22}$/) })
    // The control for what follows: signed by hand, it is as good.
    expect((await ask(signed(header(), claims(), key()))).statusCode).toBe(200)
  })

  it('that has expired is refused as that', async () => {
    const now = Math.floor(Date.now() / 1000)
    await refused(signed(header(), { ...claims(), iat: now - 901, exp: now - 1 }, key()), 'token_expired')
  })

  it.each<[string, () => string]>([
    ['with alg none and no signature', () => `${encode({ ...header(), alg: 'none' })}.${parts(good.access)[1]}.`],
    [
      'with alg none and the old signature',
      () => `${encode({ ...header(), alg: 'none' })}.${parts(good.access).slice(1).join('.')}`,
    ],
    ['with alg NoNe', () => signed({ ...header(), alg: 'NoNe' }, claims(), key())],
    ['of another key', () => signed(header(), claims(), 'another secret that is long enough to be one')],
    ['of the bare secret', () => signed(header(), claims(), ctx.config.JWT_SECRET)],
    ['of an empty key', () => signed(header(), claims(), '')],
    ['of a longer hash', () => signed({ ...header(), alg: 'HS512' }, claims(), key(), 'sha512')],
    ['that says another algorithm than it has', () => signed({ ...header(), alg: 'HS512' }, claims(), key())],
    [
      'of a key pair',
      () => {
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
        const input = `${encode({ ...header(), alg: 'RS256' })}.${encode(claims())}`
        return `${input}.${createSign('sha256').update(input).sign(privateKey, 'base64url')}`
      },
    ],
    ['with a truncated signature', () => good.access.slice(0, -10)],
    [
      'with one character of it changed',
      () => `${good.access.slice(0, -5)}${good.access.at(-5) === 'A' ? 'B' : 'A'}${good.access.slice(-4)}`,
    ],
    ['without a signature', () => `${parts(good.access).slice(0, 2).join('.')}.`],
    ['of two parts', () => parts(good.access).slice(0, 2).join('.')],
    [
      'with other claims under the old signature',
      () => [parts(good.access)[0], encode({ ...claims(), role: 'admin' }), parts(good.access)[2]].join('.'),
    ],
    ['without a kid', () => signed({ alg: 'HS256', typ: 'JWT' }, claims(), key())],
    ['with a kid that is no text', () => signed({ ...header(), kid: 7 }, claims(), key())],
    ['with a kid that is a path', () => signed({ ...header(), kid: '../../../../etc/hosts' }, claims(), key())],
    ['with a kid that nobody made', () => signed({ ...header(), kid: 'A'.repeat(22) }, claims(), key('A'.repeat(22)))],
    ['with a critical header', () => signed({ ...header(), crit: ['x'], x: 1 }, claims(), key())],
    ['from another issuer', () => signed(header(), { ...claims(), iss: 'somebody' }, key())],
    ['for another audience', () => signed(header(), { ...claims(), aud: 'somebody' }, key())],
    ['for a list of audiences without us', () => signed(header(), { ...claims(), aud: ['a', 'b'] }, key())],
    ['from nobody', () => signed(header(), { ...claims(), iss: undefined }, key())],
    ['that never expires', () => signed(header(), { ...claims(), exp: undefined }, key())],
    ['that expires as a text', () => signed(header(), { ...claims(), exp: 'tomorrow' }, key())],
    ['of no session', () => signed(header(), { ...claims(), sid: undefined }, key())],
    ['of a session that is no id', () => signed(header(), { ...claims(), sid: 'x' }, key())],
    ['of a session that there is not', () => signed(header(), { ...claims(), sid: randomUUID() }, key())],
    ['of somebody else’s session', () => signed(header(), { ...claims(), sub: randomUUID() }, key())],
    ['whose claims are a text', () => signed(header(), 'x' as never, key())],
    ['whose claims are nothing', () => signed(header(), null as never, key())],
    ['that is a refresh token', () => good.refresh],
    ['that is empty', () => ''],
    ['with another behind it', () => `${good.access} ${good.access}`],
    ['that is very long', () => `${good.access}${'A'.repeat(6_000)}`],
  ])('%s is refused', async (_name, make) => {
    await refused(make())
  })

  it('under another scheme is refused', async () => {
    for (const scheme of ['Basic', 'Token', 'JWT', '']) expect((await ask(good.access, scheme)).statusCode).toBe(401)
  })
})

describe('signing keys', () => {
  it('are rotated and retired while the processes run', async () => {
    const before = await makeSession(ctx, app)
    await ctx.db.insertInto('signing_keys').defaultValues().execute()
    const after = await makeSession(ctx, app)
    const kidOf = (token: string) => decode(parts(token)[0]).kid as string
    expect(kidOf(after.access)).not.toBe(kidOf(before.access))
    expect((await ask(before.access)).statusCode).toBe(200)
    expect((await ask(after.access)).statusCode).toBe(200)
    const refresh = (refresh_token: string) =>
      app.inject({ method: 'POST', url: '/api/v1/auth/refresh', payload: { refresh_token } })
    const renewed = (await refresh(before.refresh)).json()
    expect(kidOf(renewed.access_token)).toBe(kidOf(after.access))
    await ctx.db
      .updateTable('signing_keys')
      .set({ retired_at: sql`now()` })
      .where('kid', '=', kidOf(before.access))
      .execute()
    await refused(before.access)
    expect((await ask(renewed.access_token)).statusCode).toBe(200)
    good = after
  })
})

describe('when something is away', () => {
  it('nobody is let in or thrown out while Postgres is: 503', async () => {
    const proxy = await startTcpProxy(await cloneDatabase())
    const lonely = await testContext({ redis: 'off', env: { DATABASE_URL: proxy.url } })
    try {
      const on = await testApp(lonely)
      const { headers } = await makeSession(lonely, on)
      const status = async () => (await on.inject({ url: '/api/v1/auth/sessions', headers })).statusCode
      expect(await status()).toBe(200)
      await proxy.cut()
      const answer = await on.inject({ url: '/api/v1/genres', headers })
      expect([answer.statusCode, answer.json().error, answer.headers['retry-after']]).toEqual([
        503,
        'service_unavailable',
        '5',
      ])
      await proxy.restore()
      while ((await status()) !== 200) await wait(50)
    } finally {
      await lonely[Symbol.asyncDispose]()
      await proxy.stop()
    }
  })

  it('what ends a session ends it also while Redis is', async () => {
    const redis = await ownRedis()
    const proxy = await startTcpProxy(redis.url)
    const lonely = await testContext({ redis: 'off', env: { REDIS_URL: proxy.url, RATE_LIMIT: 'on' } })
    try {
      const on = await testApp(lonely)
      const { account, headers } = await makeSession(lonely, on)
      const code = async (to = headers) => {
        const answer = await on.inject({ url: '/api/v1/auth/sessions', headers: to })
        return answer.statusCode === 200 ? 200 : answer.json().error
      }
      expect(await code()).toBe(200)
      await proxy.cut()
      expect(await code()).toBe(200)
      const set = (values: object) => lonely.db.updateTable('users').set(values).where('id', '=', account.id).execute()
      await set({ suspended_at: sql`now()` })
      expect(await code()).toBe('account_suspended')
      await set({ suspended_at: null })
      expect(await code()).toBe(200)
      const out = await on.inject({ method: 'POST', url: '/api/v1/auth/logout', headers })
      expect(out.statusCode).toBe(204)
      expect(await code()).toBe('unauthorized')
    } finally {
      await lonely[Symbol.asyncDispose]()
      await proxy.stop()
      await redis.stop()
    }
  })
})

describe('a probe of the guard', () => {
  it('asks the database once, by primary key', async () => {
    const schema = { operationId: 'probeOnce', response: { 200: Type.Object({}) } }
    const on = await testApp(ctx, {
      routes: (to) => void to.get('/probe', { config: { access: 'user' }, schema }, async () => ({})),
    })
    const count = async () =>
      (await ctx.metrics.queryDuration.get()).values
        .filter(({ metricName }) => metricName?.endsWith('_count'))
        .reduce((sum, { value }) => sum + value, 0)
    const before = await count()
    expect((await on.inject({ url: '/probe', headers: good.headers })).statusCode).toBe(200)
    expect((await count()) - before).toBe(1)
  })
})

describe('an access token that came otherwise than in a header', () => {
  const verify = (token: string) => verifyBareToken(app, ctx, token)
  const now = Math.floor(Date.now() / 1000)

  it('is as good as in one', () => {
    expect(verify(good.access)).toMatchObject({
      claims: { sub: good.account.id, sid: good.session },
      kid: header().kid,
    })
  })

  it.each<[string, () => string, string]>([
    ['is none', () => 'not a token', 'unauthorized'],
    ['is nothing', () => '', 'unauthorized'],
    ['names no key', () => signed({ alg: 'HS256', typ: 'JWT' }, claims(), key()), 'unauthorized'],
    ['names what is no key', () => signed({ ...header(), kid: '../etc' }, claims(), key()), 'unauthorized'],
    ['is of another key', () => signed(header(), claims(), 'another secret that is long enough'), 'unauthorized'],
    ['is for others', () => signed(header(), { ...claims(), aud: 'others' }, key()), 'unauthorized'],
    ['has expired', () => signed(header(), { ...claims(), iat: now - 901, exp: now - 1 }, key()), 'token_expired'],
  ])('is refused when it %s', (_name, make, code) => {
    expect(() => verify(make())).toThrow(expect.objectContaining({ status: 401, code }))
  })
})
