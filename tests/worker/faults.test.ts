import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDb } from '../../src/infra/db.ts'
import { firstTime } from '../../src/infra/handled-events.ts'
import { openQueues, type Queues } from '../../src/infra/queues.ts'
import { inTx } from '../../src/infra/tx.ts'
import { relayBatch, startRelay } from '../../src/worker/relay.ts'
import { pruneEvents, recheckEvents } from '../../src/worker/upkeep.ts'
import {
  type DeliveryContext,
  deliveryContext,
  effects,
  movieId,
  publishTitle,
  quick,
  reacting,
  until,
} from '../support/delivery.ts'
import { addEffect } from '../support/delivery-effects.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

let ctx: DeliveryContext
beforeAll(async () => {
  ctx = await deliveryContext()
})
afterAll(() => ctx[Symbol.asyncDispose]())
beforeEach(() => {
  ctx.lines.length = 0
})

const effectsOf = async (consumer: string) => (await effects(ctx)).filter((effect) => effect.consumer === consumer)

describe('a worker', () => {
  it('that is killed after an effect committed does not cause a second', async () => {
    const script = fileURLToPath(new URL('../support/killed-worker.ts', import.meta.url))
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin', NODE_ENV: 'test', LOG_LEVEL: 'silent', ...ctx.environment }
    const child = spawn(process.execPath, [script], { env, stdio: 'inherit' })
    await publishTitle(ctx, movieId(1))
    const [code, signal] = await once(child, 'exit')
    expect([code, signal]).toEqual([null, 'SIGKILL'])
    expect(await effectsOf('killed')).toHaveLength(1)

    let calls = 0
    const delivery = ctx.start(
      reacting({
        killed: (jobCtx, { id, payload }) =>
          inTx(jobCtx, async (tx) => {
            calls += 1
            if (await firstTime(tx.db, 'killed', id))
              await addEffect(tx.db, { consumer: 'killed', event_id: id, ...payload })
          }),
      }),
    )
    const repeated = async () => (await ctx.metrics.registry.metrics()).includes('job="killed",outcome="repeated"} 1')
    await until(repeated)
    await delivery.stop()
    expect(calls).toBe(0)
    expect(await effectsOf('killed')).toHaveLength(1)
    expect(await ctx.metrics.registry.metrics()).toMatch(/lemonnpie_jobs_stalled_total\{queue="queue-killed"\} 1$/m)
  })

  it('says how long events waited for their jobs, and jobs for a worker', async () => {
    const told = async (name: string): Promise<number> =>
      Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await ctx.metrics.registry.metrics())?.[1] ?? 0)
    const relayed = 'lemonnpie_relay_lag_seconds_count'
    const before = await told(relayed)
    const done: string[] = []
    await publishTitle(ctx, movieId(12))
    const delivery = ctx.start(reacting({ waited: async (_ctx, { payload }) => void done.push(payload.movie_id) }))
    await until(() => done.length === 1)
    await delivery.stop()
    expect((await told(relayed)) - before).toBe(1)
    expect(await told('lemonnpie_job_wait_seconds_count\\{queue="queue-waited"\\}')).toBe(1)
  })

  it('that dies between giving jobs and marking their events gives them again, and each is done once', async () => {
    const did: string[] = []
    const subscribers = reacting({ given: async (_ctx, { payload }) => void did.push(payload.movie_id) })
    const queues = openQueues(ctx, quick)
    await publishTitle(ctx, movieId(13))
    const dying = relayBatch(ctx, subscribers, async (queue, jobs) => {
      await queues.add(queue, jobs)
      throw new Error('it dies here')
    })
    await expect(dying).rejects.toThrow('it dies here')
    expect(await queues.counts('queue-given')).toMatchObject({ waiting: 1 })
    expect(await relayBatch(ctx, subscribers, queues.add)).toBe(1)
    expect(await queues.counts('queue-given')).toMatchObject({ waiting: 1 })
    const delivery = ctx.start(subscribers)
    await until(() => did.length > 0)
    await delivery.stop()
    await queues.close()
    expect(did).toEqual([movieId(13)])
  })

  it('goes on after the place of its jobs was away, and so do the events of meanwhile', async () => {
    const got: string[] = []
    const delivery = ctx.start(reacting({ outage: async (_ctx, { payload }) => void got.push(payload.movie_id) }))
    await publishTitle(ctx, movieId(10))
    await until(() => got.length === 1)
    await ctx.proxy.cut()
    await until(() => ctx.lines.some(({ msg }) => msg === 'the job queues do not answer'))
    await ctx.proxy.restore()
    await publishTitle(ctx, movieId(11))
    await until(() => got.length === 2)
    await delivery.stop()
    expect(got).toEqual([movieId(10), movieId(11)])
  })

  it('starts while the place of its jobs is away, and works once it is back', async () => {
    const got: string[] = []
    await publishTitle(ctx, movieId(20))
    await ctx.proxy.cut()
    const delivery = ctx.start(reacting({ early: async (_ctx, { payload }) => void got.push(payload.movie_id) }))
    await until(() => ctx.lines.some(({ msg }) => msg === 'events cannot be relayed; they stay in the outbox'))
    await ctx.proxy.restore()
    await until(() => got.length === 1)
    await delivery.stop()
    expect(ctx.lines.filter(({ msg }) => msg === 'events are relayed again')).toHaveLength(1)
  })

  it('can stop while the place of its jobs is away', async () => {
    const delivery = ctx.start(reacting({ 'stopped-away': async () => {} }))
    await publishTitle(ctx, movieId(25))
    await until(async () => (await ctx.metrics.registry.metrics()).includes('job="stopped-away",outcome="done"'))
    await ctx.proxy.cut()
    await delivery.stop()
    await ctx.proxy.restore()
  })
})

