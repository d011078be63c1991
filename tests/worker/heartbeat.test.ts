import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openLog } from '../../src/infra/logger.ts'
import { startHeartbeat } from '../../src/worker/heartbeat.ts'
import { testContext } from '../support/context.ts'
import { cloneDatabase } from '../support/databases.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

it('tells when the database goes away and comes back, each once', async () => {
  const told: string[] = []
  const log = openLog({ LOG_LEVEL: 'info' }, { write: (line) => told.push(JSON.parse(line).msg) })
  const count = (message: string): number => told.filter((one) => one === message).length
  const until = async (message: string): Promise<void> => {
    while (count(message) === 0) await wait(10)
  }
  const proxy = await startTcpProxy(await cloneDatabase())
  const ctx = await testContext({ redis: 'off', log, env: { DATABASE_URL: proxy.url } })
  const heartbeat = startHeartbeat(ctx, 10)
  await wait(50)
  expect(told).toEqual([])
  await proxy.cut()
  await until('the database does not answer')
  await wait(50)
  await proxy.restore()
  await until('the database is back')
  await heartbeat.stop()
  expect([count('the database does not answer'), count('the database is back')]).toEqual([1, 1])
  await ctx[Symbol.asyncDispose]()
  await proxy.stop()
})
