import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refreshTrendingScores } from '../../src/domains/catalog/trending.jobs.ts'
import { refreshSearchStatistics } from '../../src/domains/search/search.jobs.ts'
import { type TestContext, testContext } from '../support/context.ts'

let ctx: TestContext
beforeAll(async () => {
  ctx = await testContext({ seeded: true })
})
afterAll(() => ctx[Symbol.asyncDispose]())

const hottest = async (): Promise<unknown[]> =>
  (
    await sql`select movie_id from movie_trending where trending_window = 'week' order by score desc, movie_id limit 20`.execute(
      ctx.db,
    )
  ).rows

describe('the refresh of trending titles', () => {
  it('brings back what was lost', async () => {
    const before = await hottest()
    expect(before).toHaveLength(20)
    await sql`delete from movie_trending`.execute(ctx.db)
    await refreshTrendingScores(ctx)
    expect(await hottest()).toEqual(before)
  })

  it('leaves it to another process that is at it', async () => {
    await ctx.db.transaction().execute(async (other) => {
      await sql`select pg_advisory_xact_lock(hashtext('refreshTrending'))`.execute(other)
      await sql`delete from movie_trending where trending_window = 'day'`.execute(other)
      await refreshTrendingScores(ctx)
    })
    const { rows } = await sql`select from movie_trending where trending_window = 'day'`.execute(ctx.db)
    expect(rows).toHaveLength(0)
  })
})

describe('the refresh of search statistics', () => {
  const commonWord = async (): Promise<unknown> =>
    (await sql`select name_count from search_words where word = 'king'`.execute(ctx.db)).rows[0]

  it('counts anew', async () => {
    const before = await commonWord()
    await sql`update search_words set name_count = 999 where word = 'king'`.execute(ctx.db)
    await refreshSearchStatistics(ctx)
    expect(await commonWord()).toEqual(before)
  })

  it('leaves it to another process that is at it', async () => {
    await ctx.db.transaction().execute(async (other) => {
      await sql`select pg_advisory_xact_lock(hashtext('refreshSearchStatistics'))`.execute(other)
      await sql`update search_words set name_count = 998 where word = 'king'`.execute(ctx.db)
      await refreshSearchStatistics(ctx)
    })
    expect(await commonWord()).toEqual({ name_count: 998 })
  })
})
