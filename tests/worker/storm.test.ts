import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, inject, it } from 'vitest'
import { migrateUp } from '../../scripts/migrations.ts'
import { startPostgres } from '../../scripts/services/postgres.ts'
import { loadConfig } from '../../src/config.ts'
import { type OpenedContext, openContext } from '../../src/context.ts'
import { publish, publishAll } from '../../src/infra/outbox.ts'
import { openQueues } from '../../src/infra/queues.ts'
import { inTx } from '../../src/infra/tx.ts'
import { movieId, until } from '../support/delivery.ts'
import { makeEffects } from '../support/delivery-effects.ts'
import { steadyRedis } from '../support/steady-redis.ts'
import { startWorkers, stormConsumers, stormOrders } from '../support/storm.ts'

const workerCount = 4
const killCount = 20
const outageMilliseconds = 10_000

/** Postgres in a folder and at a port of its own, that can be made to crash. */
async function ownPostgres() {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'lemonnpie-storm-'))
  // The machine survives, so what was written is there after a crash of the server also without waiting for the disk.
  const options = { dataDir, durable: true, settings: { fsync: 'off', shared_buffers: '64MB' } }
  let server = await startPostgres(options)
  const { url } = server
  return {
    url,
    async crash() {
      process.kill(server.pid, 'SIGQUIT')
      await server.exited
      await server.stop()
      server = await startPostgres({ ...options, port: Number(new URL(url).port) })
    },
    async remove() {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Publishes on and on, through every outage, and rolls back every fifth transaction after it has published. */
function startLoad(ctx: OpenedContext) {
  let next = 0
  let rolledBack = 0
  let failed = 0
  let stopped = false
  async function load(): Promise<void> {
    for (let turn = 0; !stopped; turn += 1) {
      const ids = [1, 2, 3].map(() => movieId(next++))
      const doomed = turn % 5 === 4
      try {
        await inTx(ctx, async (tx) => {
          const payloads = ids.map((movie_id) => ({ movie_id }))
          if (doomed) await publish(tx, 'title.created', { movie_id: movieId(1_000_000 + next) })
          else await publishAll(tx, 'title.created', payloads)
          if (doomed) throw new Error('rolled back')
        })
      } catch {
        if (doomed) rolledBack += 1
        else failed += 1
        if (!doomed) await wait(100)
      }
      await wait(40)
    }
  }
  const loading = load()
  return {
    stop: async () => {
      stopped = true
      await loading
      return { rolledBack, failed }
    },
  }
}

it('loses nothing and does nothing twice while workers are killed, Postgres crashes, and Redis is away and flushed', async ({
  onTestFinished,
}) => {
  const postgres = await ownPostgres()
  onTestFinished(() => postgres.remove())
  const redis = inject('mode') === 'redis' ? await steadyRedis() : null
  if (redis) onTestFinished(() => redis.remove())
  const environment = {
    DATABASE_URL: postgres.url,
    DATABASE_POOL_MAX: '8',
    ...(redis && { QUEUE_REDIS_URL: redis.url }),
  }
  await migrateUp(postgres.url)
  const config = loadConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', ...environment })
  const ctx = await openContext(config, 'lemonnpie-test')
  onTestFinished(() => ctx[Symbol.asyncDispose]())
  await makeEffects(ctx.db)
  const workers = startWorkers(environment, workerCount)
  onTestFinished(() => workers.stop())
  await workers.allReady()
  const load = startLoad(ctx)
  const signals: Array<string | null> = []
  const kill = async (from: number, to: number): Promise<void> => {
    for (let index = from; index < to; index += 1)
      signals.push(await workers.kill(index, stormOrders[index % stormOrders.length]!))
  }
  await kill(0, killCount / 2)
  await postgres.crash()
  await kill(killCount / 2, killCount)
  if (redis) {
    await redis.stop()
    await wait(outageMilliseconds)
    await redis.start()
    await redis.flush()
  }
  const { rolledBack } = await load.stop()
  expect(signals).toEqual(Array(killCount).fill('SIGKILL'))
  expect(rolledBack).toBeGreaterThan(10)
  const count = async () => {
    const { rows } = await sql<{ published: number; unrelayed: number; marks: number }>`
        select count(*) as published, count(*) filter (where published_at is null) as unrelayed,
          (select count(*) from handled_events) as marks
        from outbox_events`.execute(ctx.db)
    return rows[0]!
  }
  let looks = 0
  // As if time had passed: what is not handled yet is looked at again.
  await until(async () => (await count()).unrelayed === 0)
  await until(async () => {
    if (looks % 40 === 0)
      await sql`update outbox_events set recheck_at = now() where recheck_at > now()`.execute(ctx.db)
    looks += 1
    await wait(250)
    const { published, marks } = await count()
    return marks >= published * stormConsumers.length
  })
  const { published, marks } = await count()
  expect(published).toBeGreaterThan(100)
  expect(marks).toBe(published * stormConsumers.length)
  const { rows } = await sql`
      select consumer, count(*) as effects, count(distinct e.event_id) as events, count(o.event_id) as of_events
      from effects e left join outbox_events o using (event_id) group by consumer order by consumer`.execute(ctx.db)
  expect(rows).toEqual(
    [...stormConsumers]
      .sort()
      .map((consumer) => ({ consumer, effects: published, events: published, of_events: published })),
  )
  const queues = openQueues(ctx)
  const empty = { waiting: 0, active: 0, delayed: 0, failed: 0 }
  for (const name of ['storm', 'storm-flaky'])
    await until(async () => JSON.stringify(await queues.counts(name)) === JSON.stringify(empty))
  await queues.close()
}, 600_000)
