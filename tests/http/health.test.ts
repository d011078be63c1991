import { beforeAll, describe, expect, inject, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'

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
    const answer = await app.inject('/health/ready')
    expect(answer.statusCode).toBe(200)
    const redis =
      inject('mode') === 'redis'
        ? { status: 'up', latency_ms: expect.any(Number) }
        : { status: 'off', latency_ms: null }
    expect(answer.json()).toEqual({
      status: 'ready',
      dependencies: { postgres: { status: 'up', latency_ms: expect.any(Number) }, redis },
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
