import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it, onTestFinished, vi } from 'vitest'
import { type Hot, openHot } from '../../src/infra/hot.ts'
import { compileHot } from '../../src/infra/hot-query.ts'
import { openLog } from '../../src/infra/logger.ts'
import { type Metrics, openMetrics } from '../../src/infra/metrics.ts'
import { cloneDatabase, withClient } from '../support/databases.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const away = expect.objectContaining({ code: 'service_unavailable', status: 503 })
const log = openLog({ LOG_LEVEL: 'silent' })
const one = { name: 'selectOne', text: 'select $1::int as one' }

let url: string
let proxy: TcpProxy
let metrics: Metrics
let hot: Hot

beforeAll(async () => {
  url = await cloneDatabase()
  proxy = await startTcpProxy(url)
})
afterAll(() => proxy.stop())

function open(at: string): Hot {
  const opened = openHot({ url: at, applicationName: 'test', log, metrics, silenceMilliseconds: 1_500 })
  onTestFinished(() => opened.close())
  return opened
}

beforeEach(async () => {
  metrics = openMetrics()
  await proxy.restore()
  hot = open(proxy.url)
})

/** Runs statements by somebody else. */
const elsewhere = (text: string) => withClient(url, (client) => client.query(text))
const connections = async (): Promise<number | null> =>
  (
    await elsewhere(
      "select from pg_stat_activity where application_name = 'test-hot' and datname = current_database() and state is not null",
    )
  ).rowCount

describe('a hot query', () => {
  it('answers its rows, with dates and numbers as everywhere', async () => {
    const text =
      "select $1::text as word, timestamptz '2026-11-21 09:00:00.123456+01' as at, date '2022-09-30' as released, 12::int8 as votes, 3.5::numeric as score"
    expect(await hot.query({ name: 'everyType', text }, ['Aníkúlápó'])).toEqual([
      { word: 'Aníkúlápó', at: '2026-11-21T08:00:00.123456Z', released: '2022-09-30', votes: 12, score: 3.5 },
    ])
  })

  it('answers each its own, thousands at once over two connections', async () => {
    const all = await Promise.all(Array.from({ length: 5_000 }, (_, index) => hot.query(one, [index])))
    expect(all).toEqual(Array.from({ length: 5_000 }, (_, index) => [{ one: index }]))
    expect(await connections()).toBe(2)
  })

  it('is prepared once on a connection', async () => {
    for (let round = 0; round < 10; round++) await hot.query(one, [round])
    const prepared = {
      name: 'prepared',
      text: 'select name, generic_plans + custom_plans as plans from pg_prepared_statements',
    }
    const statements = await hot.query<{ name: string; plans: number }>(prepared, [])
    expect(statements.filter(({ name }) => name === one.name)).toEqual([{ name: one.name, plans: expect.any(Number) }])
  })

  it('goes to the connection that has the least to do', async () => {
    await hot.query(one, [1])
    await vi.waitFor(async () => expect(await connections()).toBe(2), 10_000)
    const slow = hot.query({ name: 'slow', text: 'select pg_sleep(1)' }, [])
    const finished = vi.fn()
    void slow.then(finished)
    for (let round = 0; round < 20; round++) await hot.query(one, [round])
    expect(finished).not.toHaveBeenCalled()
    await slow
  })

  it('passes on what Postgres says, and harms no other on the way', async () => {
    const divide = { name: 'divide', text: 'select 1 / $1::int as share' }
    const shares = [1, 0, 2, 0, 1].map((by) => hot.query(divide, [by]))
    expect(await Promise.allSettled(shares)).toEqual([
      { status: 'fulfilled', value: [{ share: 1 }] },
      { status: 'rejected', reason: expect.objectContaining({ code: '22012' }) },
      { status: 'fulfilled', value: [{ share: 0 }] },
      { status: 'rejected', reason: expect.objectContaining({ code: '22012' }) },
      { status: 'fulfilled', value: [{ share: 1 }] },
    ])
  })

  it('survives a value that cannot be sent', async () => {
    await hot.query(one, [1])
    const circular: Record<string, unknown> = {}
    circular.self = circular
    await expect(hot.query(one, [circular])).rejects.toBeDefined()
    await vi.waitFor(async () => {
      const all = await Promise.all(Array.from({ length: 10 }, () => hot.query(one, [2])))
      expect(all).toEqual(Array(10).fill([{ one: 2 }]))
    }, 10_000)
  })

  it('counts a value that cannot be sent as one query, so that the work is still shared out', async () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    await hot.query(one, [1])
    await vi.waitFor(async () => expect(await connections()).toBe(2), 10_000)
    // Under a name of its own, since the connection loses the statement.
    for (let round = 0; round < 20; round++) {
      const refused = hot.query({ name: `refused${round}`, text: 'select $1::jsonb' }, [circular])
      await expect(refused).rejects.toBeDefined()
    }
    const slow = hot.query({ name: 'slow', text: 'select pg_sleep(1)' }, [])
    const finished = vi.fn()
    void slow.then(finished)
    for (let round = 0; round < 20; round++) await hot.query(one, [round])
    expect(finished).not.toHaveBeenCalled()
    await slow
  })

  it('recovers from a migration that changes the type of its answer', async () => {
    await elsewhere('create table changing (n int); insert into changing values (1)')
    const statement = { name: 'readChanging', text: 'select n from changing' }
    await Promise.all(Array.from({ length: 10 }, () => hot.query(statement, [])))
    await elsewhere('alter table changing alter n type text')
    await vi.waitFor(async () => expect(await hot.query(statement, [])).toEqual([{ n: '1' }]), 5_000)
  })

  it('has a time limit', async () => {
    expect(await hot.query({ name: 'limit', text: 'show statement_timeout' }, [])).toEqual([
      { statement_timeout: '3s' },
    ])
  })

  it('is measured under its name, in seconds', async () => {
    await hot.query({ name: 'measured', text: 'select pg_sleep(0.05)' }, [])
    await hot.query({ name: 'measured', text: 'select pg_sleep(0.05)' }, []).catch(() => {})
    const text = await metrics.registry.metrics()
    expect(text).toContain('lemonnpie_query_duration_seconds_count{query="measured"} 2')
    expect(text).toContain('lemonnpie_query_duration_seconds_bucket{le="0.025",query="measured"} 0')
    expect(text).toContain('lemonnpie_query_duration_seconds_bucket{le="+Inf",query="measured"} 2')
  })
})

