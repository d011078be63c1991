import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'

let ctx: TestContext
let app: App

const statsOf = (id: string) =>
  ctx.db
    .selectFrom('movie_stats')
    .select(['popularity', 'trending', 'type', 'release_year'])
    .where('movie_id', '=', id)
    .executeTakeFirstOrThrow()
const refresh = async (ids: string[] | null = null) => {
  await sql`select refresh_popularity(${ids}::uuid[])`.execute(ctx.db)
  await sql`select refresh_trending(${ids}::uuid[])`.execute(ctx.db)
}
const today = () => new Date().toISOString().slice(0, 10)

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

describe('naira', () => {
  it.each([
    ['₦244,775,758', 244_775_758],
    ['1.4 billion naira', 1_400_000_000],
    ['N310m', 310_000_000],
    ['₦99.5 Million', 99_500_000],
    ['12', 12],
    ['unknown', null],
  ])('reads %j as %s', async (published, amount) => {
    const { rows } = await sql<{ naira: number | null }>`select naira(${published})`.execute(ctx.db)
    expect(rows[0]?.naira).toBe(amount)
  })
})

describe('popularity', () => {
  it('grows with takings, reviews, famous people, recency and completeness', async () => {
    const plain = await makeTitle(ctx.db, { release_year: 2000 })
    for (const n of [1, 2, 3, 4, 5]) await makeTitle(ctx.db, { title: `Fame ${n}`, actors: ['Busy Actor'] })
    const others = await Promise.all([
      makeTitle(ctx.db, { release_year: 2000, box_office_ng: '₦1 billion' }),
      makeTitle(ctx.db, { release_year: 2000, stats: { review_count: 50, rating_sum: 400 } }),
      makeTitle(ctx.db, { release_year: 2000, actors: ['Busy Actor'] }),
      makeTitle(ctx.db, { release_year: 2024 }),
      makeTitle(ctx.db, { release_year: 2000, plot_summary: 'Something happens.', runtime: 90 }),
    ])
    await refresh()
    const { popularity } = await statsOf(plain.id)
    for (const other of others) expect((await statsOf(other.id)).popularity).toBeGreaterThan(popularity)
  })

  it('stays between 0 and 1 at either extreme', async () => {
    const nothing = await makeTitle(ctx.db, { release_precision: 'unknown' })
    const everything = await makeTitle(ctx.db, {
      release_date: today(),
      box_office_ng: '₦900 billion',
      plot_summary: 'x',
      poster_url: 'https://images.example/x.jpg',
      runtime: 1,
      stats: { review_count: 2_000_000, rating_sum: 2_000_000 },
    })
    await refresh()
    expect((await statsOf(nothing.id)).popularity).toBe(0)
    expect((await statsOf(everything.id)).popularity).toBeGreaterThan(0.75)
    expect((await statsOf(everything.id)).popularity).toBeLessThanOrEqual(1)
  })

  it('of one title can be refreshed alone', async () => {
    const [one, two] = [await makeTitle(ctx.db, { runtime: 90 }), await makeTitle(ctx.db, { runtime: 90 })]
    await refresh([one.id])
    expect((await statsOf(one.id)).popularity).toBeGreaterThan(0)
    expect((await statsOf(two.id)).popularity).toBe(0)
  })
})

