import { Redis } from 'ioredis'
import type { Log } from './logger.ts'

/**
 * A connection that fails fast: calls are rejected at once while it is away (no offline queue) and after
 * `answerMilliseconds` without an answer. It reconnects by itself, for ever.
 */
export function openRedis(url: string, log: Log, answerMilliseconds = 50): Redis {
  const redis = new Redis(url, {
    commandTimeout: answerMilliseconds,
    connectTimeout: 2_000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(100 * 2 ** attempt, 2_000),
  })
  let away = false
  redis.on('error', (error) => {
    if (!away) log.warn({ err: error }, 'Redis is away')
    away = true
  })
  redis.on('ready', () => {
    if (away) log.info('Redis is back')
    away = false
  })
  return redis
}

/** Resolves when the connection is ready, or after `milliseconds`, whichever is first; it never rejects. */
export const untilReady = (redis: Redis, milliseconds: number): Promise<void> =>
  redis.status === 'ready'
    ? Promise.resolve()
    : new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds)
        redis.once('ready', () => {
          clearTimeout(timer)
          resolve()
        })
      })
