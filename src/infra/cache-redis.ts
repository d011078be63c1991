import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { CacheTarget } from './cache-target.ts'
import type { Metrics } from './metrics.ts'

/** What a read found, and where a fill that begins now has to put its value. */
export interface RedisSlot {
  readonly bytes: Buffer | null
  readonly ttlMilliseconds: number
  store(bytes: Buffer | string, ttlMilliseconds: number): void
}

/** The tier that all processes share. Trouble is counted and never thrown. */
export interface RedisTier {
  /** One round trip; null when Redis did not answer. */
  read(target: Required<CacheTarget>, ttlSeconds: number): Promise<RedisSlot | null>
  /** False when it is not known to have happened. */
  forget(targets: readonly CacheTarget[]): Promise<boolean>
}

/**
 * A value's name ends in the generations of its family and its key: random tokens, made by whoever finds none. To forget
 * is to delete the token. The next reader makes another, so a value stored by a load that began before has a name nobody
 * reads; and a token that was evicted, expired or flushed away costs a miss, never an old value.
 * KEYS: the family's generation, the key's. ARGV: a new token; seconds that a family's, a key's generation is kept.
 */
const readScript = `
local generations = ''
for i = 1, 2 do
  local token = redis.call('GET', KEYS[i])
  if not token then
    token = ARGV[1]
    redis.call('SET', KEYS[i], token, 'EX', ARGV[i + 1])
  end
  generations = generations .. '.' .. token
end
local name = KEYS[2] .. generations
local value = redis.call('GET', name)
if value then return { generations, value, redis.call('PTTL', name) } end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return { generations }`

type ReadCommand = (...parameters: Array<string | number>) => Promise<[Buffer, Buffer?, number?]>

/** The braces keep a family in one slot of a cluster, as the script requires. */
const generationName = ({ family, id }: CacheTarget): string =>
  id === undefined ? `lemonnpie:cache:{${family}}` : `lemonnpie:cache:{${family}}:${id}`

const familyGenerationSeconds = 7 * 24 * 3600

/** Milliseconds without a call after one that failed: a Redis that hangs would cost every miss its timeout. */
const restMilliseconds = 1_000

export function openRedisTier(redis: Redis, metrics: Metrics): RedisTier {
  redis.defineCommand('lemonnpieCacheRead', { numberOfKeys: 2, lua: readScript })
  const { lemonnpieCacheReadBuffer } = redis as unknown as { lemonnpieCacheReadBuffer: ReadCommand }
  const readBuffer = lemonnpieCacheReadBuffer.bind(redis)
  const tokenPrefix = randomBytes(9).toString('base64url')
  let tokens = 0
  let restsUntil = 0

  const nextToken = (): string => `${tokenPrefix}${(tokens++).toString(36)}`
  const isUsable = (): boolean => redis.status === 'ready' && performance.now() >= restsUntil
  function failed(operation: string): null {
    metrics.cacheFailures.inc({ operation })
    restsUntil = performance.now() + restMilliseconds
    return null
  }

  function store(name: string, bytes: Buffer | string, ttlMilliseconds: number): void {
    redis.set(name, bytes, 'PX', Math.max(1, Math.floor(ttlMilliseconds))).catch(() => failed('store'))
  }

  return {
    async read({ family, id }, ttlSeconds) {
      if (!isUsable()) {
        metrics.cacheFailures.inc({ operation: 'read' })
        return null
      }
      const name = generationName({ family, id })
      try {
        const [generations, bytes = null, ttlMilliseconds = 0] = await readBuffer(
          generationName({ family }),
          name,
          nextToken(),
          familyGenerationSeconds,
          Math.ceil(ttlSeconds * 2) + 3600,
        )
        return {
          bytes,
          ttlMilliseconds,
          store: (fresh, ttl) => store(`${name}${generations}`, fresh, ttl),
        }
      } catch {
        return failed('read')
      }
    },
    async forget(targets) {
      try {
        await redis.unlink(...targets.map(generationName))
        return true
      } catch {
        failed('forget')
        return false
      }
    },
  }
}