describe('trending', () => {
  it('cools with time, and a title of 1895 still has a score', async () => {
    const titles = [
      await makeTitle(ctx.db, { release_date: today() }),
      await makeTitle(ctx.db, { release_date: '2015-01-01' }),
      await makeTitle(ctx.db, { release_date: '1895-12-28' }),
      await makeTitle(ctx.db, { release_precision: 'unknown' }),
    ]
    await refresh()
    const scores = await Promise.all(titles.map(async ({ id }) => (await statsOf(id)).trending))
    expect(scores.toSorted((a, b) => b - a).slice(0, 3)).toEqual(scores.slice(0, 3))
    expect(Math.min(...scores)).toBeGreaterThan(0)
  })

  it('is listed by window and type, the hottest first', async () => {
    const series = await makeTitle(ctx.db, { title: 'Hot Series', type: 'series', release_date: today() })
    await makeTitle(ctx.db, { title: 'Old Series', type: 'series', release_year: 1990 })
    await refresh()
    await refresh([series.id])
    for (const window of ['day', 'week', 'month']) {
      const { data, page } = (await app.inject(`/api/v1/series/trending?window=${window}`)).json()
      expect(data.map(({ title }: { title: string }) => title)).toEqual(['Hot Series', 'Old Series'])
      expect(page).toEqual({ limit: 20, next_cursor: null, total: null })
    }
    expect((await app.inject('/api/v1/movies/trending?limit=3')).json().data).toHaveLength(3)
    expect((await app.inject('/api/v1/movies/trending?window=year')).statusCode).toBe(422)
  })

  it('is listed in pages, each title once, and counted when asked for', async () => {
    await refresh()
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const path: string = `/api/v1/movies/trending?window=day&limit=2&include_total=true${next && `&cursor=${next}`}`
      const { data, page } = (await app.inject(path)).json()
      seen.push(...data.map(({ id }: { id: string }) => id))
      next = page.next_cursor
      expect(page.total).toBe(
        (
          await sql`select from movie_trending t join movies m on m.id = t.movie_id
        where t.trending_window = 'day' and m.type = 'movie'`.execute(ctx.db)
        ).rows.length,
      )
    }
    const whole = (await app.inject('/api/v1/movies/trending?window=day&limit=100')).json()
    expect(seen.length).toBeGreaterThan(4)
    expect(seen).toEqual(whole.data.map(({ id }: { id: string }) => id))
    const { next_cursor } = (await app.inject('/api/v1/movies/trending?window=day&limit=1')).json().page
    for (const path of ['/movies/trending?window=week', '/series/trending?window=day', '/movies/featured?limit=1']) {
      const refused = await app.inject(`/api/v1${path}&cursor=${next_cursor}`)
      expect(refused.json().details, path).toMatchObject([{ field: 'query.cursor' }])
    }
  })

  it('can be refreshed by several at once', async () => {
    const { id } = await makeTitle(ctx.db)
    const refreshes = [refresh([id]), refresh([id]), refresh([id])]
    await expect(Promise.all(refreshes)).resolves.toHaveLength(3)
  })
})

describe('the stats row of a title', () => {
  it('comes with it, and follows its type and year', async () => {
    const { id } = await makeTitle(ctx.db, { type: 'series', release_year: 2001 })
    expect(await statsOf(id)).toMatchObject({ type: 'series', release_year: 2001, popularity: 0 })
    await ctx.db.updateTable('movies').set({ release_year: 2002, runtime: 30 }).where('id', '=', id).execute()
    expect((await statsOf(id)).release_year).toBe(2002)
  })
})

describe('the counts of genres and languages', () => {
  it('are right after adding and deleting by SQL of any size', async () => {
    const counts = async () =>
      (
        await sql`
        select g.movie_count, g.series_count, l.movie_count as spoken
        from genres g, languages l where g.slug = 'epic' and l.code = 'ha'`.execute(ctx.db)
      ).rows[0]
    const options = { genres: ['epic'], languages: ['ha'] }
    const ids = [
      await makeTitle(ctx.db, options),
      await makeTitle(ctx.db, options),
      await makeTitle(ctx.db, { ...options, type: 'series' }),
    ].map(({ id }) => id)
    expect(await counts()).toEqual({ movie_count: 2, series_count: 1, spoken: 2 })
    await ctx.db.deleteFrom('movie_genres').where('movie_id', '=', ids[0]!).execute()
    expect(await counts()).toEqual({ movie_count: 1, series_count: 1, spoken: 2 })
    await ctx.db.deleteFrom('movies').where('id', 'in', ids).execute()
    expect(await counts()).toEqual({ movie_count: 0, series_count: 0, spoken: 0 })
  })
})
