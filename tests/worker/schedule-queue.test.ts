import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PermanentError } from '../../src/infra/permanent-error.ts'
import { Postponed } from '../../src/infra/postponed.ts'
import { listRepeated } from '../../src/infra/queue-schedules.ts'
import { openQueues } from '../../src/infra/queues.ts'
import { openWorkLock } from '../../src/infra/work-lock.ts'
import { scheduleQueue } from '../../src/lib/queue-table.ts'
import { runSchedule } from '../../src/worker/run-schedule.ts'
import { schedules as ours, type Schedule } from '../../src/worker/schedules.ts'
import { type DeliveryContext, deliveryContext, reacting, until } from '../support/delivery.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

let ctx: DeliveryContext
beforeAll(async () => {
  ctx = await deliveryContext()
})
afterAll(() => ctx[Symbol.asyncDispose]())
beforeEach(() => {
  ctx.lines.length = 0
})

const hour = 60
/** In minutes: a look, or a run, five times a second. */
const instant = 0.2 / 60

const start = (schedules: readonly Schedule[], lookMinutes = instant) =>
  ctx.start(reacting({}), {}, { schedules, lookMinutes })

const namesInQueue = async (): Promise<string[]> => {
  const queues = openQueues(ctx)
  const all = await listRepeated(await queues.queueOf(scheduleQueue))
  await queues.close()
  return all.map(({ key }) => key).sort()
}
const outcomes = async (job: string): Promise<Record<string, number>> => {
  const { values } = await ctx.metrics.jobs.get()
  const all = values.map(({ labels, value }) => ({ ...(labels as { job: string; outcome: string }), value }))
  return Object.fromEntries(all.filter((one) => one.job === job).map(({ outcome, value }) => [outcome, value]))
}

describe('a schedule', () => {
  it('runs once each time, however many workers there are, and not again because one more starts', async () => {
    const runs: number[] = []
    const hourly = { name: 'hourly', everyMinutes: hour, run: async () => void runs.push(Date.now()) }
    const often = { name: 'often', everyMinutes: instant, run: async () => {} }
    const all = [start([hourly, often]), start([hourly, often]), start([hourly, often])]
    await until(async () => ((await outcomes('often')).done ?? 0) >= 5)
    all.push(start([hourly, often]))
    const before = (await outcomes('often')).done!
    await until(async () => (await outcomes('often')).done! >= before + 5)
    await Promise.all(all.map(({ stop }) => stop()))
    expect(runs).toHaveLength(1)
  })

  it('does not overlap with itself when a run takes longer than it is until the next', async () => {
    let running = 0
    let most = 0
    let runs = 0
    const slow = {
      name: 'slow',
      everyMinutes: instant,
      run: async () => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setTimeout(resolve, 500))
        running -= 1
        runs += 1
      },
    }
    const both = [start([slow]), start([slow])]
    await until(() => runs >= 3)
    await Promise.all(both.map(({ stop }) => stop()))
    expect(most).toBe(1)
    expect((await outcomes('slow')).skipped).toBeGreaterThan(0)
  })

  it('is put back when the queue has lost it', async () => {
    let runs = 0
    const { stop } = start([{ name: 'lost', everyMinutes: hour, run: async () => void runs++ }])
    await until(() => runs === 1)
    await ctx.loseJobs()
    await until(() => runs === 2)
    await stop()
    expect(await namesInQueue()).toContain('lost')
  })

  it('survives an outage of the place of its queue', async () => {
    let runs = 0
    const { stop } = start([{ name: 'outage', everyMinutes: instant, run: async () => void runs++ }])
    await until(() => runs > 0)
    await ctx.proxy.cut()
    await until(() => ctx.lines.some(({ msg }) => msg === 'schedules cannot be kept; those in the queue go on'))
    await ctx.proxy.restore()
    const before = runs
    await until(() => runs > before + 1)
    await until(() => ctx.lines.some(({ msg }) => msg === 'schedules are kept again'))
    await stop()
  })

  it('that the code has no more is taken out of the queue', async () => {
    const first = start([{ name: 'former', everyMinutes: instant, run: async () => {} }])
    await until(async () => ((await outcomes('former')).done ?? 0) > 0)
    await first.stop()
    const second = start([{ name: 'present', everyMinutes: hour, run: async () => {} }])
    await until(async () => ((await outcomes('present')).done ?? 0) > 0)
    await second.stop()
    expect(await namesInQueue()).toEqual(['present', 'prune-events', 'recheck-events'])
  })

  it('with another interval than before is changed', async () => {
    let runs = 0
    const every = (everyMinutes: number) => [{ name: 'changed', everyMinutes, run: async () => void runs++ }]
    const first = start(every(hour))
    await until(() => runs === 1)
    await first.stop()
    const second = start(every(2 * hour))
    const queues = openQueues(ctx)
    const interval = async () =>
      (await listRepeated(await queues.queueOf(scheduleQueue))).find(({ key }) => key === 'changed')?.every
    await until(async () => (await interval()) === 2 * hour * 60_000)
    await queues.close()
    await second.stop()
  })

  it('that fails is told by name, is tried again, and does not keep its next time from coming', async () => {
    let runs = 0
    const broken = {
      name: 'broken',
      everyMinutes: instant,
      run: async () => {
        runs += 1
        if (runs === 1) throw new Error('no luck')
      },
    }
    const { stop } = start([broken])
    await until(() => runs > 2)
    await stop()
    expect(
      ctx.lines.filter(({ msg, job }) => msg === 'a job failed and will be tried again' && job === 'broken'),
    ).toEqual([expect.objectContaining({ attempt: 1, err: expect.objectContaining({ message: 'no luck' }) })])
    expect((await outcomes('broken')).failed).toBe(1)
  })

  it('is waited for when the worker stops', async () => {
    const begun = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    let finished = false
    const { stop } = start([
      {
        name: 'waited',
        everyMinutes: hour,
        run: async () => {
          begun.resolve()
          await go.promise
          finished = true
        },
      },
    ])
    await begun.promise
    const stopped = stop().then(() => finished)
    go.resolve()
    expect(await stopped).toBe(true)
  })
})

