import { setTimeout as wait } from 'node:timers/promises'
import { type Job as BullJob, createPostgresBackend, Queue, UnrecoverableError, Worker } from 'bullmq'
import type { Config } from '../config.ts'
import type { Log } from './logger.ts'
import { PermanentError } from './permanent-error.ts'

export interface NewJob {
  /** A second job of the same id is ignored while the first is known. */
  readonly id: string
  readonly name: string
  readonly data: object
}

/** A job as it is worked on. */
export interface Job {
  readonly id: string
  readonly name: string
  readonly data: unknown
  /** Which attempt this is: 1 is the first. */
  readonly attempt: number
}

export interface WorkOptions {
  /** How many jobs of the queue this process does at a time. */
  readonly concurrency: number
  /** Told of each attempt that failed; dead says that there will be no other. */
  readonly onFailed: (job: Job, error: Error, dead: boolean) => void
}

export interface Queues {
  /** Adds the jobs, or rejects after a few seconds; those of them that are there already change nothing. */
  add(queue: string, jobs: readonly NewJob[]): Promise<void>
  /**
   * Does jobs of a queue from now on, as soon as it can be reached. A job whose process dies is done again, by whichever
   * process finds it. `stop` takes no more and waits for those that are being done.
   */
  work(queue: string, options: WorkOptions, run: (job: Job) => Promise<unknown>): { readonly stop: () => Promise<void> }
  /** How many jobs a queue has by state. */
  counts(queue: string): Promise<Readonly<Record<string, number>>>
  close(): Promise<void>
}

/** How jobs are kept and tried again; times in milliseconds. */
export interface QueueSettings {
  readonly attempts: number
  /** Before the second attempt; each next wait is twice as long. */
  readonly backOff: number
  /** How long a job is its worker's without a sign of life. */
  readonly lock: number
  /** How often jobs of dead workers are looked for. */
  readonly stalledInterval: number
}

/** Waits of 2 s, 4 s … 34 min: a mail server may be away for an hour. */
const standard: QueueSettings = { attempts: 12, backOff: 2_000, lock: 30_000, stalledInterval: 15_000 }

/** Longer than any event is looked after, so that what is dead is not made again. */
const keepDead = { age: 30 * 24 * 3_600, count: 100_000 }

/** A job whose worker dies with it every time is dead in the end. */
const mostDeaths = 25

/** Milliseconds that reaching a queue, or adding to it, may take. */
const patience = 5_000

/** One line about a lost connection in so many milliseconds, not one per attempt. */
const quiet = 30_000

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const ended = new AbortController()
  const late = wait(patience, undefined, { signal: ended.signal, ref: false }).then(() => {
    throw new Error(`${what} took longer than ${patience} ms`)
  })
  promise.catch(() => {})
  late.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    ended.abort()
  }
}

const retryStrategy = (attempt: number): number => Math.min(100 * 2 ** attempt, 2_000)

/** What differs between the two places where jobs can live. */
function backendOf(config: Pick<Config, 'QUEUE_REDIS_URL' | 'DATABASE_URL'>) {
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
    factory: createPostgresBackend,
  }
}

/** What a queue and a worker of BullMQ have in common. */
interface Reachable {
  on(event: 'error', tell: (error: Error) => void): unknown
  waitUntilReady(): Promise<unknown>
  close(): Promise<unknown>
  disconnect(): Promise<unknown>
}

/** Closing says goodbye, for which it would wait until the other side is back. */
const part = (one: Reachable): Promise<unknown> =>
  within(one.close(), 'closing').catch(() => void one.disconnect().catch(() => {}))

const jobOf = (job: BullJob, attempt: number): Job => ({ id: job.id ?? '', name: job.name, data: job.data, attempt })

/** A PermanentError by BullMQ's name for it. */
const asBullError = (error: unknown): unknown =>
  error instanceof PermanentError
    ? Object.assign(new UnrecoverableError(error.message), { stack: error.stack, cause: error.cause })
    : error

