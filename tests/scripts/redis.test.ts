import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commandOf, endProcess } from '../../scripts/services/processes.ts'
import { removeRedis, startRedis, stopLeftOverRedis } from '../../scripts/services/redis.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'lemonnpie-redis-'))
})
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true })
})

async function ask<T>(url: string, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => {})
  try {
    await client.connect()
    return await question(client)
  } finally {
    client.disconnect()
  }
}

/** Starts it in a process of its own, which can be killed. */
async function startElsewhere() {
  const owner = fork(new URL('../support/redis-process.ts', import.meta.url), [dataDir])
  const [{ pid }] = (await once(owner, 'message')) as [{ pid: number }]
  return { owner, pid }
}

test('it listens on 127.0.0.1 only, lets in nobody without its password, and keeps that to itself', async () => {
  const server = await startRedis({ dataDir })
  try {
    expect(await ask(server.url, (client) => client.config('GET', 'bind'))).toEqual(['bind', '127.0.0.1'])
    const { password, port } = new URL(server.url)
    expect(await commandOf(server.pid)).not.toContain(password)
    expect((await stat(path.join(dataDir, 'redis.conf'))).mode & 0o777).toBe(0o600)
    const stranger = connect(Number(port), '127.0.0.1')
    stranger.write('PING\r\n')
    const [reply] = await once(stranger, 'data')
    stranger.destroy()
    expect(String(reply)).toMatch(/^-NOAUTH/)
  } finally {
    await server.stop()
  }
  expect(await commandOf(server.pid)).toBeUndefined()
})

test('as a cache it evicts and forgets; a persistent one does neither', async () => {
  const policy = (client: Redis) => client.config('GET', 'maxmemory-policy')
  const cache = await startRedis({ dataDir })
  await ask(cache.url, (client) => client.set('film', 'Living in Bondage'))
  expect(await ask(cache.url, policy)).toEqual(['maxmemory-policy', 'allkeys-lru'])
  await cache.stop()
  const first = await startRedis({ dataDir, persistent: true })
  expect(await ask(first.url, (client) => client.get('film'))).toBeNull()
  expect(await ask(first.url, policy)).toEqual(['maxmemory-policy', 'noeviction'])
  await ask(first.url, (client) => client.set('film', 'Living in Bondage'))
  await first.stop()
  const second = await startRedis({ dataDir, persistent: true })
  expect(await ask(second.url, (client) => client.get('film'))).toBe('Living in Bondage')
  await second.stop()
})

test('whoever starts it is alone with it, and its end is noticed', async () => {
  const server = await startRedis({ dataDir })
  await expect(startRedis({ dataDir })).rejects.toThrow(`is in use by process ${process.pid}`)
  await endProcess(server.pid, [['SIGKILL', 10_000]])
  await server.exited
  await server.stop()
})

test('one that an earlier start left running is stopped before the next starts, and before its data are deleted', async () => {
  for (const next of [startRedis, removeRedis] as const) {
    const { owner, pid } = await startElsewhere()
    // Frozen, it can't heed the guard that asks it to stop when its owner dies, until it is thawed.
    process.kill(pid, 'SIGSTOP')
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    const lines: string[] = []
    const done = next === startRedis ? startRedis({ dataDir, log: (line) => lines.push(line) }) : removeRedis(dataDir)
    if (next === startRedis) {
      while (lines.length === 0) await sleep(10)
      expect(lines).toEqual([`stopping the Redis that an earlier start left running (process ${pid})`])
    }
    process.kill(pid, 'SIGCONT')
    const again = await done
    expect(await commandOf(pid)).toBeUndefined()
    await again?.stop()
  }
  await expect(stat(dataDir)).rejects.toThrow('ENOENT')
})

test('one that somebody alive has is not deleted', async () => {
  const server = await startRedis({ dataDir })
  await expect(removeRedis(dataDir)).rejects.toThrow(`is in use by process ${process.pid}`)
  await stopLeftOverRedis(dataDir, () => {})
  expect(await ask(server.url, (client) => client.ping())).toBe('PONG')
  await server.stop()
})
