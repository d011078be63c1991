// npm run bench:live: how many live sockets a process holds, and how fast what is committed comes to them. Not a test.
import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { migrateUp } from '../scripts/migrations.ts'
import { startPostgres } from '../scripts/services/postgres.ts'
import { startRedis } from '../scripts/services/redis.ts'
import { processEnvironment } from '../src/config.ts'
import { livePath } from '../src/http/live-upgrade.ts'
import { type Child, startChild } from './children.ts'
import { type DeliveryResult, type IdleResult, liveSection } from './live-page.ts'
import type { Arrival, Client, Opened, OpenOrder } from './live-sockets.ts'
import type { Commit, WriteOrder } from './live-writer.ts'
import { percentile } from './load.ts'
import { withSection } from './page.ts'
import { type Reader, tokenSigner } from './readers.ts'

const usage = `npm run bench:live -- [options]

Opens idle sockets on one process, then delivers notifications to sockets on two, over Postgres and over Redis, each beside
a bare server that does as little as one can.

  --idle N         idle sockets on one process (default 10000)
  --sockets N      sockets that notifications come to, on two processes (default 5000)
  --rate N         notifications a second (default 1000)
  --seconds N      for how long (default 20)
  --only PART      idle, postgres, redis or bare
  --write          write the section of docs/performance.md
  --help           this
`

