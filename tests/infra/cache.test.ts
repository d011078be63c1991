import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import type { OpenedContext } from '../../src/context.ts'
import type { CacheKey } from '../../src/infra/cache.ts'
import { type Services, severalProcesses } from '../support/several-processes.ts'

let services: Services
let here: OpenedContext
let there: OpenedContext

beforeAll(async () => {
  services = await severalProcesses()
  ;[here, there] = await Promise.all([services.open(), services.open()])
})
afterAll(() => services.stop())

let keys = 0
const newKey = (family = 'movie'): CacheKey => ({ family, id: `key-${keys++}`, ttlSeconds: 60 })

/** A load that ends when the test says so. */
function slowLoad<T>() {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const load = vi.fn(() => promise)
  // With a Redis the load begins after a round trip to it.
  const begun = () => vi.waitFor(() => expect(load).toHaveBeenCalled(), 10_000)
  return { load, begun, end: resolve, fail: reject }
}

/** Resolves when what `from` has sent up to now has reached `to`: messages of one sender arrive in order. */
async function delivered(from: OpenedContext, to: OpenedContext): Promise<void> {
  const channel = `probe_${keys++}`
  await new Promise<void>((resolve) => to.pubsub.subscribe(channel, () => {}, resolve))
  const arrived = new Promise<void>((resolve) =>
    to.pubsub.subscribe(
      channel,
      () => resolve(),
      () => {},
    ),
  )
  await from.pubsub.publish(channel, 'now')
  await arrived
}

const reads = async (ctx: OpenedContext, family: string): Promise<Record<string, number>> => {
  const { values } = await ctx.metrics.cacheReads.get()
  const own = values.map(({ labels, value }) => ({ labels: labels as Record<string, string>, value }))
  return Object.fromEntries(
    own.flatMap(({ labels, value }) => (labels.family === family ? [[labels.outcome, value]] : [])),
  )
}

describe('remembering', () => {
  it('loads once for a thousand who ask at the same time', async () => {
    const key = newKey('crowd')
    const slow = slowLoad<{ title: string }>()
    const all = Promise.all(Array.from({ length: 1_000 }, () => here.cache.remember(key, slow.load)))
    slow.end({ title: 'Aníkúlápó' })
    expect(new Set((await all).map(({ title }) => title))).toEqual(new Set(['Aníkúlápó']))
    expect(slow.load).toHaveBeenCalledTimes(1)
    expect(await reads(here, 'crowd')).toEqual({ miss: 1, joined: 999 })
  })

  it('keeps what was loaded', async () => {
    const key = newKey('kept')
    await here.cache.remember(key, async () => 'first')
    expect(await here.cache.remember(key, async () => 'second')).toBe('first')
    expect(await reads(here, 'kept')).toEqual({ miss: 1, memory: 1 })
  })

  it('keeps null and other values that are nothing', async () => {
    for (const nothing of [null, 0, '', false, []]) {
      const key = newKey()
      await here.cache.remember(key, async () => nothing)
      expect(await here.cache.remember<unknown>(key, async () => 'again')).toEqual(nothing)
    }
  })

  it('tells ids and families apart', async () => {
    const [one, other] = [newKey(), newKey()]
    await here.cache.remember(one, async () => 'one')
    expect(await here.cache.remember(other, async () => 'other')).toBe('other')
    expect(await here.cache.remember({ ...one, family: 'series' }, async () => 'series')).toBe('series')
  })

  it('tells long ids apart that begin alike', async () => {
    const start = 'genre=comedy&'.repeat(50)
    const key = newKey()
    expect(await here.cache.remember({ ...key, id: `${start}1` }, async () => 1)).toBe(1)
    expect(await here.cache.remember({ ...key, id: `${start}2` }, async () => 2)).toBe(2)
  })

  it('answers the same from the load and from each tier: what JSON makes of it', async () => {
    const key = newKey()
    const load = async (): Promise<unknown> => ({ at: new Date(0), absent: undefined, list: [{ n: 1 }] })
    const kept = { at: '1970-01-01T00:00:00.000Z', list: [{ n: 1 }] }
    expect(await here.cache.remember(key, load)).toStrictEqual(kept)
    expect(await here.cache.remember(key, load)).toStrictEqual(kept)
    expect(await there.cache.remember(key, load)).toStrictEqual(kept)
  })

  it('does not let one reader change what the next one gets', async () => {
    const value = await here.cache.remember(newKey(), async () => ({ list: [{ n: 1 }] }))
    expect(() => value.list.push({ n: 2 })).toThrow(TypeError)
  })

  it('refuses undefined, which JSON has no word for', async () => {
    await expect(here.cache.remember(newKey(), async () => undefined)).rejects.toThrow('null says')
  })

  it('loads again when the time is over', async () => {
    const key = { ...newKey(), ttlSeconds: 0.05 }
    await here.cache.remember(key, async () => 'old')
    await vi.waitFor(async () => expect(await here.cache.remember(key, async () => 'new')).toBe('new'), 10_000)
  })

  it('passes an error on to all who wait, and keeps none', async () => {
    const key = newKey()
    const slow = slowLoad<string>()
    const waiting = Promise.allSettled([here.cache.remember(key, slow.load), here.cache.remember(key, slow.load)])
    await slow.begun()
    const reason = new Error('the database is away')
    slow.fail(reason)
    expect(await waiting).toEqual(Array(2).fill({ status: 'rejected', reason }))
    expect(await here.cache.remember(key, async () => 'back')).toBe('back')
  })

  it('is shared by the processes when there is a Redis', async () => {
    const key = newKey('shared')
    await here.cache.remember(key, async () => 'here')
    const shared = inject('mode') === 'redis'
    expect(await there.cache.remember(key, async () => 'there')).toBe(shared ? 'here' : 'there')
    expect(await reads(there, 'shared')).toEqual(shared ? { redis: 1 } : { miss: 1 })
  })
})