describe('the lock of some work', () => {
  const vanishing = async () => {
    const proxy = await startTcpProxy(ctx.environment.DATABASE_URL!)
    const lock = await openWorkLock({ ...ctx, config: { ...ctx.config, DATABASE_URL: proxy.url } })
    expect(await lock.take('vanishing')).toBe(true)
    return { proxy, lock }
  }

  it('is given up when Postgres does not answer any more', async () => {
    const { proxy, lock } = await vanishing()
    proxy.hang()
    await lock.release()
    await proxy.stop()
  })
})

describe('a run', () => {
  const run = (schedule: Partial<Schedule>, dueAt = Date.now(), data: object = {}) =>
    runSchedule(ctx, [{ name: 'one', everyMinutes: hour, run: async () => {}, ...schedule }], {
      name: 'one',
      data,
      dueAt,
    })

  it('of a heavy one waits for its turn while another heavy one runs, until it is due again itself', async () => {
    const lock = await openWorkLock(ctx)
    expect(await lock.take('heavy')).toBe(true)
    await expect(run({ heavy: true })).rejects.toThrow(Postponed)
    await run({ heavy: true }, Date.now() - hour * 61_000)
    expect(await outcomes('one')).toEqual({ skipped: 1 })
    await run({}) // a light one does not wait
    await lock.release()
    await run({ heavy: true })
    expect(await outcomes('one')).toEqual({ skipped: 1, done: 2 })
  })

  it('takes no data, and nothing of a schedule that nobody knows', async () => {
    await expect(run({}, Date.now(), { days: 3 })).rejects.toThrow(PermanentError)
    const unknown = run({ name: 'another' }).catch((error) => error)
    expect(await unknown).toMatchObject({ message: 'nobody knows a schedule one' })
    expect(await unknown).not.toBeInstanceOf(PermanentError)
  })

  it('gives its lock back when it fails', async () => {
    await expect(run({ heavy: true, run: () => Promise.reject(new Error('no')) })).rejects.toThrow('no')
    const { rows } = await sql`select from pg_locks where locktype = 'advisory' and database = (
      select oid from pg_database where datname = current_database())`.execute(ctx.db)
    expect(rows).toEqual([])
    await run({ heavy: true })
  })
})

describe('our schedules', () => {
  it('have names that jobs can have, each once, and intervals of a minute or more', () => {
    const names = [...ours.map(({ name }) => name), 'prune-events', 'recheck-events']
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]*$/)
    for (const { everyMinutes } of ours) expect(everyMinutes).toBeGreaterThanOrEqual(1)
  })
})
