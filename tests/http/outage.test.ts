import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { inTx } from '../../src/infra/tx.ts'
import { bearer, madePassword, makeSession } from '../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'
import { cloneDatabase } from '../support/databases.ts'
import { ownRedis } from '../support/own-redis.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const closers: (() => PromiseLike<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const opened = async (env: Record<string, string>): Promise<[TestContext, App]> => {
  const ctx = await testContext({ redis: 'off', env })
  closers.push(() => ctx[Symbol.asyncDispose]())
  return [ctx, await testApp(ctx)]
}

const proxyTo = async (url: string): Promise<TcpProxy> => {
  const proxy = await startTcpProxy(url)
  closers.push(() => proxy.stop())
  return proxy
}

/** Asks until it answers with the status; each time something else, which no cache has. */
async function untilStatus(app: App, status: number, urlOf: (turn: number) => string): Promise<void> {
  for (let turn = 0; (await app.inject(urlOf(turn))).statusCode !== status; turn += 1) await wait(50)
}

describe('while Postgres is away', () => {
  let proxy: TcpProxy
  let app: App
  beforeEach(async () => {
    proxy = await proxyTo(await cloneDatabase({ seeded: true }))
    app = (await opened({ DATABASE_URL: proxy.url }))[1]
  })

  it('what needs it is a 503 that says when to come back, and it works again by itself', async () => {
    expect((await app.inject('/api/v1/movies?limit=1')).statusCode).toBe(200)
    const { slug } = (await app.inject('/api/v1/movies?limit=2')).json().data[1]
    await proxy.cut()
    for (const url of [`/api/v1/movies/${slug}`, '/api/v1/movies?limit=3', '/api/v1/languages']) {
      const answer = await app.inject(url)
      expect([answer.statusCode, answer.json().error, answer.headers['retry-after']], url).toEqual([
        503,
        'service_unavailable',
        '5',
      ])
    }
    expect((await app.inject('/health/ready')).statusCode).toBe(503)
    expect((await app.inject('/health/live')).statusCode).toBe(200)
    await proxy.restore()
    await untilStatus(app, 200, (turn) => `/api/v1/movies?limit=${4 + turn}`)
    await untilStatus(app, 200, () => `/api/v1/movies/${slug}`)
    // Its answer is shared for a second, the bad one too.
    await untilStatus(app, 200, () => '/health/ready')
    expect((await app.inject('/health/ready')).json()).toMatchObject({ status: 'ready' })
  })

  it('a sign-in that is refused before its body is read is refused like anything else', async () => {
    const [ctx, limited] = await opened({ DATABASE_URL: proxy.url, RATE_LIMIT: 'on' })
    const { access, account } = await makeSession(ctx, limited)
    await proxy.cut()
    const answer = await limited.inject({
      method: 'POST',
      url: '/api/v1/auth/login',
      headers: bearer(access),
      payload: { email: account.email, password: madePassword },
    })
    expect([answer.statusCode, answer.json().error]).toEqual([503, 'service_unavailable'])
  })

  it('what runs on a lost connection fails, and nothing else does', async () => {
    const [ctx] = await opened({ DATABASE_URL: proxy.url })
    const asleep = sql`select pg_sleep(30)`.execute(ctx.db)
    const inTransaction = inTx(ctx, async (tx) => {
      await sql`select 1`.execute(tx.db)
      await wait(200)
      await sql`select 1`.execute(tx.db)
    })
    const failed = Promise.allSettled([asleep, inTransaction])
    await wait(100)
    // An error event that nobody listens to would end the process, and this run of the tests.
    await proxy.cut()
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await proxy.restore()
    await sql`select 1`.execute(ctx.db)
  })
})

