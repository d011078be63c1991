import { randomBytes } from 'node:crypto'
import type { RedisTier } from './cache-redis.ts'
import { type CacheTarget, messagesOf, nameOf, targetsOf } from './cache-target.ts'
import type { Metrics } from './metrics.ts'
import type { PubSub } from './pubsub.ts'

/** Carries what was forgotten to Redis and to the other processes, again and again until it has arrived. */
export interface Invalidations {
  /** Never rejects. */
  send(targets: readonly CacheTarget[]): Promise<void>
  /** Whether the target, or its family, was forgotten here and Redis may still have the old value. */
  isPending(target: CacheTarget): boolean
  close(): void
}

export interface InvalidationOptions {
  readonly redis: RedisTier | null
  readonly pubsub: PubSub
  readonly metrics: Metrics
  readonly onForgotten: (targets: readonly CacheTarget[]) => void
  readonly onGap: () => void
}

const channel = 'cache'
const retryMilliseconds = 500

/** Past this many keys that could not be forgotten, their families are. */
const maxPending = 5_000

export function openInvalidations(options: InvalidationOptions): Invalidations {
  const { redis, pubsub, metrics, onForgotten, onGap } = options
  const self = randomBytes(6).toString('base64url')
  const pending = new Map<string, CacheTarget>()
  let gathered: CacheTarget[] = []
  let leaving: Promise<void> | null = null
  let underWay: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const listen = (message: string): void => {
    const { sender, targets } = targetsOf(message)
    if (sender !== self) onForgotten(targets)
  }
  pubsub.subscribe(channel, listen, onGap)

  /** The others are told after Redis was: what they read from it then is not what was forgotten. */
  async function deliver(targets: readonly CacheTarget[]): Promise<boolean> {
    if (redis && !(await redis.forget(targets))) return false
    for (const message of messagesOf(self, targets)) {
      if (await pubsub.publish(channel, message)) continue
      metrics.cacheFailures.inc({ operation: 'publish' })
      return false
    }
    return true
  }

  /** Sends what came together, or while the message before was on its way, as one: a message may cost Postgres a commit. */
  async function sendGathered(): Promise<void> {
    const targets = [...new Map(gathered.map((target) => [nameOf(target), target])).values()]
    gathered = []
    leaving = null
    if (await deliver(targets)) {
      for (const target of targets) if (pending.get(nameOf(target)) === target) pending.delete(nameOf(target))
    } else retryLater()
  }

  function send(given: readonly CacheTarget[]): Promise<void> {
    // Fresh objects: of two that forget the same key, only the later one may call it done.
    const targets = given.map((target) => ({ ...target }))
    for (const target of targets) pending.set(nameOf(target), target)
    gathered.push(...targets)
    leaving ??= underWay.then(() => {
      underWay = sendGathered()
      return underWay
    })
    return leaving
  }

  function retryLater(): void {
    if (timer || closed) return
    if (pending.size > maxPending) {
      const families = new Set([...pending.values()].map((target) => target.family))
      pending.clear()
      for (const family of families) pending.set(family, { family })
    }
    timer = setTimeout(() => {
      timer = undefined
      void send([...pending.values()])
    }, retryMilliseconds)
    timer.unref()
  }

  return {
    send,
    isPending: (target) => pending.size > 0 && (pending.has(nameOf(target)) || pending.has(target.family)),
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}
