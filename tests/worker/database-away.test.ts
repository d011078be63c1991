import pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { PermanentError } from '../../src/infra/permanent-error.ts'
import { Postponed } from '../../src/infra/postponed.ts'
import { runJob } from '../../src/worker/run-job.ts'
import { runSchedule } from '../../src/worker/run-schedule.ts'
import { postponedWhileAway } from '../../src/worker/while-database-away.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { cloneDatabase } from '../support/databases.ts'
import { movieId, reacting } from '../support/delivery.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

let ctx: TestContext
let proxy: TcpProxy
beforeAll(async () => {
  proxy = await startTcpProxy(await cloneDatabase())
  ctx = await testContext({ redis: 'off', env: { DATABASE_URL: proxy.url } })
  return async () => {
    await ctx[Symbol.asyncDispose]()
    await proxy.stop()
  }
})

const noMail = Object.assign(new Error('no mail'), { code: 'ECONNREFUSED' })
const subscribers = reacting({ mailing: () => Promise.reject(noMail) })
const data = { event: 'title.created', id: movieId(1), payload: { movie_id: movieId(2) }, request_id: null }
const job = () => postponedWhileAway(ctx, 'mailing', () => runJob(ctx, subscribers, { name: 'mailing', data }))
const schedules = [{ name: 'one', everyMinutes: 60, run: () => Promise.reject(new Error('no luck')) }]
const schedule = () =>
  postponedWhileAway(ctx, 'one', () => runSchedule(ctx, schedules, { name: 'one', data: {}, dueAt: Date.now() }))

describe('a job that fails', () => {
  it('while the database is away is postponed, whether it is of an event or of a schedule', async () => {
    await proxy.cut()
    await expect(job()).rejects.toThrow(Postponed)
    await expect(schedule()).rejects.toThrow(Postponed)
    await proxy.restore()
  })

  it('for its own reasons has failed', async () => {
    await expect(job()).rejects.toThrow('no mail')
    await expect(schedule()).rejects.toThrow('no luck')
    const invalid = () => ctx.pool.query('select 1 / 0').then(() => {})
    await expect(postponedWhileAway(ctx, 'invalid', invalid)).rejects.toMatchObject({ code: '22012' })
    const dead = () => Promise.reject(new PermanentError('no use'))
    await expect(postponedWhileAway(ctx, 'dead', dead)).rejects.toThrow(PermanentError)
  })

  it('because Postgres has no connection left is postponed', async () => {
    const url = new URL(ctx.config.DATABASE_URL)
    const role = `crowd_${process.pid}_${Math.random().toString(36).slice(2)}`
    await ctx.pool.query(`create role ${role} login password 'crowd' connection limit 0`)
    url.username = role
    url.password = 'crowd'
    const crowded = async () => {
      const client = new pg.Client({ connectionString: url.href })
      await client.connect()
    }
    await expect(crowded()).rejects.toMatchObject({ code: '53300' })
    await expect(postponedWhileAway(ctx, 'crowded', crowded)).rejects.toThrow(Postponed)
    await ctx.pool.query(`drop role ${role}`)
  })

  it('because its connection was ended by Postgres is postponed', async () => {
    const ended = () => ctx.pool.query('select pg_terminate_backend(pg_backend_pid())').then(() => {})
    await expect(postponedWhileAway(ctx, 'ended', ended)).rejects.toThrow(Postponed)
  })
})
