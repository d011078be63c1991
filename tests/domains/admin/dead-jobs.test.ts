import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { PermanentError } from '../../../src/infra/permanent-error.ts'
import { openQueues } from '../../../src/infra/queues.ts'
import { relayBatch } from '../../../src/worker/relay.ts'
import { recheckEvents } from '../../../src/worker/upkeep.ts'
import { makeAccount, makeSession } from '../../support/account-factory.ts'
import { testApp } from '../../support/context.ts'
import { makeDeadJobs } from '../../support/dead-job-factory.ts'
import {
  type DeliveryContext,
  deliveryContext,
  movieId,
  publishTitle,
  reacting,
  until,
} from '../../support/delivery.ts'
import { published } from '../../support/events.ts'

let ctx: DeliveryContext
let app: App
let admin: Awaited<ReturnType<typeof makeSession>>
beforeAll(async () => {
  ctx = await deliveryContext()
  app = await testApp(ctx)
  admin = await makeSession(ctx, app, await makeAccount(ctx.db, { role: 'admin' }))
  return () => ctx[Symbol.asyncDispose]()
})
beforeEach(() => ctx.loseJobs().catch(() => {}))

const ask = async (method: 'GET' | 'POST' | 'DELETE', path: string) => {
  const answer = await app.inject({ method, url: `/api/v1/admin/${path}`, headers: admin.headers })
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() }
}
const pathOf = (id: string): string => `job-queues/mail/dead-jobs/${encodeURIComponent(id)}`
const audited = async (id: string) =>
  ctx.db.selectFrom('audit_log').select(['action', 'actor_id', 'details']).where('target_id', '=', id).execute()

/** One event whose subscriber gives it up, until `mends` says otherwise. */
async function killOne(number: number, mends: () => boolean = () => false) {
  let calls = 0
  const handled: number[] = []
  const subscribers = reacting(
    {
      [`mail-${number}`]: async (_ctx, { payload }) => {
        calls += 1
        if (!mends()) throw new PermanentError('550 no such mailbox')
        handled.push(calls)
        expect(payload).toEqual({ movie_id: movieId(number) })
      },
    },
    'mail',
  )
  const delivery = ctx.start(subscribers)
  await publishTitle(ctx, movieId(number))
  await until(() =>
    ctx.lines.some(({ msg, job }) => String(msg).startsWith('a job is dead') && job === `mail-${number}`),
  )
  const { event_id } = await ctx.db
    .selectFrom('outbox_events')
    .select('event_id')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  return { delivery, subscribers, handled, event_id, id: `evt-${event_id}-mail-${number}` }
}