describe('the relay', () => {
  it('goes on when Postgres vanished without a word and is back', async () => {
    const direct = ctx.environment.DATABASE_URL!
    const proxy = await startTcpProxy(direct)
    const { db, pool } = openDb({ ...ctx, url: proxy.url, max: 2, applicationName: 'vanishing', queryTimeout: 500 })
    const added = new Set<unknown>()
    const add: Queues['add'] = async (_queue, jobs) => {
      for (const { data } of jobs) added.add((data as { payload: { movie_id: string } }).payload.movie_id)
    }
    const config = { ...ctx.config, DATABASE_URL: proxy.url }
    const relay = startRelay({ ...ctx, db, pool, config }, reacting({ vanished: async () => {} }), { add })
    try {
      await publishTitle(ctx, movieId(26))
      await until(() => added.has(movieId(26)))
      proxy.hang()
      await publishTitle(ctx, movieId(27))
      await until(() => ctx.lines.some(({ msg }) => msg === 'events cannot be relayed; they stay in the outbox'))
      await proxy.restore()
      await until(() => added.has(movieId(27)))
      const waiting = ctx.db.selectFrom('outbox_events').select('id').where('published_at', 'is', null)
      await until(async () => (await waiting.execute()).length === 0)
    } finally {
      await relay.stop()
      await proxy.stop()
      await db.destroy()
    }
  })
})

describe('jobs', () => {
  const due = () => sql`update outbox_events set recheck_at = now() where recheck_at is not null`.execute(ctx.db)

  it('that their queue has lost are made again, for whom they are missing', async () => {
    const calls: string[] = []
    const subscribers = reacting({
      'lost-a': async (_ctx, { payload }) => void calls.push(`a ${payload.movie_id}`),
      'lost-b': async (_ctx, { payload }) => void calls.push(`b ${payload.movie_id}`),
    })
    const queues = openQueues(ctx, quick)
    await publishTitle(ctx, movieId(30))
    await relayBatch(ctx, subscribers, queues.add)
    expect(await queues.counts('queue-lost-a')).toMatchObject({ waiting: 1 })
    await ctx.loseJobs()
    expect(await queues.counts('queue-lost-a')).toMatchObject({ waiting: 0 })
    const { event_id } = await ctx.db
      .selectFrom('outbox_events')
      .select('event_id')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow()
    await ctx.db.insertInto('handled_events').values({ consumer: 'lost-a', event_id }).execute()
    await recheckEvents(ctx, subscribers, queues)
    expect(await queues.counts('queue-lost-b')).toMatchObject({ waiting: 0 }) // not due yet
    await due()
    await recheckEvents(ctx, subscribers, queues)
    await due()
    await recheckEvents(ctx, subscribers, queues) // there already
    expect(await queues.counts('queue-lost-a')).toMatchObject({ waiting: 0 })
    expect(await queues.counts('queue-lost-b')).toMatchObject({ waiting: 1 })
    await queues.close()
    const delivery = ctx.start(subscribers)
    await until(() => calls.length > 0)
    await delivery.stop()
    expect(calls).toEqual([`b ${movieId(30)}`])
    await due()
    await recheckEvents(ctx, subscribers, queues)
    const row = await ctx.db.selectFrom('outbox_events').selectAll().where('event_id', '=', event_id).executeTakeFirst()
    expect(row).toMatchObject({ recheck_at: null, relayed_to: ['lost-a', 'lost-b'] })
  })

  it('of many events are made again some at a time', async () => {
    await sql`insert into outbox_events (name, payload, published_at, relayed_to, recheck_at)
      select 'title.created', jsonb_build_object('movie_id', uuidv7()), now() - interval '1 hour', '{many}', now()
      from generate_series(1, 700)`.execute(ctx.db)
    const added: number[] = []
    const add: Queues['add'] = async (queue, jobs) => void (queue === 'queue-many' && added.push(jobs.length))
    await recheckEvents(ctx, reacting({ many: async () => {} }), { add })
    expect(added.reduce((sum, few) => sum + few, 0)).toBe(700)
    expect(Math.max(...added)).toBeLessThanOrEqual(500)
    await sql`delete from outbox_events where relayed_to = '{many}'`.execute(ctx.db)
  })

  it('go with their events and marks when these are old, and not before', async () => {
    await sql`
      insert into outbox_events (name, payload, published_at, relayed_to, recheck_at)
      select 'title.updated', jsonb_build_object('old', name), now() - age, '{x}', recheck
      from (values
        ('handled, 8 days', interval '8 days', null),
        ('handled, 6 days', interval '6 days', null),
        ('unhandled, 8 days', interval '8 days', now()),
        ('unhandled, 15 days', interval '15 days', now())
      ) old (name, age, recheck)`.execute(ctx.db)
    await sql`insert into outbox_events (name, payload, created_at)
      values ('title.updated', '{"old": "unpublished"}', now() - interval '90 days')`.execute(ctx.db)
    await sql`insert into handled_events (consumer, event_id, handled_at)
      values ('pruned', uuidv7(), now() - interval '31 days'), ('pruned', uuidv7(), now() - interval '29 days')`.execute(
      ctx.db,
    )
    await pruneEvents(ctx)
    const { rows } = await sql<{ old: string }>`
      select payload ->> 'old' as old from outbox_events where payload ? 'old' order by id`.execute(ctx.db)
    expect(rows.map(({ old }) => old)).toEqual(['handled, 6 days', 'unhandled, 8 days', 'unpublished'])
    const marks = await ctx.db.selectFrom('handled_events').selectAll().where('consumer', '=', 'pruned').execute()
    expect(marks).toHaveLength(1)
    await sql`delete from outbox_events where payload ? 'old'`.execute(ctx.db)
  })
})