/**
 * Job queues: in Redis where QUEUE_REDIS_URL says so, else in a schema of their own in Postgres. Nobody else knows which.
 * It connects on first use, and again after every outage.
 */
export function openQueues(
  { config, log }: { readonly config: Pick<Config, 'QUEUE_REDIS_URL' | 'DATABASE_URL'>; readonly log: Log },
  changed: Partial<QueueSettings> = {},
): Queues {
  const settings = { ...standard, ...changed }
  const { forAdding, forWorking, factory } = backendOf(config)
  const opened = new Map<string, Promise<Queue>>()
  let toldAt = Number.NEGATIVE_INFINITY

  function tell(error: Error): void {
    const now = performance.now()
    if (now - toldAt > quiet) log.warn({ err: error }, 'the job queues do not answer')
    toldAt = now
  }

  /** A backend that could not be reached at first never can be, so it is thrown away. */
  async function reach<T extends Reachable>(one: T): Promise<T> {
    one.on('error', tell)
    try {
      await within(one.waitUntilReady(), 'reaching the job queue')
      return one
    } catch (error) {
      one.disconnect().catch(() => {})
      throw error
    }
  }

  function queueOf(name: string): Promise<Queue> {
    const known = opened.get(name)
    if (known) return known
    const queue = reach(new Queue(name, forAdding, factory as undefined))
    opened.set(name, queue)
    queue.catch(() => opened.delete(name))
    return queue
  }

  const jobOptions = {
    attempts: settings.attempts,
    backoff: { type: 'exponential', delay: settings.backOff, jitter: 0.2 },
    removeOnComplete: true,
    removeOnFail: keepDead,
  }

  return {
    async add(name, jobs) {
      const queue = await queueOf(name)
      const bulk = jobs.map(({ id, name: job, data }) => ({ name: job, data, opts: { ...jobOptions, jobId: id } }))
      await within(queue.addBulk(bulk), 'adding jobs')
    },

    work(name, { concurrency, onFailed }, run) {
      const stopping = new AbortController()
      const underWay = new Set<Promise<unknown>>()
      const make = (): Worker => {
        const worker = new Worker(
          name,
          async (job) => {
            const running = run(jobOf(job, job.attemptsMade + 1))
            underWay.add(running)
            await running
              .catch((error) => {
                throw asBullError(error)
              })
              .finally(() => underWay.delete(running))
          },
          {
            ...forWorking,
            concurrency,
            autorun: false,
            lockDuration: settings.lock,
            stalledInterval: settings.stalledInterval,
            maxStalledCount: mostDeaths,
            runRetryDelay: 1_000,
          },
          factory as undefined,
        )
        worker.on('failed', (job, error) => {
          if (job) onFailed(jobOf(job, job.attemptsMade), error, job.finishedOn !== undefined)
        })
        return worker
      }
      async function begin(): Promise<Worker | null> {
        for (let failures = 0; !stopping.signal.aborted; failures++) {
          try {
            const worker = await reach(make())
            if (stopping.signal.aborted) return worker
            worker.run().catch(tell)
            return worker
          } catch (error) {
            tell(error as Error)
            await wait(retryStrategy(failures), undefined, { signal: stopping.signal }).catch(() => {})
          }
        }
        return null
      }
      const working = begin()
      return {
        stop: async () => {
          stopping.abort()
          const worker = await working
          if (!worker) return
          // It takes no more from here on, but may not know of the end of a job while its backend is away.
          worker.close().catch(() => {})
          while (underWay.size > 0) await Promise.allSettled(underWay)
          await part(worker)
        },
      }
    },

    counts: async (name) => (await queueOf(name)).getJobCounts('waiting', 'active', 'delayed', 'failed'),

    async close() {
      const all = await Promise.allSettled(opened.values())
      for (const queue of all) if (queue.status === 'fulfilled') await part(queue.value)
    },
  }
}