describe('a dead job', () => {
  it('is seen with what it carries and why it died', async () => {
    const { delivery, id, event_id } = await killOne(1)
    await delivery.stop()
    const { body } = await ask('GET', 'dead-jobs')
    expect(body).toEqual({
      data: [
        {
          id,
          queue: 'mail',
          name: 'mail-1',
          event: 'title.created',
          data: { event: 'title.created', id: event_id, payload: { movie_id: movieId(1) }, request_id: 'request-1' },
          reason: '550 no such mailbox',
          attempts: 1,
          added_at: expect.any(String),
          died_at: expect.any(String),
        },
      ],
      page: { limit: 20, next_cursor: null, total: null },
    })
    expect((await ask('GET', pathOf(id))).body).toEqual(body.data[0])
    const queues = (await ask('GET', 'job-queues')).body.data
    expect(queues.find(({ name }: { name: string }) => name === 'mail')).toMatchObject({
      dead: 1,
      concurrency: 5,
      rate: { jobs: 20, seconds: 1 },
    })
    const schedules = queues.find(({ name }: { name: string }) => name === 'schedules').schedules
    expect(schedules).toContainEqual({ name: 'prune-events', every_minutes: 60, next_at: expect.any(String) })
  })

  it('that is retried is done from its first attempt on, and written down', async () => {
    let mended = false
    const { delivery, id, handled, event_id } = await killOne(2, () => mended)
    mended = true
    expect(await ask('POST', `${pathOf(id)}/retry`)).toMatchObject({ status: 200, body: { id, attempts: 1 } })
    await until(() => handled.length === 1)
    await delivery.stop()
    expect((await ask('GET', pathOf(id))).status).toBe(404)
    expect(await audited(event_id)).toEqual([
      {
        action: 'job.retried',
        actor_id: admin.account.id,
        details: { queue: 'mail', job_id: id, job: 'mail-2', attempts: 1 },
      },
    ])
  })

  it('that was tried as often as it may is tried as often again when it is retried', async () => {
    let calls = 0
    const dead = () => ctx.lines.filter(({ msg, job }) => String(msg).startsWith('a job is dead') && job === 'mail-3')
    const handler = async () => {
      calls += 1
      throw new Error('again')
    }
    const delivery = ctx.start(reacting({ 'mail-3': handler }, 'mail'), { attempts: 2 })
    await publishTitle(ctx, movieId(3))
    await until(() => dead().length === 1)
    const [{ id }] = (await ask('GET', 'dead-jobs')).body.data
    await ask('POST', `${pathOf(id)}/retry`)
    await until(() => dead().length === 2)
    await delivery.stop()
    expect(calls).toBe(4)
    expect((await ask('GET', pathOf(id))).body.attempts).toBe(2)
  })

  it('that is dropped is gone for good, and not made again by whoever looks for lost jobs', async () => {
    const { delivery, subscribers, id, event_id } = await killOne(4)
    await delivery.stop()
    const kept = await killOne(5)
    await kept.delivery.stop()
    expect((await ask('DELETE', pathOf(id))).status).toBe(204)
    await sql`update outbox_events set recheck_at = now() where recheck_at is not null`.execute(ctx.db)
    const queues = openQueues(ctx)
    await recheckEvents(ctx, { ...subscribers }, queues)
    expect(await queues.counts('mail')).toMatchObject({ waiting: 0, delayed: 0, failed: 1 })
    await queues.close()
    const { recheck_at } = await ctx.db
      .selectFrom('outbox_events')
      .select('recheck_at')
      .where('event_id', '=', event_id)
      .executeTakeFirstOrThrow()
    expect(recheck_at).toBeNull()
    expect(await audited(event_id)).toMatchObject([{ action: 'job.dropped', actor_id: admin.account.id }])
    expect(await published(ctx, 'job.dropped')).toContainEqual({
      job: 'mail-4',
      event: 'title.created',
      payload: { movie_id: movieId(4) },
    })
    expect((await ask('DELETE', pathOf(id))).status).toBe(404)
    expect((await ask('GET', 'dead-jobs')).body.data.map((job: { id: string }) => job.id)).toEqual([kept.id])
  })

  it('of a schedule can be retried and dropped too, and marks nothing', async () => {
    let runs = 0
    const broken = {
      name: 'broken-one',
      everyMinutes: 60,
      run: async () => {
        runs += 1
        throw new PermanentError('no luck')
      },
    }
    const delivery = ctx.start(reacting({}), {}, { schedules: [broken] })
    const listed = async () => (await ask('GET', 'dead-jobs?queue=schedules')).body.data
    await until(async () => (await listed()).length === 1)
    const [{ id, name, event, data }] = await listed()
    expect([name, event, data]).toEqual(['broken-one', null, {}])
    const path = `job-queues/schedules/dead-jobs/${encodeURIComponent(id)}`
    expect((await ask('POST', `${path}/retry`)).status).toBe(200)
    await until(() => runs === 2)
    await until(async () => (await listed()).length === 1)
    await delivery.stop()
    const marks = await ctx.db.selectFrom('handled_events').selectAll().execute()
    expect((await ask('DELETE', path)).status).toBe(204)
    expect(await ctx.db.selectFrom('handled_events').selectAll().execute()).toEqual(marks)
  })

  it('that is not there is a 404, in whatever queue, and a job that is not dead is none', async () => {
    const queues = openQueues(ctx)
    const subscribers = reacting({ 'mail-6': async () => {} }, 'mail')
    await publishTitle(ctx, movieId(6))
    await relayBatch(ctx, subscribers, queues.add)
    const { event_id } = await ctx.db
      .selectFrom('outbox_events')
      .select('event_id')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow()
    for (const path of [pathOf(`evt-${event_id}-mail-6`), pathOf('evt-no'), 'job-queues/no-queue/dead-jobs/evt-no']) {
      expect((await ask('GET', path)).status).toBe(404)
      expect((await ask('POST', `${path}/retry`)).status).toBe(404)
      expect((await ask('DELETE', path)).status).toBe(404)
    }
    expect(await queues.counts('mail')).toMatchObject({ waiting: 1 })
    expect(await audited(event_id)).toEqual([])
    await queues.close()
  })

  it('is retried or dropped once when two ask at the same moment', async () => {
    const [id = ''] = await makeDeadJobs(ctx, 1)
    const answers = await Promise.all(
      [1, 2, 3, 4].map((each) => ask(each % 2 ? 'DELETE' : 'POST', each % 2 ? pathOf(id) : `${pathOf(id)}/retry`)),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status < 300).length, statuses.join()).toBeGreaterThanOrEqual(1)
    expect(
      statuses.every((status) => [200, 204, 404, 409].includes(status)),
      statuses.join(),
    ).toBe(true)
    const actions = (await audited(id.slice(4, 40))).map(({ action }) => action)
    expect(actions).toHaveLength(statuses.filter((status) => status < 300).length)
  })
})

