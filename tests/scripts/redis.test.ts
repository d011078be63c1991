import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commandOf, endProcess } from '../../scripts/services/processes.ts'
import { startRedis } from '../../scripts/services/redis.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'lemonnpie-redis-'))
})
afterEach(async () => {
  await rm(dataDir, { recursive: true })
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