describe('a lost connection', () => {
  it('costs what was on it a 503, and is made again', async () => {
    await hot.query(one, [1])
    await vi.waitFor(async () => expect(await connections()).toBe(2), 10_000)
    const slow = Array.from({ length: 2 }, () => hot.query({ name: 'slow', text: 'select pg_sleep(3)' }, []))
    const settled = Promise.allSettled(slow)
    await vi.waitFor(async () => {
      const { rowCount } = await elsewhere(
        "select from pg_stat_activity where query ~ '^select pg_sleep.3' and state = 'active' and datname = current_database()",
      )
      expect(rowCount).toBe(2)
    }, 10_000)
    await elsewhere(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test-hot' and datname = current_database()",
    )
    expect(await settled).toEqual(Array(2).fill({ status: 'rejected', reason: away }))
    await vi.waitFor(async () => expect(await hot.query(one, [2])).toEqual([{ one: 2 }]), 5_000)
    await vi.waitFor(async () => expect(await connections()).toBe(2), 5_000)
  })

  it('is a 503 at once while Postgres is away, and heals by itself', async () => {
    await hot.query(one, [1])
    await proxy.cut()
    await vi.waitFor(() => expect(hot.query(one, [2])).rejects.toEqual(away), 10_000)
    await proxy.restore()
    await vi.waitFor(async () => expect(await hot.query(one, [3])).toEqual([{ one: 3 }]), 10_000)
  })

  it('is noticed when it dies silently', async () => {
    await hot.query(one, [1])
    proxy.hang()
    await expect(hot.query(one, [2])).rejects.toEqual(away)
    await proxy.restore()
    await vi.waitFor(async () => expect(await hot.query(one, [3])).toEqual([{ one: 3 }]), 10_000)
  })
})