describe('the list of dead jobs', () => {
  const walk = async (limit: number, between: (page: number) => Promise<unknown> = async () => {}) => {
    const ids: string[] = []
    let cursor: string | null = null
    for (let page = 0; page < 50; page += 1) {
      const { status, body } = await ask('GET', `dead-jobs?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`)
      expect(status, JSON.stringify(body)).toBe(200)
      ids.push(...body.data.map((job: { id: string }) => job.id))
      cursor = body.page.next_cursor
      if (cursor === null) return ids
      await between(page)
    }
    throw new Error('the list does not end')
  }

  it('is paged, the last that died first, each once', async () => {
    const first = await makeDeadJobs(ctx, 7)
    const second = await makeDeadJobs(ctx, 6)
    const ids = await walk(3)
    expect(ids.slice(0, 6).sort()).toEqual(second.sort())
    expect(ids.slice(6).sort()).toEqual(first.sort())
  })

  it('neither leaves out nor repeats what was there all along when others die and go meanwhile', async () => {
    const staying = await makeDeadJobs(ctx, 12)
    const going = await makeDeadJobs(ctx, 8)
    const ids = await walk(4, async (page) => {
      if (page === 1) for (const id of going.slice(0, 5)) expect((await ask('DELETE', pathOf(id))).status).toBe(204)
      if (page === 2) await makeDeadJobs(ctx, 9)
    })
    expect(ids.filter((id) => staying.includes(id)).sort()).toEqual(staying.sort())
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('refuses a queue that there is not, and a cursor of another list', async () => {
    await makeDeadJobs(ctx, 2)
    expect((await ask('GET', 'dead-jobs?queue=none')).status).toBe(422)
    const { next_cursor } = (await ask('GET', 'dead-jobs?limit=1')).body.page
    expect((await ask('GET', `dead-jobs?limit=1&queue=mail&cursor=${next_cursor}`)).status).toBe(422)
    expect((await ask('GET', `dead-jobs?cursor=${randomUUID()}`)).status).toBe(422)
  })
})

it('the queues being away is a 503, and nothing is written down', async () => {
  const [id = ''] = await makeDeadJobs(ctx, 1)
  expect((await ask('GET', pathOf(id))).status).toBe(200)
  await ctx.proxy.cut()
  const answers = await Promise.all([ask('GET', 'dead-jobs'), ask('GET', 'job-queues'), ask('DELETE', pathOf(id))])
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503])
  await ctx.proxy.restore()
  await until(async () => (await ask('GET', pathOf(id))).status === 200)
  expect(await audited(id.slice(4, 40))).toEqual([])
})
