import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { claim, liveOwner } from './ownership.ts'
import { commandOf, endProcess, freePort, stopWithUs } from './processes.ts'
import { redisBinary } from './redis-binary.ts'

export type RedisOptions = {
  dataDir: string
  /** true keeps the data over restarts and never evicts, as job queues need; otherwise it is a cache. */
  persistent?: boolean
  log?: (line: string) => void
}

export type RunningRedis = {
  url: string
  pid: number
  /** Resolves when the server has gone, asked to or not. */
  exited: Promise<void>
  stop: () => Promise<void>
}

/**
 * Starts a private Redis (or Valkey) on a free port of 127.0.0.1 with a generated password. One that an earlier start
 * left running over the same directory is stopped first.
 * @throws Error when there is none on this machine (and how to install it), or it doesn't come up
 */
export async function startRedis(options: RedisOptions): Promise<RunningRedis> {
  const { persistent = false, log = () => {} } = options
  const dataDir = path.resolve(options.dataDir)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const binary = await redisBinary(log)
  const release = await claim(path.join(dataDir, 'owner'), `the Redis in ${dataDir}`)
  try {
    await clearLeftOver(dataDir, log)
    for (let attempt = 1; ; attempt++) {
      const server = await launch(binary, dataDir, persistent)
      if (await isReady(server)) {
        const stop = async () => {
          await server.stop()
          await release()
        }
        return {
          url: `redis://:${server.password}@127.0.0.1:${server.port}`,
          pid: server.pid,
          exited: server.exited,
          stop,
        }
      }
      await server.stop()
      const written = await readFile(path.join(dataDir, 'redis.log'), 'utf8').catch(() => '')
      // Another program may take the port between our look and the server's.
      if (!/Address already in use|bind:/.test(written) || attempt === 5) {
        throw new Error(`Redis does not start:\n${written.trim().split('\n').slice(-5).join('\n')}`)
      }
    }
  } catch (error) {
    await release()
    throw error
  }
}

/** The URL of the private Redis that runs over `dataDir`; undefined when none does. */
export async function runningRedis(dataDir: string): Promise<string | undefined> {
  return (await findRunning(path.resolve(dataDir)))?.url
}

/** Stops the Redis that an earlier start, itself killed, left running over `dataDir`. */
export async function stopLeftOverRedis(dataDir: string, log: (line: string) => void): Promise<void> {
  if (!(await liveOwner(path.join(dataDir, 'owner')))) await clearLeftOver(path.resolve(dataDir), log)
}

/** Deletes its data, once what still runs over it has been stopped. Throws when a living process owns it. */
export async function removeRedis(dataDir: string): Promise<void> {
  const owner = await liveOwner(path.join(dataDir, 'owner'))
  if (owner) throw new Error(`the Redis in ${dataDir} is in use by process ${owner.pid} (${owner.command})`)
  await clearLeftOver(path.resolve(dataDir), () => {})
  await rm(dataDir, { recursive: true, force: true })
}

async function findRunning(dataDir: string): Promise<{ pid: number; url: string } | undefined> {
  const pid = Number(await readFile(path.join(dataDir, 'pid'), 'utf8').catch(() => ''))
  const command = pid > 0 ? await commandOf(pid) : undefined
  const config = await readFile(path.join(dataDir, 'redis.conf'), 'utf8').catch(() => '')
  const port = /^port (\d+)$/m.exec(config)?.[1]
  const password = /^requirepass (\S+)$/m.exec(config)?.[1]
  // Its title ends in the port; the number alone could by now be anybody's.
  const isOurs = command && /(redis|valkey)-server/.test(command) && port && command.includes(`127.0.0.1:${port}`)
  return isOurs ? { pid, url: `redis://:${password}@127.0.0.1:${port}` } : undefined
}

async function clearLeftOver(dataDir: string, log: (line: string) => void) {
  const running = await findRunning(dataDir)
  if (running) {
    log(`stopping the Redis that an earlier start left running (process ${running.pid})`)
    await endProcess(running.pid, [
      ['SIGTERM', 10_000],
      ['SIGKILL', 5_000],
    ])
  }
  await rm(path.join(dataDir, 'pid'), { force: true })
}

async function launch(binary: { program: string; env: Record<string, string> }, dataDir: string, persistent: boolean) {
  const port = await freePort()
  const password = randomBytes(24).toString('base64url')
  const config = path.join(dataDir, 'redis.conf')
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`, // in the file, since everybody may read a command line
    `dir "${dataDir}"`,
    'save ""',
    `appendonly ${persistent ? 'yes' : 'no'}`,
    `maxmemory ${persistent ? '0' : '128mb'}`,
    `maxmemory-policy ${persistent ? 'noeviction' : 'allkeys-lru'}`,
  ]
  await rm(config, { force: true })
  await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 })
  const logFile = await open(path.join(dataDir, 'redis.log'), 'w', 0o600)
  const env = { ...binary.env, PATH: '/usr/local/bin:/usr/bin:/bin' }
  const stdio = ['ignore', logFile.fd, logFile.fd] as const
  const child = spawn(binary.program, [config], { cwd: dataDir, env, detached: true, stdio: [...stdio] })
  const exited = once(child, 'exit').then(() => {})
  await logFile.close()
  if (child.pid === undefined) await exited // rejects with why it could not be spawned
  const pid = child.pid as number
  child.unref()
  await writeFile(path.join(dataDir, 'pid'), `${pid}\n`)
  const callOff = stopWithUs(pid, 'TERM')
  const stop = async () => {
    await endProcess(pid, [
      ['SIGTERM', 10_000],
      ['SIGKILL', 5_000],
    ])
    callOff()
  }
  return { pid, port, password, exited, stop, hasExited: () => child.exitCode !== null || child.signalCode !== null }
}

async function isReady(server: { port: number; password: string; hasExited: () => boolean }): Promise<boolean> {
  // Loading a persistent one's data may take a while: this waits as long as it lives.
  for (; !server.hasExited(); await sleep(15)) if (await answers(server.port, server.password)) return true
  return false
}

/** Whether the Redis at a port takes our password, so is ours, and is done loading. */
function answers(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let reply = ''
    const done = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.setTimeout(1_000, () => done(false))
    socket.on('error', () => done(false))
    socket.on('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`))
    socket.on('data', (chunk) => {
      reply += chunk
      if (reply === '+OK\r\n+PONG\r\n') done(true)
      else if (/^-/m.test(reply)) done(false)
    })
  })
}
