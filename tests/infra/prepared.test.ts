import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { compileHot } from '../../src/infra/hot-query.ts'
import { runPrepared } from '../../src/infra/prepared.ts'
import { type TestContext, testContext } from '../support/context.ts'

let ctx: TestContext
beforeAll(async () => {
  ctx = await testContext({ env: { DATABASE_POOL_MAX: '1' } })
  return () => ctx[Symbol.asyncDispose]()
})

const genres = compileHot('preparedGenres', (db, { least }: { least: number }) =>
  sql<{ id: number; slug: string }>`select * from genres where id >= ${least}::integer order by id`.compile(db),
)

describe('a prepared statement on the pool', () => {
  it('is planned once and answers rows', async () => {
    await sql`insert into genres (slug, name) values ('epic', 'Epic')`.execute(ctx.db)
    expect(await runPrepared(ctx, genres, { least: 0 })).toMatchObject([{ slug: 'epic' }])
    await runPrepared(ctx, genres, { least: 0 })
    const { rows } = await ctx.pool.query(`select name from pg_prepared_statements where name = 'preparedGenres'`)
    expect(rows).toHaveLength(1)
  })

  it('is prepared anew after a migration changed what it answers', async () => {
    await runPrepared(ctx, genres, { least: 0 })
    await sql`alter table genres add column note text default 'new'`.execute(ctx.db)
    expect(await runPrepared(ctx, genres, { least: 0 })).toMatchObject([{ slug: 'epic', note: 'new' }])
  })

  it('fails as Postgres says, and leaves the connection to others', async () => {
    await expect(runPrepared(ctx, genres, { least: 'x' as never })).rejects.toMatchObject({ code: '22P02' })
    expect(await runPrepared(ctx, genres, { least: 0 })).toHaveLength(1)
  })

  it('is measured under its name', async () => {
    const text = await ctx.metrics.registry.metrics()
    expect(text).toMatch(/query="preparedGenres"/)
  })
})
