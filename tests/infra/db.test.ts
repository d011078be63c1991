import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Db, named, openDb, queryNameOf } from '../../src/infra/db.ts'
import { openLog } from '../../src/infra/logger.ts'
import { openMetrics } from '../../src/infra/metrics.ts'
import { cloneDatabase, withClient } from '../support/databases.ts'

const log = openLog({ LOG_LEVEL: 'silent' })
const metrics = openMetrics()

let url: string
let db: Db

beforeAll(async () => {
  url = await cloneDatabase()
  db = openDb({ url, max: 2, applicationName: 'test-db', log, metrics }).db
})
afterAll(() => db.destroy())

const select = async (expression: string): Promise<unknown> => {
  const { rows } = await sql<{ value: unknown }>`select ${sql.raw(expression)} as value`.execute(db)
  return rows[0]?.value
}

describe('a value', () => {
  it.each([
    ["timestamptz '2026-11-21 09:00:00.123456+01'", '2026-11-21T08:00:00.123456Z'],
    ["timestamptz '2026-11-21 09:00:00+00'", '2026-11-21T09:00:00Z'],
    ["timestamp '2026-11-21 09:00:00.1'", '2026-11-21 09:00:00.1'],
    ["date '1992-11-01'", '1992-11-01'],
    ['9007199254740991::int8', 9_007_199_254_740_991],
    ['7.25::numeric(4, 2)', 7.25],
    ['null::timestamptz', null],
    ["array[timestamptz '2026-11-21 09:00:00.123456+01', null]", ['2026-11-21T08:00:00.123456Z', null]],
    ["array[date '1992-11-01']", ['1992-11-01']],
    ['array[1, 2]::int8[]', [1, 2]],
    ['array[1.5, null]::numeric[]', [1.5, null]],
    ["array['Yorùbá', 'a,\"b\"']", ['Yorùbá', 'a,"b"']],
    [`'{"n": 1}'::jsonb`, { n: 1 }],
    ['true', true],
  ])('%s is %j', async (expression, value) => {
    expect(await select(expression)).toEqual(value)
  })

  it('is sent as it is read', async () => {
    const at = '2026-11-21T08:00:00.123456Z'
    const { rows } = await sql`select ${at}::timestamptz as at, ${['a', 'b']}::text[] as list`.execute(db)
    expect(rows).toEqual([{ at, list: ['a', 'b'] }])
  })
})

describe('a connection', () => {
  it.each([
    ['statement_timeout', '10s'],
    ['lock_timeout', '5s'],
    ['idle_in_transaction_session_timeout', '15s'],
    ['TimeZone', 'UTC'],
    ['jit', 'off'],
    ['application_name', 'test-db'],
  ])('has %s %s', async (setting, value) => {
    expect(await select(`current_setting('${setting}')`)).toBe(value)
  })

  it('is made anew when Postgres has dropped it while it was idle', async () => {
    const warned = vi.spyOn(log, 'warn')
    const pid = await select('pg_backend_pid()')
    await withClient(url, (client) =>
      client.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test-db' and datname = current_database()",
      ),
    )
    await vi.waitFor(
      () => expect(warned).toHaveBeenCalledWith(expect.anything(), 'an idle database connection was lost'),
      10_000,
    )
    expect(await select('pg_backend_pid()')).not.toBe(pid)
  })

  it('is not waited for when there is none to be had', async () => {
    const opened = openDb({ url: 'postgres://nobody@127.0.0.1:1/none', max: 1, applicationName: 'test', log, metrics })
    await expect(sql`select 1`.execute(opened.db)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await opened.db.destroy()
  })
})

describe('the name of a query', () => {
  it('is read from its text', () => {
    const { sql: text } = db.selectFrom('languages').modifyFront(named('listLanguages')).select('code').compile()
    expect(text).toBe('select /* listLanguages */ "code" from "languages"')
    expect(queryNameOf(text)).toBe('listLanguages')
    expect(queryNameOf('select 1')).toBe('unnamed')
  })

  it('cannot end its comment', () => {
    expect(() => named('a */ drop table movies')).toThrow('cannot name a query')
  })

  it('is what its time is measured under, in seconds', async () => {
    await db.selectFrom('languages').modifyFront(named('measuredQuery')).select('code').execute()
    const failing = db.selectFrom('languages').modifyFront(named('failingQuery')).select(sql`1 / 0`.as('n'))
    await db.insertInto('languages').values({ code: 'yo', name: 'Yorùbá' }).execute()
    await expect(failing.execute()).rejects.toMatchObject({ code: '22012' })
    const text = await metrics.registry.metrics()
    expect(text).toContain('lemonnpie_query_duration_seconds_count{query="measuredQuery"} 1')
    expect(text).toContain('lemonnpie_query_duration_seconds_count{query="failingQuery"} 1')
    expect(text).toContain('lemonnpie_query_duration_seconds_bucket{le="2.5",query="measuredQuery"} 1')
  })
})
