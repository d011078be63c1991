import type { Job, JobSchedulerJson, Queue } from 'bullmq'
import { AppError, serviceUnavailable } from '../lib/errors.ts'
import { queueNames, scheduleQueue } from '../lib/queue-table.ts'
import { openReach, type QueueSource, within } from './queue-reach.ts'
import { listRepeated } from './queue-schedules.ts'
import { type JobState, jobStates } from './queues.ts'

/** A job that will not be tried again. Times in milliseconds since 1970. */
export interface DeadJob {
  readonly queue: string
  readonly id: string
  readonly name: string
  readonly data: unknown
  readonly reason: string
  readonly attempts: number
  readonly addedAt: number
  readonly diedAt: number
}

/** What an operator sees of the queues and does with dead jobs. Whatever does not answer is a 503. */
export interface QueueDesk {
  counts(queue: string): Promise<Readonly<Record<JobState, number>>>
  /** The schedules, the next to run first. */
  schedules(): Promise<JobSchedulerJson[]>
  /** Dead jobs of a queue in the order in which they died, the last first, from a position on. */
  listDead(queue: string, from: number, most: number): Promise<DeadJob[]>
  /** @returns null when there is no dead job of that id */
  findDead(queue: string, id: string): Promise<DeadJob | null>
  /** Has a dead job done again, as if it had never been tried. @returns false when it is not there, or not dead any more */
  retry(queue: string, id: string): Promise<boolean>
  /** Removes a dead job. @returns false when it is not there, or not dead any more */
  remove(queue: string, id: string): Promise<boolean>
  /** The queues themselves, for who shows all of them. */
  all(): Promise<readonly Queue[]>
  close(): Promise<void>
}

const deadJobOf = (queue: string, job: Job): DeadJob => ({
  queue,
  id: job.id ?? '',
  name: job.name,
  data: job.data,
  reason: job.failedReason ?? '',
  attempts: job.attemptsMade,
  addedAt: job.timestamp,
  diedAt: job.finishedOn ?? job.timestamp,
})

/** Opens the desk: it connects on first use, so that whoever never asks keeps no connection for it. */
export function openQueueDesk(source: QueueSource): QueueDesk {
  const { queueOf, close } = openReach(source)

  /** Rejects with a 503 when the queue does not answer, or does with an error of its own. */
  async function ask<T>(name: string, question: (queue: Queue) => Promise<T>): Promise<T> {
    try {
      return await within(queueOf(name).then(question), `asking the queue ${name}`)
    } catch (error) {
      if (error instanceof AppError) throw error
      throw serviceUnavailable({ message: 'The job queues do not answer: try again soon.', cause: error })
    }
  }

  /** The job, when it is dead. Between this look and what is done with it another may be quicker: BullMQ refuses then. */
  async function deadIn(queue: Queue, id: string): Promise<Job | null> {
    const job = await queue.getJob(id)
    return job !== undefined && (await job.getState()) === 'failed' ? job : null
  }

  /** @returns whether it was done; false when the job was not dead any more by then */
  async function unlessChanged(queue: Queue, job: Job, act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act()
      return true
    } catch (error) {
      if ((await deadIn(queue, job.id ?? '')) !== null) throw error
      return false
    }
  }

  return {
    counts: (name) =>
      ask(name, async (queue) => (await queue.getJobCounts(...jobStates)) as Readonly<Record<JobState, number>>),
    schedules: () => ask(scheduleQueue, listRepeated),
    listDead: (name, from, most) =>
      ask(name, async (queue) => {
        const jobs = await queue.getJobs(['failed'], from, from + most - 1, false)
        // One that went between the look at the list and that at the job is undefined.
        return jobs.filter((job) => job !== undefined).map((job) => deadJobOf(name, job))
      }),
    findDead: (name, id) =>
      ask(name, async (queue) => {
        const job = await deadIn(queue, id)
        return job && deadJobOf(name, job)
      }),
    retry: (name, id) =>
      ask(name, async (queue) => {
        const job = await deadIn(queue, id)
        if (!job) return false
        return unlessChanged(queue, job, () =>
          job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true }),
        )
      }),
    remove: (name, id) =>
      ask(name, async (queue) => {
        const job = await deadIn(queue, id)
        return job !== null && unlessChanged(queue, job, () => job.remove())
      }),
    all: () => Promise.all(queueNames.map((name) => ask(name, async (queue) => queue))),
    close,
  }
}
