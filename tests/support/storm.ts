import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventNames } from '../../src/infra/event-check.ts'
import type { Subscribers } from '../../src/worker/subscriber-jobs.ts'

/** Where in its next job a worker is to die. */
export const stormOrders = ['before', 'between', 'after'] as const
export type StormOrder = (typeof stormOrders)[number]

export const stormConsumers = ['storm-tally', 'storm-ledger', 'storm-flaky'] as const

export const nobodyReacting = Object.fromEntries(eventNames.map((name) => [name, []])) as unknown as Subscribers

const script = fileURLToPath(new URL('./storm-worker.ts', import.meta.url))

/** Some processes of the worker, of which each that dies is followed by another. */
export function startWorkers(environment: Readonly<Record<string, string>>, howMany: number) {
  // They are started again and again: compiled once, they are up in half the time.
  const NODE_COMPILE_CACHE = path.join(tmpdir(), 'lemonnpie-storm-compiled')
  const env = {
    NODE_COMPILE_CACHE,
    PATH: '/usr/local/bin:/usr/bin:/bin',
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    ...environment,
  }
  let stopping = false
  const start = (): { readonly child: ChildProcess; readonly ready: Promise<unknown> } => {
    const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    child.on('error', () => {}) // an order that came too late
    return { child, ready: once(child, 'message') }
  }
  const workers = Array.from({ length: howMany }, start)
  return {
    allReady: () => Promise.all(workers.map(({ ready }) => ready)),
    /** Has one die in its next job. @returns the signal that ended it */
    async kill(index: number, order: StormOrder): Promise<NodeJS.Signals | null> {
      const { child, ready } = workers[index % howMany]!
      await ready
      const exited = once(child, 'exit')
      child.send(order, () => {}) // one that has died of something else shows by its signal
      const [, signal] = await exited
      if (!stopping) workers[index % howMany] = start()
      return signal
    },
    async stop(): Promise<void> {
      stopping = true
      await Promise.all(
        workers.map(async ({ child }) => {
          const exited = once(child, 'exit')
          child.kill('SIGKILL')
          await exited
        }),
      )
    },
  }
}
