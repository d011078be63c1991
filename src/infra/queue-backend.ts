import { setTimeout as wait } from 'node:timers/promises'
import { createPostgresBackend } from 'bullmq'
import type pg from 'pg'
import type { Config } from '../config.ts'
import { keepAlive, usualQueryTimeout } from './db.ts'

/** Milliseconds that reaching a queue, or adding to it, may take. */
export const patience = 5_000

/** Milliseconds before asking again after a failure. */
const breath = 500

/** What is mended of it, and its private way to its own connections. */
type PostgresBackend = Pick<ReturnType<typeof createPostgresBackend>, 'moveToActive' | 'remove' | 'qualifiedName'> & {
  readonly connection: { readonly pool: pg.Pool }
  query(text: string, values: readonly unknown[]): Promise<{ readonly rowCount: number | null }>
}

/**
 * BullMQ asks for the next job again at once when Postgres fails in another way than by refusing connections, as when it
 * is shutting down or a proxy before it has nobody behind.
 */
function breathe(backend: PostgresBackend): void {
  const take = backend.moveToActive.bind(backend)
  backend.moveToActive = (...taken) =>
    take(...taken).catch(async (error) => {
      await wait(breath)
      throw error
    })
}

/**
 * While BullMQ looks whether its schema is there nobody listens to the connection that it does so on, and when Postgres
 * ends it just then, so does the process.
 */
const outliveCrashes = ({ connection }: PostgresBackend): unknown =>
  connection.pool.on('connect', (client) => client.on('error', () => {}))

/** BullMQ's code for a job that belongs to a schedule. */
const ofSchedule = -8

/** In Redis only the run that a schedule waits for cannot be removed; in Postgres none can, not even a dead one. */
function removeDeadRuns(backend: PostgresBackend): void {
  const remove = backend.remove.bind(backend)
  backend.remove = (id, removeChildren) =>
    remove(id, removeChildren).catch(async (error) => {
      if (error.code !== ofSchedule) throw error
      const text = "/* removeDeadRun */ delete from job where queue = $1 and id = $2 and state = 'failed'"
      const { rowCount } = await backend.query(text, [backend.qualifiedName, id])
      if (rowCount === 0) throw error
      return 1
    })
}

const mended: typeof createPostgresBackend = (...args) => {
  const backend = createPostgresBackend(...args)
  const open = backend as unknown as PostgresBackend
  outliveCrashes(open)
  breathe(open)
  removeDeadRuns(open)
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
    query_timeout: usualQueryTimeout,
    ...keepAlive,
    options: '-c TimeZone=UTC -c jit=off',
  }
  return {
    // Of each queue; working takes one more, which listens. What that is for a process: docs/events.md.
    forAdding: { connection: { ...connection, max: 2 } },
    forWorking: { connection: { ...connection, max: 2 } },
    factory: mended,
  }
}
