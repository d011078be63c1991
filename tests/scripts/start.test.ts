import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { runningPostgres } from '../../scripts/services/postgres.ts'
import { startRedis } from '../../scripts/services/redis.ts'
import { demoAccounts, demoPassword } from '../../src/lib/demo-accounts.ts'
import { type Checkout, copyCheckout, untilGone } from '../support/checkout.ts'
import { startProcess } from '../support/child-process.ts'
import { cloneDatabase, withClient } from '../support/databases.ts'

let checkout: Checkout
const copy = async () => {
  checkout = await copyCheckout()
}
const remove = () => checkout.remove()

const inPrivateDatabase = async <T>(query: string): Promise<T[]> => {
  const url = (await runningPostgres(path.join(checkout.directory, '.data', 'postgres'))) as string
  return withClient(url, async (client) => (await client.query(query)).rows as T[])
}
const ready = async (url: string) => (await fetch(`${url}/health/ready`)).status

describe('in a fresh checkout', () => {
  beforeEach(copy)
  afterEach(remove)

  test('it runs everything and says where, Ctrl-C ends all of it, and a second start finds the data', async () => {
    const start = await checkout.start()
    await start.running()
    for (const page of ['/', '/docs', '/health/ready']) {
      expect(start.output()).toContain(`${start.url}${page}\n`)
      expect((await fetch(start.url + page)).status).toBe(200)
    }
    for (const text of [
      ...demoAccounts.map(({ email }) => email),
      demoPassword,
      'Ctrl-C',
      'seeded 434 titles',
      'files in .data/mail/',
    ]) {
      expect(start.output()).toContain(text)
    }
    for (const { email, role } of demoAccounts) {
      const answer = await fetch(`${start.url}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password: demoPassword }),
      })
      expect([answer.status, ((await answer.json()) as { user: { role: string } }).user.role]).toEqual([200, role])
    }
    await inPrivateDatabase("update users set name = 'Renamed' where email = 'critic@lemonnpie.test'")
    expect((await stat(path.join(checkout.directory, '.data', 'jwt-secret'))).mode & 0o777).toBe(0o600)
    await inPrivateDatabase("insert into genres (slug, name) values ('epic-of-ours', 'Epic of Ours')")

    const second = await checkout.start()
    expect(await second.ended).toBe(1)
    const pids = await checkout.pids()
    expect(second.output()).toContain(`already running from this folder (process ${pids.start})`)
    expect(await ready(start.url)).toBe(200)

    start.process.kill('SIGINT')
    expect(await start.ended).toBe(0)
    await untilGone(Object.values(pids))

    const again = await checkout.start()
    await again.running()
    expect(again.output()).not.toContain('seeded')
    expect(await inPrivateDatabase("select from genres where slug = 'epic-of-ours'")).toHaveLength(1)
    expect(await inPrivateDatabase("select from users where name = 'Renamed'")).toHaveLength(1)
    expect(await inPrivateDatabase('select from users')).toHaveLength(demoAccounts.length)
    again.process.kill('SIGTERM')
    expect(await again.ended).toBe(0)
  })

  test('a taken port is told, with a way to choose another, and nothing is started', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const start = await checkout.start(['--port', String(port)])
    expect(await start.ended).toBe(1)
    expect(start.output()).toMatch(
      new RegExp(`^Port ${port} is taken by another program: choose another, such as PORT=\\d+ npm start`),
    )
    await expect(stat(path.join(checkout.directory, '.data', 'postgres'))).rejects.toThrow('ENOENT')
    server.close()
  })

  test('two checkouts run side by side', async () => {
    const other = await copyCheckout()
    try {
      const starts = [await checkout.start(), await other.start()]
      await Promise.all(starts.map((start) => start.running()))
      expect(await Promise.all(starts.map((start) => ready(start.url)))).toEqual([200, 200])
      expect((await checkout.pids()).postgres).not.toBe((await other.pids()).postgres)
    } finally {
      await other.remove()
    }
  })

  test('--fresh needs a yes, and then starts over; --with-redis starts a Redis too', async () => {
    const start = await checkout.start(['--with-redis'])
    await start.running()
    const health = (await (await fetch(`${start.url}/health/ready`)).json()) as {
      dependencies: { redis: { status: string } }
    }
    expect(health.dependencies.redis.status).toBe('up')
    await inPrivateDatabase('delete from movies')
    start.process.kill('SIGINT')
    expect(await start.ended).toBe(0)

    const mail = path.join(checkout.directory, '.data', 'mail', 'a.eml')
    await mkdir(path.dirname(mail), { recursive: true })
    await writeFile(mail, 'Subject: To an account that is no more')
    const unasked = await checkout.start(['--fresh'])
    expect(await unasked.ended).toBe(2)
    expect(unasked.output()).toContain('there is nobody to ask: add --yes')

    const fresh = await checkout.start(['--fresh', '--yes'])
    await fresh.running()
    expect(await inPrivateDatabase('select count(*)::int as titles from movies')).toEqual([{ titles: 434 }])
    await expect(stat(mail)).rejects.toThrow('ENOENT')
  })

  test('with DATABASE_URL that database is used, and no private one started', async () => {
    const DATABASE_URL = await cloneDatabase({ empty: true })
    const start = await checkout.start([], { DATABASE_URL })
    await start.running()
    expect(start.output()).toContain('(DATABASE_URL)')
    expect(start.output()).not.toContain(new URL(DATABASE_URL).password)
    await expect(stat(path.join(checkout.directory, '.data', 'postgres'))).rejects.toThrow('ENOENT')
    const fresh = await checkout.start(['--fresh', '--yes'], { DATABASE_URL })
    expect(await fresh.ended).toBe(1)
    start.process.kill('SIGINT')
    expect(await start.ended).toBe(0)
    const refused = await checkout.start(['--fresh', '--yes'], { DATABASE_URL })
    expect(await refused.ended).toBe(2)
    expect(refused.output()).toContain('--fresh deletes the private database only')
  })
})

describe('with a Redis', () => {
  beforeEach(copy)
  afterEach(remove)

  test('REDIS_URL is used, and no private one started', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'lemonnpie-redis-'))
    const redis = await startRedis({ dataDir })
    try {
      const start = await checkout.start(['--with-redis'], { REDIS_URL: redis.url })
      await start.running()
      const { host, password } = new URL(redis.url)
      expect(start.output()).toContain(`${host} (REDIS_URL)`)
      expect(start.output()).not.toContain(password)
      await expect(stat(path.join(checkout.directory, '.data', 'redis'))).rejects.toThrow('ENOENT')
      expect((await fetch(`${start.url}/api/v1/movies`)).status).toBe(200)
      const client = new Redis(redis.url)
      await expect.poll(() => client.dbsize()).toBeGreaterThan(0)
      client.disconnect()
    } finally {
      await checkout.stop()
      await redis.stop()
      await rm(dataDir, { recursive: true })
    }
  })

  test('the private one that a killed start left running is stopped by the next, which has none', async () => {
    const start = await checkout.start(['--with-redis'])
    await start.running()
    const pids = await checkout.pids()
    const left = Number(await readFile(path.join(checkout.directory, '.data', 'redis', 'pid'), 'utf8'))
    // Frozen, it can't heed the guard that asks it to stop when its owner dies, until it is thawed.
    process.kill(left, 'SIGSTOP')
    process.kill(pids.start, 'SIGKILL')
    const again = await checkout.start()
    const said = `stopping the Redis that an earlier start left running (process ${left})`
    while (!again.output().includes(said)) await sleep(20)
    process.kill(left, 'SIGCONT')
    await again.running()
    await untilGone([...Object.values(pids), left])
    expect(again.output()).toContain('Redis     none')
  })
})

describe('in one checkout', () => {
  beforeAll(copy)
  afterAll(remove)
  afterEach(() => checkout.stop())

  test('after everything was killed the next start recovers by itself', async () => {
    const start = await checkout.start()
    await start.running()
    for (const pid of Object.values(await checkout.pids())) process.kill(pid, 'SIGKILL')
    const again = await checkout.start()
    await again.running()
    expect(await ready(again.url)).toBe(200)
  })

  test('when only the start is killed the rest ends too, and the next start recovers', async () => {
    const start = await checkout.start()
    await start.running()
    const pids = await checkout.pids()
    process.kill(pids.start, 'SIGKILL')
    const again = await checkout.start()
    await again.running()
    await untilGone(Object.values(pids))
    expect(await ready(again.url)).toBe(200)
  })

  test('when the API, the worker or Postgres ends, that is told, the rest is stopped, and the exit code says so', async () => {
    for (const [name, message] of [
      ['API', 'The API was ended by SIGKILL'],
      ['worker', 'The worker was ended by SIGKILL'],
      ['postgres', 'Postgres has stopped'],
    ] as const) {
      const start = await checkout.start()
      await start.running()
      const pids = await checkout.pids()
      process.kill(pids[name], 'SIGKILL')
      expect(await start.ended).toBe(1)
      expect(start.output()).toContain(message)
      await untilGone(Object.values(pids))
    }
  })

  test('.env is read by every entry point, and the environment goes before it', async () => {
    const file = path.join(checkout.directory, '.env')
    await writeFile(file, 'RATE_LIMIT=maybe\nLOG_LEVEL=loud\nDATABASE_URL=mysql://localhost/x\n')
    onTestFinished(() => rm(file))
    const start = await checkout.start([], { LOG_LEVEL: 'info' })
    const processes = ['src/server.ts', 'src/worker.ts', 'scripts/migrate.ts', 'scripts/seed.ts'].map((script) =>
      startProcess(script, { LOG_LEVEL: 'info' }, checkout.directory),
    )
    expect(await start.ended).toBe(1)
    expect(start.output()).toMatch(/DATABASE_URL has[\s\S]*RATE_LIMIT must/)
    for (const { ended, errors } of processes) {
      expect(await ended()).toBe(1)
      expect(errors()).toContain('DATABASE_URL has the wrong form')
      expect(errors()).not.toContain('LOG_LEVEL')
    }
    for (const { errors } of processes.slice(0, 2)) expect(errors()).toContain('RATE_LIMIT must be one of on, off')
  })

  test.each([
    [['--help'], {}, 0, /--with-redis[\s\S]*--fresh/],
    [['--frob'], {}, 2, /^Unknown option '--frob'\n.*--help/],
    [['--port', '70000'], {}, 2, /^--port must be a whole number from 0 to 65535/],
    [['--yes'], {}, 2, /^--yes goes with --fresh/],
    [[], { PORT: 'many', LOG_LEVEL: 'loud' }, 1, /PORT must be[\s\S]*LOG_LEVEL must be/],
    [[], { NODE_ENV: 'production' }, 1, /DATABASE_URL is required[\s\S]*JWT_SECRET/],
    [[], { NODE_ENV: 'production', DEMO: 'on', DATABASE_URL: 'postgres://x/y' }, 1, /DEMO must be off in production/],
    [
      [],
      { DATABASE_URL: 'postgres://nobody:hush@127.0.0.1:1/x' },
      1,
      /^There is no Postgres at DATABASE_URL: is it running\?\n$/,
    ],
    [
      [],
      {
        NODE_OPTIONS:
          '--import=data:text/javascript,Object.defineProperty(process,`versions`,{value:{node:`20.19.0`}})',
      },
      1,
      /^LemonNPie needs Node.js 24.12 or newer, and this is 20.19.0: .*\n$/,
    ],
  ])('npm start -- %j with %j', async (args, env, code, output) => {
    const start = await checkout.start(args, env)
    expect(await start.ended).toBe(code)
    expect(start.output()).toMatch(output)
  })
})
