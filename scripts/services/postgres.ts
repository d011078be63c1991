import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { claim, liveOwner } from './ownership.ts'
import { launcherFor } from './postgres-account.ts'
import {
  binary,
  clearLeftOver,
  clusterName,
  createCluster,
  filesIn,
  type PostgresFiles,
  readLock,
} from './postgres-cluster.ts'
import { launch } from './postgres-server.ts'

export type PostgresOptions = {
  dataDir: string
  /** Without one, a free port. */
  port?: number
  /** false gives up safety for speed, for data that is thrown away: no fsync, and the data go when we do. */
  durable: boolean
  /** Settings of the server in place of ours, which suit a laptop. */
  settings?: Readonly<Record<string, string>>
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
    if (!existsSync(files.cluster)) {
      log('creating the database cluster')
      await createCluster(files, launcher)
    }
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

async function connectionUrl(files: PostgresFiles, port: number): Promise<string> {
  const password = (await readFile(files.password, 'utf8')).trim()
  return `postgres://${clusterName}:${password}@127.0.0.1:${port}/${clusterName}`
}

async function createDatabase(url: string) {
  const client = new pg.Client({ connectionString: url.replace(/\/[^/]*$/, '/postgres') })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [clusterName])
    if (rowCount === 0) await client.query(`create database ${clusterName}`)
  } finally {
    await client.end()
  }
}