const { values } = parseArgs({
  options: {
    idle: { type: 'string', default: '10000' },
    sockets: { type: 'string', default: '5000' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const size = {
  idle: Number(values.idle),
  sockets: Number(values.sockets),
  rate: Number(values.rate),
  seconds: Number(values.seconds),
}
const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Each socket is a file for its process, and each process has some hundred others. */
function checkFiles(): void {
  const most = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim())
  const wanted = Math.max(size.idle, size.sockets) + 500
  if (most < wanted) {
    throw new Error(`a process may open ${most} files here and needs ${wanted}: ulimit -n ${wanted}, or fewer sockets`)
  }
}

/** A database of its own with accounts that are signed in. */
async function prepare(serverUrl: string, count: number): Promise<{ url: string; readers: Reader[] }> {
  const url = Object.assign(new URL(serverUrl), { pathname: '/bench_live' }).href
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  await admin.query('drop database if exists bench_live with (force)')
  await admin.query('create database bench_live')
  await admin.end()
  await migrateUp(url)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  client.on('error', () => {})
  const { rows } = await client.query<Reader>(
    `with people as (
       insert into users (email, email_key, name, password_hash, is_verified)
       select e, e, 'Bench', repeat('x', 60), true from (select 'live' || n || '@example.com' as e from generate_series(1, $1::integer) n) a
       returning id, email
     ), opened as (
       insert into sessions (user_id, user_agent, expires_at) select id, 'bench', now() + interval '1 day' from people
       returning id, user_id
     )
     select p.id, p.email, o.id as session, (select kid from signing_keys where retired_at is null limit 1) as kid
     from people p join opened o on o.user_id = p.id`,
    [count],
  )
  // Everybody has a past, as they do: what is planned over empty tables is not what will be run.
  await client.query(`insert into notification_counters (user_id, last_position) select id, 20 from users`)
  await client.query(
    `insert into notifications (user_id, type, position, data, read_at, created_at, updated_at)
     select u.id, 'system', n, '{"notice": "warning", "reason": "Please keep to the film."}', at, at, at
     from users u cross join generate_series(1, 20) n cross join lateral (select now() - n * interval '1 day' as at) a`,
  )
  await client.query('vacuum analyze')
  await client.end()
  return { url, readers: rows }
}

interface Setting {
  readonly url: string
  readonly redisUrl?: string
  readonly clients: readonly Client[]
}

const environmentOf = ({ url, redisUrl }: Setting): Record<string, string> =>
  ({
    ...processEnvironment(),
    NODE_ENV: 'development',
    DATABASE_URL: url,
    PORT: '0',
    RATE_LIMIT: 'off',
    LOG_LEVEL: 'warn',
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  }) as Record<string, string>

const startServer = async (setting: Setting, script: readonly string[], name: string) => {
  // The first line that is logged at `warn` would be none.
  const environment = { ...environmentOf(setting), LOG_LEVEL: 'info' }
  const child = await startChild(script, environment, /is up at/, `bench/results/live-${name}.log`)
  const origin = /http:\/\/[\d.]+:\d+/.exec(child.line)![0]
  return { ...child, socketUrl: origin.replace('http', 'ws') + livePath }
}

/** Bytes that a process has in memory. */
async function memoryOf({ process: { pid } }: Child): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1_024
}

const ask = async <T>(child: ChildProcess, order: object): Promise<T> => {
  child.send(order)
  const ended = once(child, 'exit').then(() => {
    throw new Error('a process of the bench has ended before its time')
  })
  const [answer] = (await Promise.race([once(child, 'message'), ended])) as [T & { failed?: string }]
  if (answer.failed !== undefined) throw new Error(answer.failed)
  return answer
}

function stopAll(children: readonly ChildProcess[]): void {
  for (const child of children) child.disconnect()
}

/** How long a server is left alone before its memory is looked at, in milliseconds. */
const settling = 3_000

async function measureIdle(name: string, setting: Setting, script: readonly string[]): Promise<IdleResult> {
  say(`${setting.clients.length} idle sockets: ${name}`)
  const server = await startServer(setting, script, 'idle')
  const sockets = fork(new URL('./live-sockets.ts', import.meta.url))
  try {
    // One socket beforehand, so that what the first one loads is not counted for all.
    const [first, ...others] = setting.clients as [Client, ...Client[]]
    const order = (clients: readonly Client[]) =>
      ({ type: 'open', urls: [server.socketUrl], clients }) satisfies OpenOrder & { type: 'open' }
    await ask<Opened>(sockets, order([first]))
    await wait(settling)
    const before = await memoryOf(server)
    const opened = await ask<Opened>(sockets, order(others))
    await wait(settling)
    return { name, sockets: opened.ready, bytes: ((await memoryOf(server)) - before) / opened.ready, opened }
  } finally {
    stopAll([sockets])
    await server.stop()
  }
}

function resultOf(
  name: string,
  commits: readonly Commit[],
  arrivals: readonly Arrival[],
  seconds: number,
): DeliveryResult {
  const cameAt = new Map<string, number>()
  let repeated = 0
  for (const [client, position, at] of arrivals) {
    const key = `${client} ${position}`
    if (cameAt.has(key)) repeated += 1
    else cameAt.set(key, at)
  }
  const lags = commits.flatMap(([client, position, at]) => {
    const came = cameAt.get(`${client} ${position}`)
    return came === undefined ? [] : [came - at]
  })
  lags.sort((a, b) => a - b)
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(lags, share)) as [number, number, number]
  return {
    name,
    rate: commits.length / seconds,
    sent: commits.length,
    share: lags.length / commits.length,
    repeated,
    p50,
    p95,
    p99,
  }
}

/** How long what was committed may take, in milliseconds: what a sweep has to find comes by then. */
const patience = 20_000

/** What came, once all of it has, or nothing more can be expected. */
async function arrivalsOf(sockets: ChildProcess, expected: number): Promise<Arrival[]> {
  const all: Arrival[] = []
  const deadline = performance.now() + patience
  while (all.length < expected && performance.now() < deadline) {
    await wait(500)
    const { arrivals, lost } = await ask<{ arrivals: Arrival[]; lost: number }>(sockets, { type: 'report' })
    if (lost > 0) throw new Error(`${lost} sockets were lost`)
    all.push(...arrivals)
  }
  return all
}

/** @param bare the channel of the bare servers, or null for the product */
async function measureDelivery(name: string, setting: Setting, bare: string | null): Promise<DeliveryResult> {
  say(`${size.rate} notifications a second to ${setting.clients.length} sockets: ${name}`)
  const script = bare === null ? ['src/server.ts'] : ['bench/live-bare.ts', bare]
  const servers = [await startServer(setting, script, 'one'), await startServer(setting, script, 'two')]
  const sockets = fork(new URL('./live-sockets.ts', import.meta.url))
  const writer = fork(new URL('./live-writer.ts', import.meta.url), { env: environmentOf(setting) })
  try {
    await once(writer, 'message')
    await ask<Opened>(sockets, {
      type: 'open',
      urls: servers.map(({ socketUrl }) => socketUrl),
      clients: setting.clients,
    })
    const order: WriteOrder = { users: setting.clients.map(({ id }) => id), perSecond: size.rate, seconds: 2, bare }
    await ask(writer, order)
    await wait(settling)
    await ask(sockets, { type: 'report' })
    const { commits, seconds } = await ask<{ commits: Commit[]; seconds: number }>(writer, {
      ...order,
      seconds: size.seconds,
    })
    return resultOf(name, commits, await arrivalsOf(sockets, commits.length), seconds)
  } finally {
    stopAll([sockets, writer])
    await Promise.all(servers.map((server) => server.stop()))
  }
}

const named = (readers: readonly Reader[]): Client[] => readers.map(({ id }) => ({ id, token: id }))

async function bench(): Promise<void> {
  checkFiles()
  const wants = (part: string): boolean => values.only === undefined || values.only === part
  await mkdir('bench/results', { recursive: true })
  const server = await startPostgres({ dataDir: '.data/bench', durable: true })
  const redis = wants('redis') ? await startRedis({ dataDir: '.data/bench-redis', persistent: false }) : null
  try {
    const { url, readers } = await prepare(server.url, Math.max(size.idle, size.sockets))
    const signer = await tokenSigner(url)
    const clients = readers.map((reader) => ({ id: reader.id, token: signer.sign(reader) }))
    await signer.close()
    const idle: IdleResult[] = []
    const delivered: DeliveryResult[] = []
    const few = { url, clients: clients.slice(0, size.sockets) }
    if (wants('idle')) {
      idle.push(await measureIdle('ours', { url, clients: clients.slice(0, size.idle) }, ['src/server.ts']))
      const bare = { url, clients: named(readers).slice(0, size.idle) }
      idle.push(await measureIdle('bare ws', bare, ['bench/live-bare.ts', 'bare']))
    }
    if (wants('postgres')) delivered.push(await measureDelivery('ours, over Postgres', few, null))
    if (redis) delivered.push(await measureDelivery('ours, over Redis', { ...few, redisUrl: redis.url }, null))
    if (wants('bare')) {
      const bare = { url, clients: named(readers).slice(0, size.sockets) }
      delivered.push(await measureDelivery('bare LISTEN and send', bare, 'bare'))
    }
    const section = liveSection({ idle, delivered, size })
    process.stdout.write(`${section}\n`)
    const page = 'docs/performance.md'
    if (values.write) await writeFile(page, withSection(await readFile(page, 'utf8'), section))
    // What the product promises; the bare server promises nothing.
    const broken = delivered.filter(
      ({ name, share, repeated }) => name.startsWith('ours') && (share < 1 || repeated > 0),
    )
    for (const { name, share, repeated } of broken) {
      say(`${name}: ${(share * 100).toFixed(3)} % were delivered, and ${repeated} came again`)
      process.exitCode = 1
    }
  } finally {
    await redis?.stop()
    await server.stop()
  }
}

if (values.help) process.stdout.write(usage)
else await bench()
