import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openQueues } from '../../src/infra/queues.ts'
import { serveWorkerMetrics } from '../../src/worker/metrics-server.ts'
import { testContext } from '../support/context.ts'
import { cloneDatabase } from '../support/databases.ts'
import { until } from '../support/delivery.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const read = async (url: string | null) => {
  const answer = await fetch(url as string)
  return { status: answer.status, text: await answer.text() }
}
const gauge = (text: string, name: string) => new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]

it('tells what waits in the outbox and since when, and does not guess when it cannot look', async () => {
  const proxy = await startTcpProxy(await cloneDatabase())
  const ctx = await testContext({ redis: 'off', env: { METRICS_PORT: '0', DATABASE_URL: proxy.url } })
  const queues = openQueues(ctx, { attempts: 1 })
  const { url, stop } = await serveWorkerMetrics(ctx, queues)
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
  const empty = await read(url)
  expect([
    gauge(empty.text, 'lemonnpie_outbox_unpublished'),
    gauge(empty.text, 'lemonnpie_outbox_oldest_seconds'),
  ]).toEqual(['0', '0'])
  await sql`insert into outbox_events (name, payload, created_at) values
    ('title.created', '{}', now()), ('title.created', '{}', now() - interval '1 hour')`.execute(ctx.db)
  await sql`update outbox_events set created_at = now() - interval '1 hour'`.execute(ctx.db)
  const { text } = await read(url)
  expect(gauge(text, 'lemonnpie_outbox_unpublished')).toBe('2')
  expect(Number(gauge(text, 'lemonnpie_outbox_oldest_seconds'))).toBeGreaterThanOrEqual(3_600)
  const job = (id: string) => ({ id, name: 'mail-reset', data: {} })
  await queues.add('mail', [job('evt-a'), job('evt-b'), job('evt-c')])
  queues.work('mail', { concurrency: 1, rate: null, onFailed: () => {}, onStalled: () => {} }, (one) => {
    if (one.id === 'evt-a') throw new Error('no')
    return new Promise((resolve) => setTimeout(resolve, one.id === 'evt-b' ? 0 : 60_000).unref())
  })
  const depth = async (state: string) => {
    const told = (await read(url)).text
    return gauge(told, `lemonnpie_queue_jobs\\{queue="mail",state="${state}"\\}`)
  }
  // The second is active too for a moment, while the third waits.
  const depths = async () => [await depth('failed'), await depth('active'), await depth('waiting')].join()
  await until(async () => (await depths()) === '1,1,0')
  await proxy.cut()
  const away = await read(url)
  expect([away.status, gauge(away.text, 'lemonnpie_outbox_unpublished')?.toLowerCase()]).toEqual([200, 'nan'])
  expect(await depth('waiting')).toMatch(/^nan$/i)
  expect((await fetch(`${url}/more`)).status).toBe(404)
  await stop()
  await ctx[Symbol.asyncDispose]()
  await proxy.stop()
})

it('listens nowhere unless it is told where, and says when it cannot', async () => {
  const ctx = await testContext({ redis: 'off' })
  const queues = openQueues(ctx)
  const none = await serveWorkerMetrics(ctx, queues)
  expect(none.url).toBeNull()
  await none.stop()
  const first = await serveWorkerMetrics({ ...ctx, config: { ...ctx.config, METRICS_PORT: 0 } }, queues)
  const METRICS_PORT = Number(new URL(first.url as string).port)
  await expect(serveWorkerMetrics({ ...ctx, config: { ...ctx.config, METRICS_PORT } }, queues)).rejects.toThrow(
    /EADDRINUSE/,
  )
  await first.stop()
  await ctx[Symbol.asyncDispose]()
})
