import { Redis } from 'ioredis'
import { sql } from 'kysely'
import { inject } from 'vitest'
import type { EventName } from '../../src/events.ts'
import type { Handler } from '../../src/infra/event-handler.ts'
import { openLog } from '../../src/infra/logger.ts'
import { publish } from '../../src/infra/outbox.ts'
import { openQueues, type QueueSettings } from '../../src/infra/queues.ts'
import { inTx } from '../../src/infra/tx.ts'
import { type DeliveryOptions, startDelivery } from '../../src/worker/delivery.ts'
import type { Subscribers } from '../../src/worker/subscriber-jobs.ts'
import { type TestContext, testContext } from './context.ts'
import { cloneDatabase } from './databases.ts'
import { type Effect, makeEffects } from './delivery-effects.ts'
import { ownRedis } from './own-redis.ts'
import { nobodyReacting } from './storm.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** Everything quick, so that a test needs not wait for what in life takes minutes. */
export const quick: QueueSettings = { attempts: 4, backOff: 20, lock: 1_000, stalledInterval: 500 }

export interface DeliveryContext extends TestContext {
  /** What was logged. */
  readonly lines: Array<Record<string, unknown>>
  /** The way to where the jobs live, which can be taken away. */
  readonly proxy: TcpProxy
  /** Where the jobs live, around the proxy: what a process of its own is started with. */
  readonly environment: Readonly<Record<string, string>>
  /** Makes the queues lose every job, as a Redis without its disk does. */
  loseJobs(): Promise<void>
  /** Another process of the worker, ended with the context. */
  start(
    subscribers: Subscribers,
    settings?: Partial<QueueSettings>,
    options?: DeliveryOptions,
  ): ReturnType<typeof startDelivery>
}

/** A context whose jobs live in Postgres in the mode memory, and in a Redis of their own in the mode redis. */
export async function deliveryContext(): Promise<DeliveryContext> {
  const lines: Array<Record<string, unknown>> = []
  const redis = inject('mode') === 'redis' ? await ownRedis({ persistent: true }) : null
  const databaseUrl = await cloneDatabase()
  const proxy = await startTcpProxy(redis?.url ?? databaseUrl)
  const log = openLog({ LOG_LEVEL: 'debug' }, { write: (line) => void lines.push(JSON.parse(line)) })
  const env: Record<string, string> = redis
    ? { DATABASE_URL: databaseUrl, QUEUE_REDIS_URL: proxy.url }
    : { DATABASE_URL: proxy.url }
  const ctx = await testContext({ redis: 'off', log, env })
  ctx.beforeClosing(async () => {
    await proxy.stop()
    await redis?.stop()
  })
  await makeEffects(ctx.db)
  return {
    ...ctx,
    lines,
    proxy,
    environment: { DATABASE_URL: databaseUrl, ...(redis && { QUEUE_REDIS_URL: redis.url }) },
    async loseJobs() {
      if (!redis) return void (await sql`truncate bullmq.job, bullmq.scheduler cascade`.execute(ctx.db))
      const client = new Redis(redis.url)
      await client.flushall()
      client.disconnect()
    },
    start(subscribers, settings = {}, options = {}) {
      const { stop } = startDelivery(ctx, subscribers, {
        queues: openQueues(ctx, { ...quick, ...settings }),
        ...options,
      })
      let ended: Promise<void> | undefined
      const stopOnce = () => (ended ??= stop())
      ctx.beforeClosing(stopOnce)
      return { stop: stopOnce }
    },
  }
}

/** Subscribers to title.created alone, each in a queue of its own unless one is named. */
export const reacting = (handlers: Readonly<Record<string, Handler<'title.created'>>>, queue?: string): Subscribers => {
  const all = Object.entries(handlers).map(([id, handle]) => ({ id, queue: queue ?? `queue-${id}`, handle }))
  return { ...nobodyReacting, 'title.created': all }
}

export const publishTitle = (ctx: TestContext, movie_id: string, name: EventName = 'title.created'): Promise<void> =>
  inTx(ctx, (tx) => publish({ ...tx, requestId: 'request-1' }, name, { movie_id }))

export const movieId = (number: number): string => `0192e4a0-0000-7000-8000-${number.toString(16).padStart(12, '0')}`

export const effects = async (ctx: TestContext): Promise<Effect[]> =>
  (await sql<Effect>`select * from effects order by consumer, movie_id`.execute(ctx.db)).rows

/** Resolves when `holds` does; the test's own time limit is the limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
}
