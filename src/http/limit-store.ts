import { LRUCache } from 'lru-cache'
import type { Needs } from '../context.ts'

/** How many requests a key has in its window so far, this one included, and the milliseconds that are left of it. */
interface Count {
  readonly current: number
  readonly ttl: number
}

type Callback = (error: Error | null, count?: Count) => void

interface LimitStore {
  incr(key: string, callback: Callback, windowMs: number, max: number): void
  child(policy: { readonly name: string }): LimitStore
}

/** What is counted, for the plugin and for who takes something back. */
export interface LimitCounts {
  /** What @fastify/rate-limit makes its counters with. */
  readonly Store: new () => LimitStore
  /** A request that was counted is not, after all. Never rejects. */
  takeBack(policy: string, caller: string): Promise<void>
  /** Counting begins anew for a caller, in every process. Never rejects. */
  forget(policy: string, caller: string): Promise<void>
}

/** Keys counted in this process; the least recently seen are forgotten first. */
const mostKeys = 20_000

/** Fixed windows counted in this process. */
function localCounter() {
  const windows = new LRUCache<string, { count: number; readonly endsAt: number }>({ max: mostKeys })
  return {
    count(key: string, windowMs: number): Count {
      const now = Date.now()
      let window = windows.get(key)
      if (window === undefined || window.endsAt <= now) {
        window = { count: 0, endsAt: now + windowMs }
        windows.set(key, window)
      }
      window.count += 1
      return { current: window.count, ttl: window.endsAt - now }
    },
    takeBack(key: string): void {
      const window = windows.get(key)
      if (window && window.count > 0) window.count -= 1
    },
    forget: (key: string): unknown => windows.delete(key),
  }
}

const keyOf = (policy: string, caller: string): string => `limit:${policy}:${caller}`

/** Where processes tell each other what they have forgotten. */
const channel = 'limits'

/**
 * The counts of all processes in Redis when there is one, else those of this process: also when Redis does not answer,
 * which is counted and never refuses anybody. Who is over the limit is remembered here, and costs Redis no call more.
 */
export function openLimitCounts({ redis, metrics, pubsub }: Needs<'redis' | 'metrics' | 'pubsub'>): LimitCounts {
  const here = localCounter()
  const refusedUntil = new LRUCache<string, number>({ max: mostKeys })

  const countInRedis = async (key: string, windowMs: number): Promise<Count> => {
    const replies = await redis!.multi().set(key, 0, 'PX', windowMs, 'NX').incr(key).pttl(key).exec()
    const [count, ttl] = [replies?.[1]?.[1], replies?.[2]?.[1]]
    if (typeof count !== 'number' || typeof ttl !== 'number') throw new Error('Redis did not count the request')
    return { current: count, ttl }
  }

  const storeOf = (policy: string): LimitStore => ({
    child: ({ name }) => storeOf(name),
    incr(caller, callback, windowMs, max) {
      const key = keyOf(policy, caller)
      if (redis === null) return callback(null, here.count(key, windowMs))
      const left = (refusedUntil.get(key) ?? 0) - Date.now()
      if (left > 0) return callback(null, { current: max + 1, ttl: left })
      countInRedis(key, windowMs).then(
        (count) => {
          if (count.current > max) refusedUntil.set(key, Date.now() + count.ttl)
          callback(null, count)
        },
        () => {
          metrics.rateLimitFailures.inc()
          callback(null, here.count(key, windowMs))
        },
      )
    },
  })

  // @fastify/rate-limit calls `new`; a function that returns an object answers that.
  function Store(): LimitStore {
    return storeOf('default')
  }

  function forgetHere(key: string): void {
    here.forget(key)
    refusedUntil.delete(key)
  }
  pubsub.subscribe(channel, forgetHere, () => {})

  const inRedis = async (work: () => Promise<unknown> | undefined): Promise<void> => {
    await work()?.catch(() => metrics.rateLimitFailures.inc())
  }

  return {
    Store: Store as unknown as new () => LimitStore,
    async takeBack(policy, caller) {
      const key = keyOf(policy, caller)
      here.takeBack(key)
      // Only where it is there still: what has run out would begin anew, below nothing and without an end.
      await inRedis(() =>
        redis?.eval("return redis.call('exists', KEYS[1]) == 1 and redis.call('decr', KEYS[1])", 1, key),
      )
    },
    async forget(policy, caller) {
      const key = keyOf(policy, caller)
      await inRedis(() => redis?.del(key))
      forgetHere(key)
      await pubsub.publish(channel, key)
    },
  }
}
