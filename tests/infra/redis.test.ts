import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { openLog } from '../../src/infra/logger.ts'
import { openRedis, untilReady } from '../../src/infra/redis.ts'
import { ownRedis } from '../support/own-redis.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const nowhere = 'redis://127.0.0.1:1'

function open(url: string) {
  const log = openLog({ LOG_LEVEL: 'silent' })
  const logged = { warn: vi.spyOn(log, 'warn'), info: vi.spyOn(log, 'info') }
  const redis = openRedis(url, 50, log)
  onTestFinished(() => redis.disconnect())
  return { redis, logged }
}

describe('a Redis that is not there', () => {
  it('is not waited for longer than asked, and fails every call at once', async () => {
    const { redis } = open(nowhere)
    await untilReady(redis, 50)
    expect(redis.status).not.toBe('ready')
    await expect(redis.get('key')).rejects.toThrow()
  })

  it('is told once, however often it is tried', async () => {
    const { redis, logged } = open(nowhere)
    const tried = vi.fn()
    redis.on('reconnecting', tried)
    await vi.waitFor(() => expect(tried.mock.calls.length).toBeGreaterThan(2), 5_000)
    expect(logged.warn).toHaveBeenCalledTimes(1)
  })
})

// What follows needs a Redis.
if (inject('mode') === 'redis') {
  let server: Awaited<ReturnType<typeof ownRedis>>
  let proxy: TcpProxy
  beforeAll(async () => {
    server = await ownRedis()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    proxy = await startTcpProxy(server.url)
  })
  afterEach(() => proxy.stop())

  describe('a Redis', () => {
    it('is ready when asked whether it is, the second time too', async () => {
      const { redis } = open(proxy.url)
      await untilReady(redis, 5_000)
      expect(redis.status).toBe('ready')
      await untilReady(redis, 5_000)
      expect(await redis.ping()).toBe('PONG')
    })

    it('fails a call that it does not answer', async () => {
      const { redis } = open(proxy.url)
      await untilReady(redis, 5_000)
      proxy.hang()
      await expect(redis.get('key')).rejects.toThrow('timed out')
    })

    it('fails calls at once while it is away, and is used again when it is back', async () => {
      const { redis, logged } = open(proxy.url)
      await untilReady(redis, 5_000)
      await proxy.cut()
      await vi.waitFor(() => expect(redis.status).not.toBe('ready'), 10_000)
      await expect(redis.get('key')).rejects.toThrow()
      await vi.waitFor(() => expect(logged.warn).toHaveBeenCalledTimes(1), 5_000)
      await proxy.restore()
      await vi.waitFor(async () => expect(await redis.ping()).toBe('PONG'), 10_000)
      expect(logged.info).toHaveBeenCalledWith('Redis is back')
    })
  })
}
