import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Launcher } from './postgres-account.ts'
import { binary, type PostgresFiles, readLock, serverEnv } from './postgres-cluster.ts'
import { endProcess, freePort, stopWithUs } from './processes.ts'

const standard = {
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

const withCheckpoint = [
  ['SIGINT', 20_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const
const atOnce = withCheckpoint.slice(1)

const throwAwaySettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', checkpoint_timeout: '1h' }

type ServerOptions = { port?: number; durable: boolean; settings?: Readonly<Record<string, string>> }

/** Runs a server over a cluster until it takes connections. @throws Error with the end of its log */
export async function launch(files: PostgresFiles, launcher: Launcher, options: ServerOptions) {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    const server = await spawnServer(files, launcher, port, options)
    if (await isReady(files, server)) return { ...server, port }
    await server.stop()
    const written = await readFile(files.log, 'utf8').catch(() => '')
    // Another program may take the port between our look and the server's; after `kill -9` of a server, its children
    // hold its shared memory for a moment longer. Both pass.
    const passes = /Address already in use|shared memory block/.test(written) && options.port === undefined
    if (!passes || attempt === 20)
      throw new Error(`Postgres does not start:\n${written.trim().split('\n').slice(-5).join('\n')}`)
    await sleep(250)
  }
}

async function spawnServer(
  files: PostgresFiles,
  launcher: Launcher,
  port: number,
  { durable, settings }: ServerOptions,
) {
  const all = { ...standard, ...(durable ? {} : throwAwaySettings), ...settings, port: String(port) }
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
    await endProcess(pid, durable ? withCheckpoint : atOnce)
    callOff()
  }
  return { pid, exited, stop, hasExited: () => child.exitCode !== null || child.signalCode !== null }
}

async function isReady(files: PostgresFiles, server: { pid: number; hasExited: () => boolean }): Promise<boolean> {
  // Recovery after a crash may take a while, so this waits as long as the server is working on it.
  for (; !server.hasExited(); await sleep(15)) {
    const lock = await readLock(files)
    if (lock?.pid === server.pid && lock.ready) return true
  }
  return false
}
