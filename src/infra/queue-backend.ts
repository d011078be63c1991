import { setTimeout as wait } from 'node:timers/promises'
import { createPostgresBackend } from 'bullmq'
import type { Config } from '../config.ts'

/** Milliseconds that reaching a queue, or adding to it, may take. */
export const patience = 5_000

/** Milliseconds before asking again after a failure. */
const breath = 500

/**
 * BullMQ asks for the next job again at once when Postgres fails in another way than by refusing connections, as when it
 * is shutting down or a proxy before it has nobody behind.
 */
const unhurried: typeof createPostgresBackend = (...args) => {
  const backend = createPostgresBackend(...args)
  const take = backend.moveToActive.bind(backend)
  backend.moveToActive = (...taken) =>
    take(...taken).catch(async (error) => {
      await wait(breath)
      throw error
    })
  return backend
}

/** Milliseconds before the nth attempt to connect: 200, 400 … 2,000. */
export const retryStrategy = (attempt: number): number => Math.min(100 * 2 ** attempt, 2_000)

/** What differs between the two places where jobs can live. */
export function backendOf(config: Pick<Config, 'QUEUE_REDIS_URL' | 'DATABASE_URL'>) {
  const url = config.QUEUE_REDIS_URL
  if (url) {
    return {
      // Adding fails when Redis is away, and the events stay in the outbox; working waits for it.
      forAdding: { prefix: 'lemonnpie', connection: { url, retryStrategy, enableOfflineQueue: false } },
      forWorking: { prefix: 'lemonnpie', connection: { url, retryStrategy, maxRetriesPerRequest: null } },
      factory: undefined,
    }
  }
  const connection = {
    connectionString: config.DATABASE_URL,
    application_name: 'lemonnpie-queues',
    schema: 'bullmq',
    migrate: true,
    connectionTimeoutMillis: patience,
    statement_timeout: 10_000,
    options: '-c TimeZone=UTC -c jit=off',
  }
  return {
    forAdding: { connection: { ...connection, max: 2 } },
    forWorking: { connection: { ...connection, max: 4 } },
    factory: unhurried,
  }
}
