import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { firstTime } from '../../src/infra/handled-events.ts'
import { publish } from '../../src/infra/outbox.ts'
import { PermanentError } from '../../src/infra/permanent-error.ts'
import { Postponed } from '../../src/infra/postponed.ts'
import { openQueues } from '../../src/infra/queues.ts'
import { inTx } from '../../src/infra/tx.ts'
import { runJob } from '../../src/worker/run-job.ts'
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

let ctx: DeliveryContext
beforeAll(async () => {
  ctx = await deliveryContext()
})
afterAll(() => ctx[Symbol.asyncDispose]())
let next = 0
let movie = ''
beforeEach(() => {
  next += 1_000
  movie = movieId(next)
})

const logged = (msg: string, job: string) => ctx.lines.filter((line) => line.msg === msg && line.job === job)
const counted = async (job: string, outcome: string): Promise<number> => {
  const { values } = await ctx.metrics.jobs.get()
  const isIt = (labels: object) => JSON.stringify(labels) === JSON.stringify({ job, outcome })
  return values.find(({ labels }) => isIt(labels))?.value ?? 0
}

describe('an event', () => {
  it('reaches each of its subscribers once, with its payload, its id and the request it follows from', async () => {
    const got: unknown[] = []
    const delivery = ctx.start(
      reacting({
        'first-one': async ({ log }, event) => {
          log.info('seen')
          got.push(['first-one', event])
        },
        'second-one': async (_ctx, event) => void got.push(['second-one', event]),
      }),
    )
    await publishTitle(ctx, movie)
    await until(() => got.length === 2)
    await delivery.stop()
    const { event_id } = await ctx.db
      .selectFrom('outbox_events')
      .select('event_id')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow()
    expect(got.sort()).toEqual([
      ['first-one', { id: event_id, payload: { movie_id: movie } }],
      ['second-one', { id: event_id, payload: { movie_id: movie } }],
    ])
    expect(logged('seen', 'first-one')).toEqual([
      expect.objectContaining({ event: 'title.created', event_id, request_id: 'request-1' }),
    ])
    expect(await counted('first-one', 'done')).toBe(1)
  })

  it('that was rolled back reaches nobody', async () => {
    const got: string[] = []
    const delivery = ctx.start(
      reacting({ 'rolled-back': async (_ctx, { payload }) => void got.push(payload.movie_id) }),
    )
    const work = inTx(ctx, async (tx) => {
      await publish(tx, 'title.created', { movie_id: movieId(1) })
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    await publishTitle(ctx, movie)
    await until(() => got.length > 0)
    await delivery.stop()
    expect(got).toEqual([movie])
  })

  it('that nobody reacts to is published all the same', async () => {
    const delivery = ctx.start(reacting({}))
    await publishTitle(ctx, movie)
    const row = () =>
      ctx.db.selectFrom('outbox_events').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()
    await until(async () => (await row()).published_at !== null)
    await delivery.stop()
    expect(await row()).toMatchObject({ relayed_to: [], recheck_at: null })
  })

  it('reaches each subscriber once when two processes relay and work at the same time', async () => {
    const calls: string[] = []
    const subscribers = reacting({
      'pair-a': async (_ctx, { payload }) => void calls.push(`a ${payload.movie_id}`),
      'pair-b': async (_ctx, { payload }) => void calls.push(`b ${payload.movie_id}`),
    })
    const ids = Array.from({ length: 250 }, (_, index) => movieId(next + index))
    await inTx(ctx, async (tx) => {
      for (const movie_id of ids) await publish(tx, 'title.created', { movie_id })
    })
    const both = [ctx.start(subscribers), ctx.start(subscribers)]
    await until(() => calls.length >= 500)
    await Promise.all(both.map(({ stop }) => stop()))
    expect(calls.sort()).toEqual(['a', 'b'].flatMap((one) => ids.map((id) => `${one} ${id}`)).sort())
  })
})

describe('a handler', () => {
  it('that fails twice and then succeeds has one effect', async () => {
    let calls = 0
    const delivery = ctx.start(
      reacting({
        'third-time': (jobCtx, { id, payload }) =>
          inTx(jobCtx, async (tx) => {
            if (!(await firstTime(tx.db, 'third-time', id))) return
            await addEffect(tx.db, { consumer: 'third-time', event_id: id, ...payload })
            calls += 1
            if (calls < 3) throw new Error(`failure ${calls}`)
          }),
      }),
    )
    await publishTitle(ctx, movie)
    await until(() => calls === 3)
    await delivery.stop()
    expect((await effects(ctx)).filter(({ consumer }) => consumer === 'third-time')).toHaveLength(1)
    expect(logged('a job failed and will be tried again', 'third-time')).toMatchObject([
      { attempt: 1, err: { message: 'failure 1' }, event: 'title.created', request_id: 'request-1' },
      { attempt: 2, err: { message: 'failure 2' } },
    ])
    expect([await counted('third-time', 'failed'), await counted('third-time', 'done')]).toEqual([2, 1])
  })

  it('that always fails is given up after its attempts, and told', async () => {
    let calls = 0
    const delivery = ctx.start(
      reacting({
        'never-well': async () => {
          calls += 1
          throw new Error('again')
        },
      }),
      { attempts: 3 },
    )
    await publishTitle(ctx, movie)
    const dead = () => logged('a job is dead: it will not be tried again', 'never-well')
    await until(() => dead().length > 0)
    await delivery.stop()
    expect(calls).toBe(3)
    expect(dead()).toMatchObject([{ level: 'error', attempt: 3, err: { message: 'again' } }])
    expect(await counted('never-well', 'dead')).toBe(1)
  })

  it('that says that trying again would not help is not tried again', async () => {
    let calls = 0
    const delivery = ctx.start(
      reacting({
        'for-good': async () => {
          calls += 1
          throw new PermanentError('the address does not exist')
        },
      }),
    )
    await publishTitle(ctx, movie)
    const dead = () => logged('a job is dead: it will not be tried again', 'for-good')
    await until(() => dead().length > 0)
    await delivery.stop()
    expect(calls).toBe(1)
    expect(dead()).toMatchObject([{ attempt: 1, err: { message: 'the address does not exist' } }])
  })

  it('of a subscriber that a newer version has is left for that version', async () => {
    const data = { event: 'title.created', id: crypto.randomUUID(), payload: { movie_id: movie }, request_id: null }
    const failure = await runJob(ctx, reacting({}), { name: 'newer', data }).catch((error) => error)
    expect(failure).toMatchObject({ message: 'nobody called newer reacts to title.created' })
    expect(failure).not.toBeInstanceOf(PermanentError)
  })

  it('is not called with a payload that is not its event’s: the job is dead, and the log says why', async () => {
    let calls = 0
    const delivery = ctx.start(reacting({ picky: async () => void calls++ }))
    await ctx.db
      .insertInto('outbox_events')
      .values({ name: 'title.created', payload: JSON.stringify({ movie_id: 'seventeen', secret: 'x' }) })
      .execute()
    const dead = () => logged('a job is dead: it will not be tried again', 'picky')
    await until(() => dead().length > 0)
    await delivery.stop()
    expect(calls).toBe(0)
    expect(dead()).toMatchObject([
      { err: { message: expect.stringContaining('the payload of title.created is wrong') }, attempt: 1 },
    ])
  })
})

describe('a queue', () => {
  const options = { onFailed: () => {}, onStalled: () => {} }
  const jobs = (howMany: number) =>
    Array.from({ length: howMany }, (_, index) => ({ id: `evt-${next}-${index}`, name: 'any', data: {} }))

  it('begins no more jobs than its rate allows, whichever process they are done by', async () => {
    const [one, other] = [openQueues(ctx, quick), openQueues(ctx, quick)]
    await one.add('limited', jobs(9))
    let begun = 0
    const rate = { jobs: 4, seconds: 3_600 }
    const working = [one, other].map((queues) =>
      queues.work('limited', { ...options, concurrency: 3, rate }, async () => void begun++),
    )
    await until(() => begun === 4)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect([begun, (await one.counts('limited')).waiting]).toEqual([4, 5])
    await Promise.all(working.map(({ stop }) => stop()))
    await Promise.all([one.close(), other.close()])
  })

  it('has no more of them done at a time than it says', async () => {
    const queues = openQueues(ctx, quick)
    await queues.add('narrow', jobs(12))
    const seen: number[] = []
    const three = Promise.withResolvers<void>()
    let running = 0
    const { stop } = queues.work('narrow', { ...options, concurrency: 3, rate: null }, async () => {
      running += 1
      seen.push(running)
      // However long it takes to begin them.
      if (running === 3) three.resolve()
      await three.promise
      await new Promise((resolve) => setTimeout(resolve, 20))
      running -= 1
    })
    await until(() => seen.length === 12)
    await stop()
    await queues.close()
    expect(Math.max(...seen)).toBe(3)
  })

  it('puts off what is not for now, which is no failed attempt', async () => {
    const queues = openQueues(ctx, { ...quick, attempts: 1 })
    await queues.add('later', jobs(1))
    const attempts: number[] = []
    let failures = 0
    const watched = { concurrency: 1, rate: null, onFailed: () => void failures++, onStalled: () => {} }
    const { stop } = queues.work('later', watched, async ({ attempt }) => {
      attempts.push(attempt)
      if (attempts.length < 3) throw new Postponed(20)
    })
    await until(() => attempts.length === 3)
    await stop()
    expect(await queues.counts('later')).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 })
    await queues.close()
    expect([attempts, failures]).toEqual([[1, 1, 1], 0])
  })
})

describe('stopping', () => {
  it('waits for the jobs that are being done, and begins no other', async () => {
    const started = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const done: string[] = []
    const delivery = ctx.start(
      reacting({
        slow: async (_ctx, { payload }) => {
          started.resolve()
          await go.promise
          done.push(payload.movie_id)
        },
      }),
    )
    await publishTitle(ctx, movie)
    await started.promise
    let stopped = false
    const stopping = delivery.stop().then(() => {
      stopped = true
    })
    await publishTitle(ctx, movieId(next + 1))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect([stopped, done]).toEqual([false, []])
    go.resolve()
    await stopping
    expect(done).toEqual([movie])
    const left = await ctx.db.selectFrom('outbox_events').select('id').where('published_at', 'is', null).execute()
    expect(left).toHaveLength(1)
    await ctx.db.deleteFrom('outbox_events').where('published_at', 'is', null).execute()
  })
})