describe('a remembered body', () => {
  const json = JSON.stringify({ title: 'Ìjọ́gbọ̀n', plot: 'Four teenagers find diamonds. '.repeat(100) })

  it('is the bytes of the text', async () => {
    const body = await here.cache.rememberBody(newKey('body'), async () => json)
    expect(body.json.toString()).toBe(json)
  })

  it('has a strong tag that follows from the bytes alone', async () => {
    const [one, same, other] = await Promise.all([
      here.cache.rememberBody(newKey('body'), async () => json),
      there.cache.rememberBody(newKey('body'), async () => json),
      here.cache.rememberBody(newKey('body'), async () => `${json} `),
    ])
    expect(one.etag).toMatch(/^"[\w-]{22}"$/)
    expect(same.etag).toBe(one.etag)
    expect(other.etag).not.toBe(one.etag)
  })

  it('is compressed once', async () => {
    const body = await here.cache.rememberBody(newKey('body'), async () => json)
    expect(gunzipSync(body.gzip()).toString()).toBe(json)
    expect(body.gzip().length).toBeLessThan(body.json.length)
    expect(body.gzip()).toBe(body.gzip())
  })

  it('is the same from memory and from another process', async () => {
    const key = newKey('body')
    const body = await here.cache.rememberBody(key, async () => json)
    expect(await here.cache.rememberBody(key, async () => 'x')).toBe(body)
    const other = await there.cache.rememberBody(key, async () => json)
    expect([other.etag, other.json]).toEqual([body.etag, body.json])
  })
})

