import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from '../../scripts/services/processes.ts'
import { redisBinary } from '../../scripts/services/redis-binary.ts'

/** A Redis fit for job queues that a test can stop and start again in the same place. */
export interface SteadyRedis {
  readonly url: string
  start(): Promise<void>
  stop(): Promise<void>
  flush(): Promise<void>
  remove(): Promise<void>
}

export async function steadyRedis(): Promise<SteadyRedis> {
  const { program, env } = await redisBinary(() => {})
  const dir = await mkdtemp(path.join(tmpdir(), 'lemonnpie-steady-redis-'))
  const port = await freePort()
  const config = path.join(dir, 'redis.conf')
  const lines = ['bind 127.0.0.1', `port ${port}`, `dir "${dir}"`, 'save ""', 'appendonly yes', 'logfile /dev/null']
  await writeFile(config, `${lines.join('\n')}\nmaxmemory-policy noeviction\n`)
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  const asked = async (ask: (client: Redis) => Promise<unknown>): Promise<boolean> => {
    const client = new Redis(url, { retryStrategy: null, lazyConnect: true, maxRetriesPerRequest: 0 })
    client.on('error', () => {})
    try {
      await client.connect()
      await ask(client)
      return true
    } catch {
      return false
    } finally {
      client.disconnect()
    }
  }
  const redis: SteadyRedis = {
    url,
    async start() {
      child = spawn(program, [config], { cwd: dir, env: { ...env, PATH: '/usr/bin:/bin' }, stdio: 'ignore' })
      child.on('error', () => {}) // its folder went with a test that ran out of time
      while (!(await asked((client) => client.ping()))) await wait(20)
    },
    async stop() {
      if (!child || child.exitCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
    async flush() {
      if (!(await asked((client) => client.flushall()))) throw new Error('it could not be flushed')
    },
    async remove() {
      await redis.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
  await redis.start()
  return redis
}
