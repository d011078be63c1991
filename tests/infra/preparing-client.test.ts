import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { openDb, type Tx } from '../../src/infra/db.ts'
import { inTx } from '../../src/infra/tx.ts'
import { type TestContext, testContext } from '../support/context.ts'

let ctx: TestContext
beforeAll(async () => {
  ctx = await testContext({ env: { DATABASE_POOL_MAX: '1' } })
  return () => ctx[Symbol.asyncDispose]()
})

const genresFrom = async (db: Tx, least: number) =>
  (await sql`/* listedGenres prepared */ select * from genres where id >= ${least}::integer`.execute(db)).rows
const preparedNames = async () =>
  (await ctx.pool.query<{ name: string }>('select name from pg_prepared_statements')).rows.map(({ name }) => name)

describe('a statement that says it is prepared', () => {
  it('is, once, and answers rows; others are not', async () => {
    await sql`insert into genres (slug, name) values ('epic', 'Epic')`.execute(ctx.db)
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await inTx(ctx, (tx) => genresFrom(tx.db, 0))).toMatchObject([{ slug: 'epic' }])
      await sql`/* plainGenres */ select * from genres where id >= ${0}::integer`.execute(ctx.db)
    }
    expect(await preparedNames()).toEqual(['listedGenres0'])
  })

  it('is prepared anew after a migration changed what it answers, and its transaction run again', async () => {
    await inTx(ctx, (tx) => genresFrom(tx.db, 0))
    await sql`alter table genres add column note text default 'new'`.execute(ctx.db)
    let runs = 0
    const rows = await inTx(ctx, (tx) => {
      runs += 1
      return genresFrom(tx.db, 0)
    })
    expect([rows, runs]).toMatchObject([[{ slug: 'epic', note: 'new' }], 2])
    expect(await inTx(ctx, (tx) => genresFrom(tx.db, 0))).toHaveLength(1)
  })

  it('fails as Postgres says', async () => {
    await expect(inTx(ctx, (tx) => genresFrom(tx.db, Number.NaN))).rejects.toMatchObject({ code: '22P02' })
    expect(await inTx(ctx, (tx) => genresFrom(tx.db, 0))).toHaveLength(1)
  })

  it('is measured under its name', async () => {
    expect(await ctx.metrics.registry.metrics()).toContain('query="listedGenres"')
  })
})

describe('a statement that is not answered in time', () => {
  it('fails and takes its connection along, unless it says that it is long', async () => {
    const { db } = openDb({ ...ctx, url: ctx.config.DATABASE_URL, max: 1, applicationName: 'short', queryTimeout: 300 })
    const connection = async () => (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]!.pid
    const before = await connection()
    await sql`/* sleptAtLength long */ select pg_sleep(0.6)`.execute(db)
    expect(await connection()).toBe(before)
    await expect(sql`select pg_sleep(0.6)`.execute(db)).rejects.toThrow('Query read timeout')
    expect(await connection()).not.toBe(before)
    await db.destroy()
    expect(await ctx.metrics.registry.metrics()).toContain('query="sleptAtLength"')
  })
})

describe('several connections', () => {
  it('all prepare anew once one of them has found a statement outdated', async () => {
    const several = await testContext({ env: { DATABASE_POOL_MAX: '3' } })
    try {
      /** Three transactions, each on a connection of its own. @returns how often they were begun */
      const together = async (): Promise<number> => {
        const { promise: allThere, resolve } = Promise.withResolvers<void>()
        let runs = 0
        let there = 0
        const one = () =>
          inTx(several, async (tx) => {
            runs += 1
            await genresFrom(tx.db, 0)
            there += 1
            if (there === 3) resolve()
            await allThere
          })
        await Promise.all([one(), one(), one()])
        return runs
      }
      expect(await together()).toBe(3)
      await sql`alter table genres add column note text default 'new'`.execute(several.db)
      await inTx(several, (tx) => genresFrom(tx.db, 0))
      expect(await together()).toBe(3)
    } finally {
      await several[Symbol.asyncDispose]()
    }
  })

  it('leaves a query with a callback to it', async () => {
    const client = await ctx.pool.connect()
    try {
      const rows = await new Promise((resolve, reject) => {
        client.query('select /* called prepared */ $1::integer as one', [1], (error, result) =>
          error ? reject(error) : resolve(result.rows),
        )
      })
      expect(rows).toEqual([{ one: 1 }])
    } finally {
      client.release()
    }
    expect(await preparedNames()).not.toContain('called0')
  })
})
