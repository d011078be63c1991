import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import type { OpenedContext } from '../../src/context.ts'
import type { CacheKey } from '../../src/infra/cache.ts'
import { openInvalidations } from '../../src/infra/cache-invalidations.ts'
import { openRedisTier } from '../../src/infra/cache-redis.ts'
import { type Services, severalProcesses } from '../support/several-processes.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const withRedis = inject('mode') === 'redis'

let services: Services
/** Where the others are reached: Redis when there is one, else Postgres. */
let carrier: TcpProxy
let here: OpenedContext
let there: OpenedContext

beforeAll(async () => {
  services = await severalProcesses()
})
afterAll(() => services.stop())

// A process that has lost its carrier in one test is not the one to begin the next with.
beforeEach(async () => {
  carrier = await startTcpProxy(services.redisUrl ?? services.databaseUrl)
  here = await services.open(withRedis ? { redisUrl: carrier.url } : { databaseUrl: carrier.url })
  there = await services.open()
})
afterEach(() => carrier.stop())

let keys = 0
const newKey = (): CacheKey => ({ family: 'movie', id: `key-${keys++}-end`, ttlSeconds: 60 })

const failures = async (ctx: OpenedContext): Promise<number> => {
  const { values } = await ctx.metrics.cacheFailures.get()
  return values.reduce((sum, { value }) => sum + value, 0)
}

async function cutOff(): Promise<void> {
  await carrier.cut()
  await vi.waitFor(() => expect(here.pubsub.isListening()).toBe(false), 10_000)
}

describe('with the others out of reach', () => {
  it('reads and forgets as alone', async () => {
    const key = newKey()
    await here.cache.remember(key, async () => 'old')
    await cutOff()
    await here.cache.forget(key)
    expect(await here.cache.remember(key, async () => 'new')).toBe('new')
    expect(await here.cache.remember(key, async () => 'newer')).toBe('new')
    expect(await failures(here)).toBeGreaterThan(0)
  })

  it('believes its own memory for moments only', async () => {
    const key = newKey()
    await cutOff()
    await here.cache.remember(key, async () => 'old')
    await vi.waitFor(async () => expect(await here.cache.remember(key, async () => 'new')).toBe('new'), 5_000)
  })

  it('tells them later what it forgot meanwhile', async () => {
    const [key, other] = [newKey(), { ...newKey(), family: 'later' }]
    for (const each of [key, other]) {
      await here.cache.remember(each, async () => 'old')
      await there.cache.remember(each, async () => 'old')
    }
    await cutOff()
    await here.cache.forget(key)
    await here.cache.forgetFamilies(other.family)
    await carrier.restore()
    for (const each of [key, other]) {
      await vi.waitFor(async () => expect(await there.cache.remember(each, async () => 'new')).toBe('new'), 10_000)
    }
  })

  it('tells them later to forget the family, when there were too many keys to remember', async () => {
    const many = Array.from({ length: 6_000 }, () => ({ ...newKey(), family: 'crowded' }))
    const [sibling, stranger] = [{ ...newKey(), family: 'crowded' }, newKey()]
    for (const each of [sibling, stranger]) await there.cache.remember(each, async () => 'old')
    await cutOff()
    await here.cache.forget(...many)
    await carrier.restore()
    await vi.waitFor(async () => expect(await there.cache.remember(sibling, async () => 'new')).toBe('new'), 10_000)
    expect(await there.cache.remember(stranger, async () => 'new')).toBe('old')
  })

  it('does not read, once it is back, what they forgot meanwhile', async () => {
    const key = newKey()
    await here.cache.remember(key, async () => 'old')
    await cutOff()
    await there.cache.forget(key)
    await carrier.restore()
    await vi.waitFor(() => expect(here.pubsub.isListening()).toBe(true), 10_000)
    expect(await here.cache.remember(key, async () => 'new')).toBe('new')
  })

  it('does not keep what a load brings that they forgot meanwhile', async () => {
    const key = newKey()
    const { promise, resolve } = Promise.withResolvers<string>()
    const load = vi.fn(() => promise)
    const before = here.cache.remember(key, load)
    await vi.waitFor(() => expect(load).toHaveBeenCalled(), 10_000)
    await cutOff()
    await there.cache.forget(key)
    await carrier.restore()
    await vi.waitFor(() => expect(here.pubsub.isListening()).toBe(true), 10_000)
    resolve('old')
    expect(await before).toBe('old')
    expect(await here.cache.remember(key, async () => 'new')).toBe('new')
  })
})

