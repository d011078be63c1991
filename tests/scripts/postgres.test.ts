import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removePostgres, runningPostgres, startPostgres } from '../../scripts/services/postgres.ts'
import { commandOf } from '../../scripts/services/processes.ts'
import { inDatabase, withClient } from '../support/databases.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'lemonnpie-postgres-'))
})
afterEach(async () => {
  await removePostgres(dataDir)
})

const remember = (url: string) => withClient(url, (client) => client.query('create table kept (); select 1'))
const remembers = (url: string) =>
  withClient(url, async (client) => (await client.query("select to_regclass('kept') is not null as kept")).rows[0].kept)

/** Starts it in a process of its own, which can be killed. */
async function startElsewhere() {
  const child = fork(new URL('../support/postgres-process.ts', import.meta.url), [dataDir])
  const [{ url, pid }] = (await once(child, 'message')) as [{ url: string; pid: number }]
  return { owner: child, url, pid }
}

async function untilGone(pid: number) {
  while ((await commandOf(pid)) !== undefined) await sleep(10)
}

test('it listens on 127.0.0.1 only, lets in nobody without its password, and keeps that to itself', async () => {
  const server = await startPostgres({ dataDir, durable: true })
  try {
    const { port, password } = new URL(server.url)
    expect((await stat(path.join(dataDir, 'password'))).mode & 0o777).toBe(0o600)
    expect((await stat(path.join(dataDir, 'cluster'))).mode & 0o777).toBe(0o700)
    expect(await commandOf(server.pid)).not.toContain(password)
    const wrong = server.url.replace(password, 'guess')
    await expect(withClient(wrong, (client) => client.query('select 1'))).rejects.toThrow(
      'password authentication failed',
    )
    const found = await withClient(server.url, (client) =>
      client.query(
        `select current_setting('listen_addresses') as listens, current_setting('unix_socket_directories') as sockets,
                current_setting('fsync') as fsync, (select datlocprovider from pg_database where datname = current_database()) as provider,
                current_setting('server_encoding') as encoding, pg_hba_file_rules.auth_method as auth
           from pg_hba_file_rules limit 1`,
      ),
    )
    expect(found.rows[0]).toEqual({
      listens: '127.0.0.1',
      sockets: '',
      fsync: 'on',
      provider: 'b',
      encoding: 'UTF8',
      auth: 'scram-sha-256',
    })
    const elsewhere = connect(Number(port), '127.0.0.2')
    await expect(once(elsewhere, 'connect')).rejects.toThrow('ECONNREFUSED')
  } finally {
    await server.stop()
  }
  expect(await commandOf(server.pid)).toBeUndefined()
})

test('data and password stay over a stop and a start', async () => {
  const first = await startPostgres({ dataDir, durable: true })
  await remember(first.url)
  await first.stop()
  const second = await startPostgres({ dataDir, durable: true })
  expect(await remembers(second.url)).toBe(true)
  expect(new URL(second.url).password).toBe(new URL(first.url).password)
  await second.stop()
})

test('whoever starts it is alone with it, and others can find it', async () => {
  const { owner, url, pid } = await startElsewhere()
  await expect(startPostgres({ dataDir, durable: true })).rejects.toThrow(`is in use by process ${owner.pid}`)
  await expect(removePostgres(dataDir)).rejects.toThrow(`is in use by process ${owner.pid}`)
  expect(await runningPostgres(dataDir)).toBe(url)
  owner.kill('SIGTERM')
  await untilGone(pid)
  await once(owner, 'exit')
  expect(await runningPostgres(dataDir)).toBeUndefined()
})

test('it ends when the process that started it is killed, and starts again with its data', async () => {
  const { owner, url, pid } = await startElsewhere()
  await remember(url)
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  await untilGone(pid)
  const again = await startPostgres({ dataDir, durable: true })
  expect(await remembers(again.url)).toBe(true)
  await again.stop()
})

test('it starts again after it was killed together with the process that started it', async () => {
  const { owner, url, pid } = await startElsewhere()
  await remember(url)
  owner.kill('SIGKILL')
  process.kill(pid, 'SIGKILL')
  await once(owner, 'exit')
  const again = await startPostgres({ dataDir, durable: true })
  expect(await remembers(again.url)).toBe(true)
  await again.stop()
})

test('one that an earlier start left running is stopped before the next starts', async () => {
  const { owner, url, pid } = await startElsewhere()
  await remember(url)
  // Frozen, it can't heed the guard that asks it to stop when its owner dies, until it is thawed.
  process.kill(pid, 'SIGSTOP')
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  const lines: string[] = []
  const starting = startPostgres({ dataDir, durable: true, log: (line) => lines.push(line) })
  while (lines.length === 0) await sleep(10)
  expect(lines).toEqual([`stopping the Postgres that an earlier start left running (process ${pid})`])
  process.kill(pid, 'SIGCONT')
  const again = await starting
  expect(again.pid).not.toBe(pid)
  expect(await remembers(again.url)).toBe(true)
  await again.stop()
})

test('a lock file that names a process of somebody else harms neither', async () => {
  const first = await startPostgres({ dataDir, durable: true })
  const lock = path.join(dataDir, 'cluster', 'postmaster.pid')
  const text = await readFile(lock, 'utf8')
  await first.stop()
  // As after a restart of the machine: the number is by now the test runner's.
  await writeFile(lock, text.replace(/^\d+/, String(process.pid)))
  await writeFile(path.join(dataDir, 'owner'), `${process.pid} some other program\n`)
  const again = await startPostgres({ dataDir, durable: true })
  await again.stop()
})

test('a cluster whose making was interrupted is made anew', async () => {
  const first = await startPostgres({ dataDir, durable: true })
  await first.stop()
  await rename(path.join(dataDir, 'cluster'), path.join(dataDir, 'cluster.unfinished'))
  const again = await startPostgres({ dataDir, durable: true })
  expect(
    await withClient(inDatabase(again.url, 'postgres'), async (client) => (await client.query('select')).rowCount),
  ).toBe(1)
  await again.stop()
})

test('two run side by side, and one that was asked for a port has it', async () => {
  const other = await mkdtemp(path.join(tmpdir(), 'lemonnpie-postgres-'))
  const first = await startPostgres({ dataDir, durable: false })
  const second = await startPostgres({ dataDir: other, durable: false })
  const { port } = new URL(second.url)
  expect(port).not.toBe(new URL(first.url).port)
  await second.stop()
  const third = await startPostgres({ dataDir: other, durable: false, port: Number(port) })
  expect(new URL(third.url).port).toBe(port)
  await third.stop()
  await expect(
    startPostgres({ dataDir: other, durable: false, port: Number(new URL(first.url).port) }),
  ).rejects.toThrow(/Postgres does not start:[\s\S]*Address already in use/)
  await first.stop()
  await rm(other, { recursive: true })
})

test('its end is noticed', async () => {
  const server = await startPostgres({ dataDir, durable: false })
  process.kill(server.pid, 'SIGKILL')
  await server.exited
  await server.stop()
})
