// npm run bench:auth: how late the event loop is while 50 logins a second arrive. Takes most of a minute.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { hashSync } from 'bcryptjs'
import pg from 'pg'
import { migrateUp } from '../scripts/migrations.ts'
import { startPostgres } from '../scripts/services/postgres.ts'
import { processEnvironment } from '../src/config.ts'
import { passwordCost } from '../src/infra/passwords.ts'
import { percentile } from './load.ts'

const perSecond = 50
const seconds = 10
const idleSeconds = 4
const accounts = 500
const password = 'Suya on Sundays 2026'

interface Delay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** A database of its own with accounts that all have one password, so that making them takes no minutes. */
async function prepare(serverUrl: string): Promise<string> {
  const url = Object.assign(new URL(serverUrl), { pathname: '/bench_auth' }).href
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  await admin.query('drop database if exists bench_auth with (force)')
  await admin.query('create database bench_auth')
  await admin.end()
  await migrateUp(url)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    `insert into users (email, email_key, name, password_hash)
     select e, e, 'Bench', $1 from (select 'bench' || n || '@example.com' as e from generate_series(1, $2::integer) n) a`,
    [hashSync(password, passwordCost), accounts],
  )
  await client.end()
  return url
}

/** Sends one login every 20 ms, whether or not those before were answered. */
async function arrive(origin: string) {
  const statuses = new Map<number, number>()
  const times: number[] = []
  const logIn = async (number: number): Promise<void> => {
    const begun = performance.now()
    const email = `bench${(number % accounts) + 1}@example.com`
    const body = JSON.stringify({ email, password })
    const headers = { 'content-type': 'application/json' }
    const status = await fetch(`${origin}/api/v1/auth/login`, { method: 'POST', headers, body })
      .then(async (answer) => {
        await answer.arrayBuffer()
        return answer.status
      })
      .catch(() => 0)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (status === 200) times.push(performance.now() - begun)
  }
  const all: Promise<void>[] = []
  const begun = performance.now()
  for (let number = 0; number < perSecond * seconds; number += 1) {
    all.push(logIn(number))
    await wait(Math.max(0, begun + ((number + 1) * 1_000) / perSecond - performance.now()))
  }
  return { all, statuses, times }
}

const row = (name: string, { p50, p99, max }: Delay, answers: string, login: string): string =>
  `| ${[name, ...[p50, p99, max].map((value) => value.toFixed(1)), answers, login].join(' | ')} |`

/** The server's loop while nobody asks, which says how busy the machine is otherwise, and while logins arrive. */
async function measure(databaseUrl: string, where: 'pool' | 'main'): Promise<string[]> {
  const child: ChildProcess = fork(new URL('./auth-server.ts', import.meta.url), [where], {
    env: { ...processEnvironment(), DATABASE_URL: databaseUrl, RATE_LIMIT: 'off', LOG_LEVEL: 'silent' },
  })
  const report = async (): Promise<Delay> => {
    child.send('end')
    return ((await once(child, 'message')) as [Delay])[0]
  }
  try {
    const [origin] = (await once(child, 'message')) as [string]
    await fetch(`${origin}/health/live`)
    child.send('begin')
    await wait(idleSeconds * 1_000)
    const idle = await report()
    child.send('begin')
    const { all, statuses, times } = await arrive(origin)
    const delay = await report()
    await Promise.race([Promise.all(all), wait(5_000)])
    times.sort((a, b) => a - b)
    const told = [...statuses].sort().map(([status, count]) => `${count} × ${status === 0 ? 'no answer' : status}`)
    const open = perSecond * seconds - [...statuses.values()].reduce((sum, count) => sum + count, 0)
    if (open > 0) told.push(`${open} unanswered 5 s later`)
    const name = where === 'pool' ? 'pool' : 'main thread'
    return [
      row(`${name}, nobody asks`, idle, '', ''),
      row(name, delay, told.join(', '), (percentile(times, 0.5) / 1_000).toFixed(1)),
    ]
  } finally {
    child.kill('SIGKILL')
  }
}

const server = await startPostgres({ dataDir: '.data/bench', durable: true })
try {
  const url = await prepare(server.url)
  console.log(
    `${perSecond} logins a second for ${seconds} s, bcrypt cost ${passwordCost}; delays of the event loop in ms\n`,
  )
  console.log('| hashing on | p50 | p99 | max | answers | median login, s |\n|---|---|---|---|---|---|')
  for (const where of ['pool', 'main'] as const) console.log((await measure(url, where)).join('\n'))
} finally {
  await server.stop()
}