/** A service with one connection to each of two databases, of which the second is said to be the replica of the first. */
async function withReplica() {
  const url = await cloneDatabase({ seeded: true })
  const proxy = await proxyTo(await cloneDatabase({ seeded: true }))
  const [ctx, app] = await opened({ DATABASE_URL: url, DATABASE_READ_URL: proxy.url, DATABASE_POOL_MAX: '1' })
  const answering = async () =>
    (await sql<{ name: string }>`select current_database() as name`.execute(ctx.readDb)).rows[0]?.name
  const nameOf = (one: string) => new URL(one).pathname.slice(1)
  return { proxy, ctx, app, names: { primary: nameOf(url), replica: nameOf(proxy.url) }, answering }
}

/** Takes the only connection to the replica. @returns what gives it back, which happens at the end anyway */
async function takeOnly({ readPool }: TestContext): Promise<() => void> {
  const taken = await readPool?.connect()
  let isTaken = true
  const giveBack = () => {
    if (isTaken) taken?.release()
    isTaken = false
  }
  closers.push(async () => giveBack())
  return giveBack
}

describe('while the replica is away', () => {
  it('the primary answers for it, and the replica again once it is back', async () => {
    const { proxy, app, names, answering } = await withReplica()
    expect(await answering()).toBe(names.replica)
    await proxy.cut()
    // A connection that was open when it went may be lost under one query.
    await answering().catch(() => {})
    expect(await answering()).toBe(names.primary)
    for (const path of ['/api/v1/movies?limit=1', '/api/v1/genres', '/api/v1/reviews', '/api/v1/meta']) {
      expect((await app.inject(path)).statusCode, path).toBe(200)
    }
    expect((await app.inject('/health/ready')).json()).toMatchObject({
      status: 'degraded',
      dependencies: { postgres: { status: 'up' }, replica: { status: 'down' } },
    })
    await proxy.restore()
    await expect.poll(answering, { timeout: 15_000 }).toBe(names.replica)
  })

  it('the primary answers also when every connection to it is taken and hangs', async () => {
    const { proxy, ctx, names, answering } = await withReplica()
    await takeOnly(ctx)
    proxy.hang()
    expect(await answering()).toBe(names.primary)
  })
})

describe('while the replica is busy', () => {
  it('it is no more than busy: a read has to come again, and the primary is spared', async () => {
    const { ctx, app, names, answering } = await withReplica()
    const giveBack = await takeOnly(ctx)
    const [answer] = await Promise.all([app.inject('/api/v1/movies?limit=1'), expect(answering()).rejects.toThrow()])
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5'])
    giveBack()
    expect(await answering()).toBe(names.replica)
  })
})

describe('while Redis is away', () => {
  it('everything is answered, and readiness says degraded', async () => {
    const redis = await ownRedis()
    closers.push(redis.stop)
    const proxy = await proxyTo(redis.url)
    const url = await cloneDatabase({ seeded: true })
    const [, app] = await opened({ DATABASE_URL: url, REDIS_URL: proxy.url, RATE_LIMIT: 'on' })
    expect((await app.inject('/api/v1/movies?limit=1')).statusCode).toBe(200)
    await proxy.cut()
    for (const limit of [1, 2, 3]) expect((await app.inject(`/api/v1/movies?limit=${limit}`)).statusCode).toBe(200)
    expect((await app.inject('/health/ready')).json()).toMatchObject({ status: 'degraded' })
    await proxy.restore()
    while ((await app.inject('/health/ready')).json().status !== 'ready') await wait(50)
  })

  it('everything is answered also when it only hangs', async () => {
    const redis = await ownRedis()
    closers.push(redis.stop)
    const proxy = await proxyTo(redis.url)
    const url = await cloneDatabase({ seeded: true })
    const [, app] = await opened({ DATABASE_URL: url, REDIS_URL: proxy.url, RATE_LIMIT: 'on' })
    proxy.hang()
    for (const limit of [1, 2, 3]) expect((await app.inject(`/api/v1/movies?limit=${limit}`)).statusCode).toBe(200)
    expect((await app.inject('/health/ready')).json()).toMatchObject({ status: 'degraded' })
  })
})
