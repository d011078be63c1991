import { setTimeout as wait } from 'node:timers/promises'
import { type Job as BullJob, DelayedError, type Queue, UnrecoverableError, Worker } from 'bullmq'
import type { QueuePolicy } from '../lib/queue-table.ts'
import { PermanentError } from './permanent-error.ts'
import { Postponed } from './postponed.ts'
import { backendOf, retryStrategy } from './queue-backend.ts'
import { openReach, part, type QueueSource, within } from './queue-reach.ts'

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
  /** When its first attempt could have begun, in milliseconds since 1970. */
  readonly dueAt: number
}

export interface WorkOptions extends QueuePolicy {
  /** Told of each attempt that failed; dead says that there will be no other. */
  readonly onFailed: (job: Job, error: Error, dead: boolean) => void
  /** Told of a job whose worker has died, and that somebody does again. */
  readonly onStalled: (id: string) => void
}

export interface Queues {
  /** Adds the jobs, or rejects after a few seconds; those of them that are there already change nothing. */
  add(queue: string, jobs: readonly NewJob[]): Promise<void>
  /**
   * Does jobs of a queue from now on, as soon as it can be reached. A job whose process dies is done again, by whichever
   * process finds it. `stop` takes no more and waits for those that are being done.
   */
  work(queue: string, options: WorkOptions, run: (job: Job) => Promise<unknown>): { readonly stop: () => Promise<void> }
  /** The queue itself, for what is done with a queue as a whole. Rejects after a few seconds without an answer. */
  queueOf(queue: string): Promise<Queue>
  /** How many jobs a queue has by state. */
  counts(queue: string): Promise<Readonly<Record<JobState, number>>>
  close(): Promise<void>
}

export const jobStates = ['waiting', 'active', 'delayed', 'failed'] as const
export type JobState = (typeof jobStates)[number]

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

/** A run of a schedule was due at the time in its id, whenever it was made. */
const dueAtOf = ({ id = '', timestamp, repeatJobKey, opts }: BullJob): number =>
  repeatJobKey === undefined ? timestamp + (opts.delay ?? 0) : Number(id.split(':').at(-1))

const jobOf = (job: BullJob, attempt: number): Job => ({
  id: job.id ?? '',
  name: job.name,
  data: job.data,
  attempt,
  dueAt: dueAtOf(job),
})

/** What a job threw, in the words of BullMQ. */
async function asBullError(job: BullJob, token: string | undefined, error: unknown): Promise<unknown> {
  if (error instanceof PermanentError)
    return Object.assign(new UnrecoverableError(error.message), { stack: error.stack, cause: error.cause })
  if (!(error instanceof Postponed)) return error
  await job.moveToDelayed(Date.now() + error.milliseconds, token)
  return new DelayedError()
}

/**
 * Job queues: in Redis where QUEUE_REDIS_URL says so, else in a schema of their own in Postgres. Nobody else knows which.
 * It connects on first use, and again after every outage.
 */
export function openQueues(source: QueueSource, changed: Partial<QueueSettings> = {}): Queues {
  const settings = { ...standard, ...changed }
  const { forWorking, factory } = backendOf(source.config)
  const { tell, reach, queueOf, close } = openReach(source)

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

    work(name, { concurrency, rate, onFailed, onStalled }, run) {
      const stopping = new AbortController()
      const underWay = new Set<Promise<unknown>>()
      const make = (): Worker => {
        const worker = new Worker(
          name,
          async (job, token) => {
            const running = run(jobOf(job, job.attemptsMade + 1))
            underWay.add(running)
            try {
              await running
            } catch (error) {
              throw await asBullError(job, token, error)
            } finally {
              underWay.delete(running)
            }
          },
          {
            ...forWorking,
            concurrency,
            ...(rate && { limiter: { max: rate.jobs, duration: rate.seconds * 1_000 } }),
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
        worker.on('stalled', onStalled)
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

    queueOf,
    counts: async (name) => {
      const queue = await queueOf(name)
      return (await within(queue.getJobCounts(...jobStates), 'counting jobs')) as Record<JobState, number>
    },
    close,
  }
}
