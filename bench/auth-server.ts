// The API as a process of its own that says how late its event loop was: hashing in the pool, or on the main thread.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { compareSync, hashSync } from 'bcryptjs'
import { buildApp } from '../src/app.ts'
import { loadConfig, processEnvironment } from '../src/config.ts'
import { openContext } from '../src/context.ts'
import { type Passwords, passwordCost } from '../src/infra/passwords.ts'
import { percentile } from './load.ts'

/** What the delay's timer waits anyway, in milliseconds. */
const resolution = 1

const onMainThread = (passwords: Passwords): Passwords => ({
  ...passwords,
  hashPassword: async (password) => hashSync(password, passwordCost),
  verifyPassword: async (password, hash) => compareSync(password, hash),
})

const ctx = await openContext(loadConfig(processEnvironment()), 'lemonnpie-bench')
const app = await buildApp(process.argv[2] === 'main' ? { ...ctx, passwords: onMainThread(ctx.passwords) } : ctx)
const origin = await app.listen({ host: '127.0.0.1', port: 0 })
const delay = monitorEventLoopDelay({ resolution })

/**
 * What the main thread did between two turns of the loop, in milliseconds of its own processor time: on a machine that
 * others use too, the delay says how busy they are, and this how long anything of ours kept the loop.
 */
const work: number[] = []
let timer: NodeJS.Timeout | undefined
function watchWork(): void {
  const used = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000
  }
  let last = used()
  work.length = 0
  timer = setInterval(() => {
    const now = used()
    work.push(now - last)
    last = now
  }, resolution)
}

process.on('message', (message) => {
  if (message === 'begin') {
    delay.reset()
    delay.enable()
    return watchWork()
  }
  delay.disable()
  clearInterval(timer)
  work.sort((x, y) => x - y)
  const milliseconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution)
  process.send?.({
    p50: milliseconds(delay.percentile(50)),
    p99: milliseconds(delay.percentile(99)),
    max: milliseconds(delay.max),
    work99: percentile(work, 0.99),
    workMax: work.at(-1) ?? 0,
  })
})
process.send?.(origin)