describe('the first query', () => {
  it('waits for a connection', async () => {
    await proxy.cut()
    const first = hot.query(one, [1])
    await proxy.restore()
    expect(await first).toEqual([{ one: 1 }])
  })

  it('is a 503 when none comes, and so is the next at once', async () => {
    await proxy.cut()
    await expect(hot.query(one, [1])).rejects.toEqual(away)
    await expect(hot.query(one, [1])).rejects.toEqual(away)
  })

  it('is a 503 after closing', async () => {
    await hot.close()
    await expect(hot.query(one, [1])).rejects.toEqual(away)
  })
})

describe('closing', () => {
  it('lets what is in flight finish', async () => {
    await hot.query(one, [1])
    const slow = hot.query({ name: 'slow', text: "select 'done' as word from pg_sleep(0.1)" }, [])
    await hot.close()
    expect(await slow).toEqual([{ word: 'done' }])
  })
})

describe('a statement compiled once', () => {
  const findLanguage = compileHot('findLanguage', (db, parameters: { code: string; names: string[] }) =>
    db
      .selectFrom('languages')
      .select(['code', 'name'])
      .where('name', '=', sql<string>`any(${parameters.names})`)
      .where('code', '=', parameters.code)
      .where('code', '<>', 'zz')
      .where((eb) => eb.or([eb('code', '=', parameters.code), eb('code', 'is', null)]))
      .limit(1),
  )

  it('is text with its name, and parameters in the order of the text', () => {
    expect(findLanguage.name).toBe('findLanguage')
    expect(findLanguage.text).toBe(
      '/* findLanguage */ select "code", "name" from "languages" where "name" = any($1) and "code" = $2 and "code" <> $3 and ("code" = $4 or "code" is null) limit $5',
    )
    expect(findLanguage.bind({ code: 'yo', names: ['Yorùbá'] })).toEqual([['Yorùbá'], 'yo', 'zz', 'yo', 1])
  })

  it('runs by the names of its parameters', async () => {
    await elsewhere("insert into languages values ('yo', 'Yorùbá'), ('ig', 'Igbo') on conflict do nothing")
    const names = ['Yorùbá', 'Igbo']
    expect(await hot.run(findLanguage, { code: 'yo', names })).toEqual([{ code: 'yo', name: 'Yorùbá' }])
    expect(await hot.run(findLanguage, { code: 'ig', names })).toEqual([{ code: 'ig', name: 'Igbo' }])
    expect(await hot.run(findLanguage, { code: 'ig', names: [] })).toEqual([])
  })

  it('knows the types of its parameters and rows', () => {
    const run = () => hot.run(findLanguage, { code: 'yo', names: [] })
    expectTypeOf(run).returns.resolves.toEqualTypeOf<Array<{ code: string; name: string }>>()
    expectTypeOf(findLanguage.bind).parameter(0).toEqualTypeOf<{ code: string; names: string[] }>()
  })

  it('can be raw SQL, with parameters taken apart', async () => {
    const add = compileHot('add', (db, { a, b }: { a: number; b: number }) =>
      sql<{ sum: number }>`select ${a}::int + ${b}::int as sum`.compile(db),
    )
    const rows = await hot.run(add, { a: 1, b: 2 })
    expectTypeOf(rows).toEqualTypeOf<Array<{ sum: number }>>()
    expect(rows).toEqual([{ sum: 3 }])
  })

  it('refuses a parameter that does not reach the statement as it is', () => {
    const spread = () =>
      compileHot('spread', (db, { code }: { code: string }) =>
        db.selectFrom('languages').select('name').where('code', '=', `${code}!`),
      )
    expect(spread).toThrow("spread: 'code' is no value of the statement")
  })

  it('refuses a name that Postgres would cut or a comment could not hold', () => {
    for (const name of ['', 'a b', '*/ drop', 'x'.repeat(64)]) {
      expect(() => compileHot(name, (db) => sql`select 1`.compile(db))).toThrow('cannot name a statement')
    }
  })
})