describe('forgetting', () => {
  const forgets = {
    'a key': (ctx: OpenedContext, key: CacheKey) => ctx.cache.forget(key),
    'its family': (ctx: OpenedContext, key: CacheKey) => ctx.cache.forgetFamilies(key.family),
  }
  for (const [what, forget] of Object.entries(forgets)) {
    describe(what, () => {
      const family = `forget_${what.replace(' ', '_')}`

      it('makes the next read load', async () => {
        const key = newKey(family)
        await here.cache.remember(key, async () => 'old')
        await forget(here, key)
        expect(await here.cache.remember(key, async () => 'new')).toBe('new')
        expect(await here.cache.remember(key, async () => 'newer')).toBe('new')
      })

      it('is never undone by a load that began before, ending before the next', async () => {
        const key = newKey(family)
        const slow = slowLoad<string>()
        const before = here.cache.remember(key, slow.load)
        await slow.begun()
        await forget(here, key)
        slow.end('old')
        expect(await before).toBe('old')
        expect(await here.cache.remember(key, async () => 'new')).toBe('new')
        expect(await here.cache.remember(key, async () => 'newer')).toBe('new')
      })

      it('is never undone by a load that began before, ending after the next', async () => {
        const key = newKey(family)
        const slow = slowLoad<string>()
        const before = here.cache.remember(key, slow.load)
        await slow.begun()
        await forget(here, key)
        expect(await here.cache.remember(key, async () => 'new')).toBe('new')
        slow.end('old')
        expect(await before).toBe('old')
        expect(await here.cache.remember(key, async () => 'newer')).toBe('new')
      })

      it('does not wait for it to be delivered', async () => {
        const key = newKey(family)
        await here.cache.remember(key, async () => 'old')
        const forgotten = forget(here, key)
        expect(await here.cache.remember(key, async () => 'new')).toBe('new')
        await forgotten
        expect(await here.cache.remember(key, async () => 'newer')).toBe('new')
      })

      it('does not forget, when its own news comes round, what was loaded since', async () => {
        const key = newKey(family)
        await forget(here, key)
        await here.cache.remember(key, async () => 'new')
        await delivered(here, here)
        expect(await here.cache.remember(key, async () => 'newer')).toBe('new')
      })

      it('reaches the other processes', async () => {
        const key = newKey(family)
        await here.cache.remember(key, async () => 'old')
        await there.cache.remember(key, async () => 'old')
        await forget(there, key)
        await delivered(there, here)
        expect(await here.cache.remember(key, async () => 'new')).toBe('new')
      })

      it('reaches a load that runs in another process', async () => {
        const key = newKey(family)
        const slow = slowLoad<string>()
        const before = here.cache.remember(key, slow.load)
        await slow.begun()
        await forget(there, key)
        await delivered(there, here)
        slow.end('old')
        expect(await before).toBe('old')
        expect(await here.cache.remember(key, async () => 'new')).toBe('new')
        const elsewhere = inject('mode') === 'redis' ? 'new' : 'loaded'
        expect(await there.cache.remember(key, async () => 'loaded')).toBe(elsewhere)
      })

      it('reaches what a load in another process kept before the news came', async () => {
        const key = newKey(family)
        const slow = slowLoad<string>()
        const before = here.cache.remember(key, slow.load)
        await slow.begun()
        const forgotten = forget(there, key)
        slow.end('old')
        await Promise.all([before, forgotten])
        await delivered(there, here)
        expect(await here.cache.remember(key, async () => 'new')).toBe('new')
      })
    })
  }

  it('leaves other keys and families alone', async () => {
    const [key, sibling, stranger] = [newKey('narrow'), newKey('narrow'), newKey('stranger')]
    for (const each of [key, sibling, stranger]) await here.cache.remember(each, async () => 'old')
    await here.cache.forget(key)
    expect(await here.cache.remember(sibling, async () => 'new')).toBe('old')
    await here.cache.forgetFamilies('narrow')
    expect(await here.cache.remember(sibling, async () => 'new')).toBe('new')
    expect(await here.cache.remember(stranger, async () => 'new')).toBe('old')
  })

  it('takes thousands of keys at once', async () => {
    const many = Array.from({ length: 3_000 }, () => ({ ...newKey('many'), id: `${'ọ̀'.repeat(40)}${keys++}` }))
    const last = many[2_999] as CacheKey
    await there.cache.remember(last, async () => 'old')
    await here.cache.forget(...many)
    // So many may take a Redis longer than a call has; they are sent again then.
    await expect.poll(() => there.cache.remember(last, async () => 'new')).toBe('new')
  })

  it('takes a key whose id is longer than a message may be', async () => {
    const key = { ...newKey(), id: 'genre=comedy&'.repeat(1_000) }
    await there.cache.remember(key, async () => 'old')
    await here.cache.forget(key)
    await delivered(here, there)
    expect(await there.cache.remember(key, async () => 'new')).toBe('new')
  })

  it('takes nothing at all', async () => {
    await expect(here.cache.forget()).resolves.toBeUndefined()
    await expect(here.cache.forgetFamilies()).resolves.toBeUndefined()
  })
})
