import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import type { OpenedContext } from '../../src/context.ts'
import { openPubSub, type PubSub } from '../../src/infra/pubsub.ts'
import { openRedis, untilReady } from '../../src/infra/redis.ts'
import { withClient } from '../support/databases.ts'
import { type Services, severalProcesses } from '../support/several-processes.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const withRedis = inject('mode') === 'redis'

let services: Services
let here: OpenedContext
let there: OpenedContext

beforeAll(async () => {
  services = await severalProcesses()
  ;[here, there] = await Promise.all([services.open(), services.open()])
})
afterAll(() => services.stop())

let channels = 0
const newChannel = (): string => `channel_${channels++}`

/** Subscribes, and resolves with what arrives from then on. */
async function received(pubsub: PubSub, channel: string): Promise<string[]> {
  const messages: string[] = []
  await new Promise<void>((resolve) => pubsub.subscribe(channel, (message) => messages.push(message), resolve))
  return messages
}

describe('a message', () => {
  it('reaches every subscriber in every process, its own too', async () => {
    const channel = newChannel()
    const all = await Promise.all([here, here, there].map(({ pubsub }) => received(pubsub, channel)))
    expect(await here.pubsub.publish(channel, 'hello')).toBe(true)
    await vi.waitFor(() => expect(all).toEqual([['hello'], ['hello'], ['hello']]), 10_000)
  })

  it('comes in the order of sending', async () => {
    const channel = newChannel()
    const messages = await received(there.pubsub, channel)
    const sent = Array.from({ length: 50 }, (_, index) => String(index))
    for (const message of sent) await here.pubsub.publish(channel, message)
    await vi.waitFor(() => expect(messages).toEqual(sent), 10_000)
  })

  it('arrives as it was, to the last of 7,900 bytes', async () => {
    const channel = newChannel()
    const messages = await received(there.pubsub, channel)
    const texts = ['', `it's "quoted"; drop table movies; \\ ẹ̀ṣọ́ 🎬`, 'ọ'.repeat(2_633)]
    for (const text of texts) expect(await here.pubsub.publish(channel, text)).toBe(true)
    await vi.waitFor(() => expect(messages).toEqual(texts), 10_000)
  })

  it('stays in its channel', async () => {
    const [one, other] = [newChannel(), newChannel()]
    const messages = await Promise.all([received(there.pubsub, one), received(there.pubsub, other)])
    await here.pubsub.publish(one, 'for one')
    await here.pubsub.publish(other, 'for the other')
    await vi.waitFor(() => expect(messages).toEqual([['for one'], ['for the other']]), 10_000)
  })

  it('reaches the others when one subscriber throws', async () => {
    const channel = newChannel()
    const failing = new Promise<void>((resolve) => {
      there.pubsub.subscribe(
        channel,
        () => {
          throw new Error('a bug of the subscriber')
        },
        resolve,
      )
    })
    const logged = vi.spyOn(there.log, 'error')
    const messages = await received(there.pubsub, channel)
    await failing
    await here.pubsub.publish(channel, 'hello')
    await vi.waitFor(() => expect(messages).toEqual(['hello']), 10_000)
    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ channel }), 'a subscriber failed')
  })
})

describe('a listener that was cut off', () => {
  let carrier: TcpProxy
  let opened: PubSub
  let end: () => Promise<void>

  /** A listener behind the proxy, that asks after its connection every `heartbeatMilliseconds`. */
  beforeEach(async () => {
    carrier = await startTcpProxy(services.redisUrl ?? services.databaseUrl)
    const redis = withRedis ? openRedis(carrier.url, 1_000, here.log) : null
    if (redis) await untilReady(redis, 1_000)
    const { db, log } = here
    opened = openPubSub({ url: carrier.url, db, redis, log, heartbeatMilliseconds: 200 })
    end = async () => {
      await opened.close()
      redis?.disconnect()
      await carrier.stop()
    }
  })
  afterEach(() => end())

  const ways = { 'was broken': () => carrier.cut(), 'died silently': async () => carrier.hang() }
  for (const [way, take] of Object.entries(ways)) {
    it(`listens again after its connection ${way}, and says that there was a gap`, async () => {
      const channel = newChannel()
      const messages: string[] = []
      const onGap = vi.fn()
      opened.subscribe(channel, (message) => messages.push(message), onGap)
      await vi.waitFor(() => expect(onGap).toHaveBeenCalledTimes(1), 10_000)
      expect(opened.isListening()).toBe(true)

      await take()
      await vi.waitFor(() => expect(opened.isListening()).toBe(false), 5_000)
      await there.pubsub.publish(channel, 'lost')
      await carrier.restore()
      await vi.waitFor(() => expect(onGap).toHaveBeenCalledTimes(2), 10_000)
      expect(opened.isListening()).toBe(true)
      await there.pubsub.publish(channel, 'heard')
      await vi.waitFor(() => expect(messages).toEqual(['heard']), 10_000)
    })
  }

  it('listens to what was subscribed while it was away', async () => {
    await received(opened, newChannel())
    await carrier.cut()
    await vi.waitFor(() => expect(opened.isListening()).toBe(false), 10_000)
    const channel = newChannel()
    const pending = received(opened, channel)
    await carrier.restore()
    const messages = await pending
    await there.pubsub.publish(channel, 'heard')
    await vi.waitFor(() => expect(messages).toEqual(['heard']), 10_000)
  })

  it('keeps trying when there is nobody at first', async () => {
    await carrier.cut()
    const channel = newChannel()
    const pending = received(opened, channel)
    expect(opened.isListening()).toBe(false)
    await carrier.restore()
    const messages = await pending
    await there.pubsub.publish(channel, 'heard')
    await vi.waitFor(() => expect(messages).toEqual(['heard']), 10_000)
  })

  it('can be closed while it is away', async () => {
    await received(opened, newChannel())
    await carrier.cut()
    await vi.waitFor(() => expect(opened.isListening()).toBe(false), 10_000)
    await expect(opened.close()).resolves.toBeUndefined()
  })
})

describe('sending', () => {
  it('says so, and throws nothing, when it is not possible', async () => {
    const carrier = await startTcpProxy(services.redisUrl ?? services.databaseUrl)
    const cutOff = await services.open(withRedis ? { redisUrl: carrier.url } : { databaseUrl: carrier.url })
    const logged = vi.spyOn(cutOff.log, 'warn')
    await carrier.cut()
    expect(await cutOff.pubsub.publish('channel', 'lost')).toBe(false)
    expect(logged).toHaveBeenCalledWith(
      expect.objectContaining({ channel: 'channel' }),
      'a message to the other processes could not be sent',
    )
  })

  it('works without ever listening, and connects nothing for it', async () => {
    const listeners = () =>
      withClient(services.databaseUrl, async (client) => {
        const { rowCount } = await client.query(
          "select from pg_stat_activity where application_name = 'lemonnpie-listen' and datname = current_database()",
        )
        return rowCount
      })
    const before = await listeners()
    const { db, redis, log } = here
    const pubsub = openPubSub({ url: services.databaseUrl, db, redis, log })
    expect(await pubsub.publish('channel', 'hello')).toBe(true)
    expect(pubsub.isListening()).toBe(false)
    expect(await listeners()).toBe(before)
    await pubsub.close()
  })
})
