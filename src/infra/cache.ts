import type { Redis } from 'ioredis'
import type { CachedBody } from './cache-body.ts'
import { bodyCodec, type Codec, valueCodec } from './cache-codec.ts'
import { openInvalidations } from './cache-invalidations.ts'
import { openMemoryTier } from './cache-memory.ts'
import { openReadCounters } from './cache-metrics.ts'
import { openRedisTier } from './cache-redis.ts'
import { type CacheTarget, nameOf, shortId } from './cache-target.ts'
import type { Log } from './logger.ts'
import type { Metrics } from './metrics.ts'
import type { PubSub } from './pubsub.ts'

export type { CachedBody }

/** `family` labels the metrics and can be forgotten as a whole; `id` is unique within it. A family holds values or bodies. */
export interface CacheKey {
  /** A lower-case word: there are few, since each is remembered for ever. */
  readonly family: string
  readonly id: string
  readonly ttlSeconds: number
}

export interface Cache {
  /**
   * The value under the key, loaded at most once at a time when it is not there. It has gone through JSON, is shared by
   * all who ask and is frozen. An error of `load` is passed on and not kept.
   */
  remember<T>(key: CacheKey, load: () => Promise<T>): Promise<T>
  /** The same for an answer's JSON text, kept as the bytes that are sent. */
  rememberBody(key: CacheKey, load: () => Promise<string>): Promise<CachedBody>
  /**
   * Forgets keys in every process; a load begun before is never read by a call made after. Call it in afterCommit. It never
   * rejects: what could not be delivered is tried until it is.
   */
  forget(...keys: ReadonlyArray<Pick<CacheKey, 'family' | 'id'>>): Promise<void>
  /** Forgets all keys of the families. */
  forgetFamilies(...families: readonly string[]): Promise<void>
  close(): Promise<void>
}

export interface CacheOptions {
  readonly redis: Redis | null
  readonly pubsub: PubSub
  readonly metrics: Metrics
  readonly log: Log
}

const memoryBytes = 64 * 1024 * 1024

/** Milliseconds that the memory of a process may be believed while it cannot hear what the others forget. */
const deafMilliseconds = 2_000

/** TTL ± 10 %, in milliseconds: what was loaded together does not expire together. */
const jittered = (ttlSeconds: number): number => ttlSeconds * 1000 * (0.9 + Math.random() * 0.2)

interface Fill {
  readonly family: string
  readonly result: Promise<unknown>
}

/** In-process over Redis when there is one. It works, as a process's own memory, with any of the rest away. */
export function openCache({ redis, pubsub, metrics, log }: CacheOptions): Cache {
  const memory = openMemoryTier(memoryBytes)
  const shared = redis ? openRedisTier(redis, metrics) : null
  const count = openReadCounters(metrics)
  // The fills that may be joined and kept. One that is taken out is outdated: its value goes to those who wait for it only.
  const fills = new Map<string, Fill>()

  function forgetHere(targets: readonly CacheTarget[]): void {
    for (const target of targets) {
      const name = nameOf(target)
      if (target.id !== undefined) {
        memory.forget(name)
        fills.delete(name)
      } else {
        memory.forgetFamily(target.family)
        for (const [running, fill] of fills) if (fill.family === target.family) fills.delete(running)
      }
    }
  }
  const invalidations = openInvalidations({
    redis: shared,
    pubsub,
    metrics,
    onForgotten: forgetHere,
    onGap: () => {
      memory.clear()
      fills.clear()
    },
  })

  function read<Loaded, Result>(key: CacheKey, codec: Codec<Loaded, Result>, load: () => Promise<Loaded>) {
    const target = { family: key.family, id: shortId(key.id) }
    const name = nameOf(target)
    const kept = memory.get(key.family, name)
    if (kept !== undefined) {
      count(key.family).memory()
      return kept as Promise<Result>
    }
    const running = fills.get(name)
    if (running !== undefined) {
      count(key.family).joined()
      return running.result as Promise<Result>
    }
    const isCurrent = (): boolean => fills.get(name) === fill
    const result = fillFrom(key.ttlSeconds, target, codec, load, isCurrent).finally(() => {
      if (isCurrent()) fills.delete(name)
    })
    const fill: Fill = { family: key.family, result }
    fills.set(name, fill)
    return result
  }

  async function fillFrom<Loaded, Result>(
    ttlSeconds: number,
    target: Required<CacheTarget>,
    codec: Codec<Loaded, Result>,
    load: () => Promise<Loaded>,
    isCurrent: () => boolean,
  ): Promise<Result> {
    const keep = ({ result, size }: { result: Result; size: number }, ttlMilliseconds: number): Result => {
      const ttl = pubsub.isListening() ? ttlMilliseconds : Math.min(ttlMilliseconds, deafMilliseconds)
      if (isCurrent()) memory.set(target.family, nameOf(target), Promise.resolve(result), size, ttl)
      return result
    }
    const slot = shared && !invalidations.isPending(target) ? await shared.read(target, ttlSeconds) : null
    if (slot?.bytes) {
      try {
        const decoded = codec.decode(slot.bytes)
        count(target.family).redis()
        return keep(decoded, slot.ttlMilliseconds)
      } catch (error) {
        log.warn({ err: error, family: target.family }, 'a cached value could not be read')
      }
    }
    const encoded = codec.encode(await load())
    const ttl = jittered(ttlSeconds)
    count(target.family).miss()
    if (isCurrent()) slot?.store(encoded.bytes, ttl)
    return keep(encoded, ttl)
  }

  async function forget(targets: readonly CacheTarget[]): Promise<void> {
    if (targets.length === 0) return
    forgetHere(targets)
    await invalidations.send(targets)
  }

  return {
    remember: <T>(key: CacheKey, load: () => Promise<T>) => read(key, valueCodec as Codec<T, T>, load),
    rememberBody: (key, load) => read(key, bodyCodec, load),
    forget: (...keys) => forget(keys.map(({ family, id }) => ({ family, id: shortId(id) }))),
    forgetFamilies: (...families) => forget(families.map((family) => ({ family }))),
    close: async () => invalidations.close(),
  }
}
