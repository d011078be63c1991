import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { removePostgres } from '../../scripts/services/postgres.ts'
import { commandOf, freePort } from '../../scripts/services/processes.ts'

const root = path.join(import.meta.dirname, '..', '..')

export type Start = {
  process: ChildProcess
  /** What it has printed so far, errors included. */
  output: () => string
  url: string
  /** Resolves when it says that it is running; rejects when it ends before. */
  running: () => Promise<void>
  /** Its exit code, once it and all it printed to are done. */
  ended: Promise<number | null>
}

export type Checkout = {
  directory: string
  start: (args?: string[], env?: Record<string, string>) => Promise<Start>
  /** Process ids of what the start in this checkout runs, by name. */
  pids: () => Promise<Record<'start' | 'API' | 'worker' | 'postgres', number>>
  /** Ends what still runs in it. */
  stop: () => Promise<void>
  remove: () => Promise<void>
}

/** A copy of this checkout with data of its own: `npm start` keeps them beside its scripts. */
export async function copyCheckout(): Promise<Checkout> {
  const directory = await mkdtemp(path.join(tmpdir(), 'lemonnpie-checkout-'))
  for (const name of ['src', 'db', 'scripts', 'package.json', 'openapi.json']) {
    await cp(path.join(root, name), path.join(directory, name), { recursive: true })
  }
  await symlink(path.join(root, 'node_modules'), path.join(directory, 'node_modules'))
  const started: Start[] = []
  const stop = async () => {
    for (const { process: child } of started) child.kill('SIGTERM')
    await Promise.all(started.map(({ ended }) => ended))
  }
  const firstNumber = async (file: string) =>
    Number.parseInt(await readFile(path.join(directory, '.data', file), 'utf8'), 10)
  return {
    directory,
    start: async (args = [], env = {}) => {
      const start = await spawnStart(directory, args, env)
      started.push(start)
      return start
    },
    pids: async () => ({
      start: await firstNumber('start.owner'),
      API: await firstNumber('API.pid'),
      worker: await firstNumber('worker.pid'),
      postgres: await firstNumber('postgres/cluster/postmaster.pid'),
    }),
    stop,
    remove: async () => {
      await stop()
      await removePostgres(path.join(directory, '.data', 'postgres'))
      await rm(directory, { recursive: true })
    },
  }
}

async function spawnStart(directory: string, args: string[], env: Record<string, string>): Promise<Start> {
  const port = await freePort()
  const child = spawn(process.execPath, ['scripts/start.mjs', ...args], {
    cwd: directory,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', PORT: String(port), LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk
    })
  }
  const exited = once(child, 'exit')
  const running = async () => {
    for (; !text.includes('LemonNPie is running'); await sleep(20)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`it ended before it was running:\n${text}`)
    }
  }
  const ended = exited.then(async ([code]) => {
    if (!child.stdout.readableEnded) await Promise.race([once(child.stdout, 'end'), sleep(1_000)])
    return code as number | null
  })
  return { process: child, output: () => text, url: `http://127.0.0.1:${port}`, running, ended }
}

/** Resolves when none of the processes is left. */
export async function untilGone(pids: Iterable<number>): Promise<void> {
  for (const pid of pids) while ((await commandOf(pid)) !== undefined) await sleep(20)
}