// What follows is about values in Redis; without one there are none.
if (withRedis) {
  const namesOf = async (ctx: OpenedContext, key: CacheKey): Promise<string[]> =>
    (await ctx.redis?.keys(`*{${key.family}}:${key.id}*`)) ?? []

  describe('a value in Redis', () => {
    const kept = (key: CacheKey) =>
      vi.waitFor(async () => {
        const name = (await namesOf(there, key)).find((each) => each.includes('.'))
        expect(name).toBeDefined()
        return name as string
      }, 10_000)

    it('is not read again when the Redis was emptied and refilled by a slow load', async () => {
      const key = newKey()
      const { promise, resolve } = Promise.withResolvers<string>()
      const load = vi.fn(() => promise)
      const slow = here.cache.remember(key, load)
      await vi.waitFor(() => expect(load).toHaveBeenCalled(), 10_000)
      await there.redis?.flushall()
      await there.cache.remember(key, async () => 'new')
      resolve('old')
      await slow
      const later = await services.open()
      await vi.waitFor(async () => expect(await namesOf(later, key)).toHaveLength(3), 10_000)
      expect(await later.cache.remember(key, async () => 'newest')).toBe('new')
    })

    it('is not read again when only its generation was evicted', async () => {
      const key = newKey()
      await here.cache.remember(key, async () => 'old')
      await kept(key)
      await there.redis?.unlink(`lemonnpie:cache:{${key.family}}:${key.id}`)
      expect(await there.cache.remember(key, async () => 'new')).toBe('new')
    })

    it('is loaded anew when it cannot be read', async () => {
      const key = newKey()
      await here.cache.remember(key, async () => ['whole'])
      await there.redis?.set(await kept(key), '["half')
      expect(await there.cache.remember(key, async () => 'new')).toBe('new')
    })

    it('lives as long as it should, give or take a tenth, so that not all of them expire together', async () => {
      const all = Array.from({ length: 20 }, newKey)
      const lives = await Promise.all(
        all.map(async (key) => {
          await here.cache.remember(key, async () => 'value')
          return (await there.redis?.pttl(await kept(key))) ?? 0
        }),
      )
      expect(Math.min(...lives)).toBeGreaterThan(50_000)
      expect(Math.max(...lives)).toBeLessThanOrEqual(66_000)
      expect(Math.max(...lives) - Math.min(...lives)).toBeGreaterThan(1_000)
    })

    it('leaves before its generation does', async () => {
      const key = newKey()
      await here.cache.remember(key, async () => 'value')
      const name = await kept(key)
      const left = (await there.redis?.pttl(name)) ?? 0
      expect(await there.redis?.pttl(`lemonnpie:cache:{${key.family}}:${key.id}`)).toBeGreaterThan(left)
      expect(await there.redis?.pttl(`lemonnpie:cache:{${key.family}}`)).toBeGreaterThan(left)
    })

    it('does not live longer in the memory of who reads it late', async () => {
      const key = { ...newKey(), ttlSeconds: 60 }
      await here.cache.remember(key, async () => 'old')
      await there.redis?.pexpire(await kept(key), 100)
      await there.cache.remember(key, async () => 'not loaded')
      await vi.waitFor(async () => expect(await there.cache.remember(key, async () => 'new')).toBe('new'), 10_000)
    })
  })

  describe('a Redis that does not answer', () => {
    it('is a miss, and left in peace for a moment', async () => {
      carrier.hang()
      expect(await here.cache.remember(newKey(), async () => 'loaded')).toBe('loaded')
      expect(await failures(here)).toBe(1)
      const command = vi.spyOn(here.redis as NonNullable<typeof here.redis>, 'sendCommand')
      expect(await here.cache.remember(newKey(), async () => 'loaded')).toBe('loaded')
      expect(command).not.toHaveBeenCalled()
    })

    it('is used again when it is back', async () => {
      await cutOff()
      await here.cache.remember(newKey(), async () => 'loaded')
      await carrier.restore()
      await vi.waitFor(async () => {
        const key = newKey()
        await there.cache.remember(key, async () => 'from Redis')
        await vi.waitFor(async () => expect(await namesOf(there, key)).toHaveLength(2), 10_000)
        expect(await here.cache.remember(key, async () => 'loaded')).toBe('from Redis')
      }, 10_000)
    })

    it('is not asked for what it could not be told to forget', async () => {
      const tier = openRedisTier(here.redis as NonNullable<typeof here.redis>, here.metrics)
      const { pubsub, metrics } = here
      const invalidations = openInvalidations({ redis: tier, pubsub, metrics, onForgotten: () => {}, onGap: () => {} })
      const target = { family: 'movie', id: 'refused' }
      await there.redis?.acl('SETUSER', 'default', '-unlink')
      await invalidations.send([target, { family: 'series' }])
      expect(invalidations.isPending(target)).toBe(true)
      expect(invalidations.isPending({ family: 'series', id: 'any' })).toBe(true)
      expect(invalidations.isPending({ family: 'movie', id: 'other' })).toBe(false)
      await there.redis?.acl('SETUSER', 'default', '+unlink')
      await vi.waitFor(() => expect(invalidations.isPending(target)).toBe(false), 5_000)
      expect(invalidations.isPending({ family: 'series', id: 'any' })).toBe(false)
      invalidations.close()
    })
  })
}
