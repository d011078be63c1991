import { setTimeout as wait } from 'node:timers/promises'
import { Queue } from 'bullmq'
import type { Config } from '../config.ts'
import type { Log } from './logger.ts'
import { backendOf, patience } from './queue-backend.ts'

export interface QueueSource {
  readonly config: Pick<Config, 'QUEUE_REDIS_URL' | 'DATABASE_URL'>
  readonly log: Log
}

/** One line about a lost connection in so many milliseconds, not one per attempt. */
const quiet = 30_000

/** Rejects when the promise takes longer than patience has it. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
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

/** What a queue and a worker of BullMQ have in common. */
export interface Reachable {
  on(event: 'error', tell: (error: Error) => void): unknown
  waitUntilReady(): Promise<unknown>
  close(): Promise<unknown>
  disconnect(): Promise<unknown>
}

/** Closing says goodbye, for which it would wait until the other side is back. */
export const part = (one: Reachable): Promise<unknown> =>
  within(one.close(), 'closing').catch(() => void one.disconnect().catch(() => {}))

export interface QueueReach {
  /** Logs that the queues do not answer, now and then. */
  tell(error: Error): void
  /** Resolves with what it was given once that has a connection; a backend that had none at first never has, and goes. */
  reach<T extends Reachable>(one: T): Promise<T>
  /** The queue of a name, connected to on first use and kept. Rejects after a few seconds without an answer. */
  queueOf(name: string): Promise<Queue>
  close(): Promise<void>
}

/** The way to the queues, wherever they live. */
export function openReach({ config, log }: QueueSource): QueueReach {
  const { forAdding, factory } = backendOf(config)
  const opened = new Map<string, Promise<Queue>>()
  let toldAt = Number.NEGATIVE_INFINITY

  function tell(error: Error): void {
    const now = performance.now()
    if (now - toldAt > quiet) log.warn({ err: error }, 'the job queues do not answer')
    toldAt = now
  }

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

  return {
    tell,
    reach,
    queueOf(name) {
      const known = opened.get(name)
      if (known) return known
      const queue = reach(new Queue(name, forAdding, factory as undefined))
      opened.set(name, queue)
      queue.catch(() => opened.delete(name))
      return queue
    },
    async close() {
      const all = await Promise.allSettled(opened.values())
      for (const queue of all) if (queue.status === 'fulfilled') await part(queue.value)
    },
  }
}
