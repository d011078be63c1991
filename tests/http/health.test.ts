import { beforeAll, describe, expect, inject, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { shared } from '../../src/http/health.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'
import { ownRedis } from '../support/own-redis.ts'

describe('health', () => {
  let ctx: TestContext
  let app: App
  beforeAll(async () => {
    ctx = await testContext()
    app = await testApp(ctx)
    return () => ctx[Symbol.asyncDispose]()
  })

  it('lives', async () => {
    const answer = await app.inject('/health/live')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ status: 'live' })
  })

  it('is ready, and says how fast each dependency answers', async () => {
    const look = () => app.inject('/health/ready')
    // A dependency has a second to answer, which a busy machine may take.
    await expect.poll(async () => (await look()).json().status, { timeout: 10_000 }).toBe('ready')
    const answer = await look()
    expect(answer.statusCode).toBe(200)
    const redis =
      inject('mode') === 'redis'
        ? { status: 'up', latency_ms: expect.any(Number) }
        : { status: 'off', latency_ms: null }
    expect(answer.json()).toEqual({
      status: 'ready',
      dependencies: {
        postgres: { status: 'up', latency_ms: expect.any(Number) },
        replica: { status: 'off', latency_ms: null },
        redis,
        queues: { status: 'off', latency_ms: null },
      },
    })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('is not ready while closing, though everything still answers', async () => {
    const closing = await testApp(ctx)
    closing.closing.announce()
    const answer = await closing.inject('/health/ready')
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toMatchObject({ status: 'closing', dependencies: { postgres: { status: 'up' } } })
    expect((await closing.inject('/health/live')).statusCode).toBe(200)
  })
})

describe('health of a busy service', () => {
  it('is ready while every connection of the pool is taken', async () => {
    const ctx = await testContext({ redis: 'off', env: { DATABASE_POOL_MAX: '1' } })
    const held = await ctx.pool.connect()
    try {
      const answer = await (await testApp(ctx)).inject('/health/ready')
      expect([answer.statusCode, answer.json().status]).toEqual([200, 'ready'])
    } finally {
      held.release()
      await ctx[Symbol.asyncDispose]()
    }
  })

  it('is asked for once, however many want to know at the time', async () => {
    let [asked, now] = [0, 5_000]
    const ask = shared(
      async () => (asked += 1),
      1_000,
      () => now,
    )
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1])
    now += 999
    expect(await ask()).toBe(1)
    now += 1
    expect(await ask()).toBe(2)
  })
})

describe('health with a replica', () => {
  const healthWith = async (change: (url: string) => string) => {
    const main = await testContext({ redis: 'off' })
    const { DATABASE_URL } = main.config
    const ctx = await testContext({ redis: 'off', env: { DATABASE_URL, DATABASE_READ_URL: change(DATABASE_URL) } })
    const app = await testApp(ctx)
    const [health, metrics] = [await app.inject('/health/ready'), await app.inject('/metrics')]
    await ctx[Symbol.asyncDispose]()
    await main[Symbol.asyncDispose]()
    return { health, metrics: metrics.body }
  }

  it('asks it too, and counts its connections apart', async () => {
    const { health, metrics } = await healthWith((url) => `${url}?replica`)
    expect(health.json()).toMatchObject({ status: 'ready', dependencies: { replica: { status: 'up' } } })
    expect(metrics).toMatch(/lemonnpie_pool_connections\{pool="replica",state="total"\} \d/)
  })

  it('is degraded when it is away, since the primary answers for it', async () => {
    const { health } = await healthWith(() => 'postgres://127.0.0.1:1/nowhere')
    expect(health.statusCode).toBe(200)
    expect(health.json()).toMatchObject({
      status: 'degraded',
      dependencies: { postgres: { status: 'up' }, replica: { status: 'down' } },
    })
  })
})

describe('health without Postgres', () => {
  it('is unavailable, and alive', async () => {
    const ctx = await testContext({ env: { DATABASE_URL: 'postgres://127.0.0.1:1/nowhere' } })
    try {
      const app = await testApp(ctx)
      const answer = await app.inject('/health/ready')
      expect(answer.statusCode).toBe(503)
      expect(answer.json()).toMatchObject({
        status: 'unavailable',
        dependencies: { postgres: { status: 'down', latency_ms: null } },
      })
      expect((await app.inject('/health/live')).statusCode).toBe(200)
    } finally {
      await ctx[Symbol.asyncDispose]()
    }
  })
})

describe('health without the Redis it was given', () => {
  it('is degraded, and still takes requests', async () => {
    const ctx = await testContext({ redis: 'off', env: { REDIS_URL: 'redis://127.0.0.1:1' } })
    try {
      const app = await testApp(ctx)
      const answer = await app.inject('/health/ready')
      expect(answer.statusCode).toBe(200)
      expect(answer.json()).toMatchObject({ status: 'degraded', dependencies: { redis: { status: 'down' } } })
    } finally {
      await ctx[Symbol.asyncDispose]()
    }
  })
})

describe('health of the queues', () => {
  const healthWith = async (url: string) => {
    const ctx = await testContext({ redis: 'off', env: { QUEUE_REDIS_URL: url } })
    try {
      return await (await testApp(ctx)).inject('/health/ready')
    } finally {
      await ctx[Symbol.asyncDispose]()
    }
  }

  it('is told with its latency where they have a Redis', async () => {
    const redis = await ownRedis()
    const answer = await healthWith(redis.url)
    await redis.stop()
    const queues = { status: 'up', latency_ms: expect.any(Number) }
    expect(answer.json()).toMatchObject({ status: 'ready', dependencies: { queues, redis: { status: 'off' } } })
  })

  it('is degraded without it, and still takes requests', async () => {
    const answer = await healthWith('redis://127.0.0.1:1')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ status: 'degraded', dependencies: { queues: { status: 'down' } } })
  })
})
