/** How the jobs of one queue are done. */
export interface QueuePolicy {
  /** Jobs that one process of the worker does at a time. */
  readonly concurrency: number
  /** Jobs that all processes together begin in so many seconds; null for as many as there are. */
  readonly rate: { readonly jobs: number; readonly seconds: number } | null
}

/** Where the runs of schedules are jobs. */
export const scheduleQueue = 'schedules'

/** Every queue. What is done at once and how fast is said here and nowhere else. */
export const queueTable: Readonly<Record<string, QueuePolicy>> = {
  // They wait for the mail server's few connections, and what sends hundreds in a breath is taken for a spammer.
  mail: { concurrency: 5, rate: { jobs: 20, seconds: 1 } },
  // What one person is told at once: never behind the mails of the day, nor before a link to sign in with.
  'notice-mail': { concurrency: 3, rate: { jobs: 10, seconds: 1 } },
  // What many are told, and the mails of the day: nobody waits for them.
  'bulk-mail': { concurrency: 3, rate: { jobs: 10, seconds: 1 } },
  // They wait for services that are not ours.
  push: { concurrency: 10, rate: null },
  // What people are told: a fan-out is many short transactions, one after another.
  notifications: { concurrency: 10, rate: null },
  // Hardly anybody waits for them: what they forget was forgotten already, unless its writer died, and of very many held
  // reviews the first were seen to at once.
  catalog: { concurrency: 2, rate: null },
  // Heavy ones wait for each other besides: src/worker/run-schedule.ts.
  [scheduleQueue]: { concurrency: 4, rate: null },
}

export const queueNames: readonly string[] = Object.keys(queueTable)

/** Of a queue that the table does not name, as tests have. */
const otherwise: QueuePolicy = { concurrency: 10, rate: null }

export const policyOf = (queue: string): QueuePolicy => queueTable[queue] ?? otherwise
