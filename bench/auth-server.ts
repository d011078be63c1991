// The API as a process of its own that says how late its event loop was: hashing in the pool, or on the main thread.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { compareSync, hashSync } from 'bcryptjs'
import { buildApp } from '../src/app.ts'
import { loadConfig, processEnvironment } from '../src/config.ts'
import { openContext } from '../src/context.ts'
import { type Passwords, passwordCost } from '../src/infra/passwords.ts'

/** What the delay's timer waits anyway, in milliseconds. */
const resolution = 1

const onMainThread: Passwords = {
  hashPassword: async (password) => hashSync(password, passwordCost),
  verifyPassword: async (password, hash) => compareSync(password, hash),
  close: async () => {},
}

const ctx = await openContext(loadConfig(processEnvironment()), 'lemonnpie-bench')
const app = await buildApp(process.argv[2] === 'main' ? { ...ctx, passwords: onMainThread } : ctx)
const origin = await app.listen({ host: '127.0.0.1', port: 0 })
const delay = monitorEventLoopDelay({ resolution })
process.on('message', (message) => {
  if (message === 'begin') {
    delay.reset()
    delay.enable()
  } else {
    delay.disable()
    const milliseconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution)
    const report = { p50: delay.percentile(50), p99: delay.percentile(99), max: delay.max }
    process.send?.(Object.fromEntries(Object.entries(report).map(([name, value]) => [name, milliseconds(value)])))
  }
})
process.send?.(origin)
