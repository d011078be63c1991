import { beforeAll, describe, expect, it } from 'vitest'
import type { SearchHit } from '../../../src/domains/search/search.schemas.ts'
import type { App } from '../../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'

let ctx: TestContext
let app: App

/** So many that one word finds more than a query ever ranks. */
const many = 260

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  await ctx.db
    .insertInto('movies')
    .values(
      Array.from({ length: many }, (_, n) => ({
        type: 'movie' as const,
        slug: `tapper-${n}`,
        title: `Palmwine ${String.fromCharCode(97 + (n % 26))}${n}`,
        release_precision: 'year' as const,
        release_year: 1990 + (n % 30),
      })),
    )
    .execute()
  await ctx.db.updateTable('movie_stats').set({ popularity: 0.5 }).execute()
  await makeTitle(ctx.db, {
    title: 'Palmwine Deep Down',
    release_year: 2021,
    genres: ['horror'],
    languages: ['yo'],
    directors: ['Ada Deepdown'],
    production_state: 'Akwa Ibom',
    stats: { review_count: 2, rating_sum: 15 },
  })
  return () => ctx[Symbol.asyncDispose]()
})

async function search(query: Record<string, string | string[]>) {
  const answer = await app.inject({ url: '/api/v1/movies/search', query })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json<{ data: SearchHit[]; page: { next_cursor: string | null; total: number | null } }>()
}

describe('filters', () => {
  it.each<Record<string, string | string[]>>([
    { genre: 'horror' },
    { 'genre[]': ['horror', 'comedy'] },
    { language: 'yo' },
    { year: '2021' },
    { year_min: '2021' },
    { year_min: '2020', year_max: '2022', genre: 'horror' },
    { rating_min: '7.4', rating_max: '7.6' },
    { rating_min: '7.5' },
    { production_state: 'akwa ibom' },
    { director: 'Ada Deepdown' },
    { director: 'ada-deepdown' },
    { has_reviews: 'true' },
  ])('%j find a title behind more than are ever ranked', async (filter) => {
    expect((await search({ q: 'palmwine', ...filter })).data.map(({ title }) => title)).toEqual(['Palmwine Deep Down'])
  })

  it.each<Record<string, string>>([
    { genre: 'comedy' },
    { year: '2022' },
    { rating_min: '7.6' },
    { rating_max: '7.4' },
    { director: 'Nobody' },
    { production_state: 'Lagos' },
  ])('%j find nothing', async (filter) => {
    expect((await search({ q: 'palmwine deep', ...filter })).data).toEqual([])
  })

  it('leave out what has reviews', async () => {
    const { data } = await search({ q: 'palmwine', has_reviews: 'false', limit: '100' })
    expect(data).toHaveLength(100)
    expect(data.map(({ title }) => title)).not.toContain('Palmwine Deep Down')
  })
})

describe('pages', () => {
  it('give every hit once, in falling rank, up to the most that are ranked', async () => {
    const all: SearchHit[] = []
    let cursor: string | null = null
    do {
      const page = await search({ q: 'palmwine', limit: '30', include_total: 'true', ...(cursor ? { cursor } : {}) })
      expect(page.page.total).toBe(200)
      all.push(...page.data)
      cursor = page.page.next_cursor
    } while (cursor)
    expect(all).toHaveLength(200)
    expect(new Set(all.map(({ id }) => id)).size).toBe(200)
    const ranks = all.map(({ rank }) => rank)
    expect(ranks).toEqual(ranks.toSorted((a, b) => b - a))
  })

  it('go on where they were when a better title comes between', async () => {
    const first = await search({ q: 'palmwine', limit: '10' })
    await makeTitle(ctx.db, { title: 'Palmwine', stats: { popularity: 1 } })
    const second = await search({ q: 'palmwine', limit: '10', cursor: first.page.next_cursor! })
    const seen = new Set(first.data.map(({ id }) => id))
    expect(second.data).toHaveLength(10)
    expect(second.data.some(({ id, title }) => seen.has(id) || title === 'Palmwine')).toBe(false)
  })

  it('refuse a cursor of another query', async () => {
    const { page } = await search({ q: 'palmwine', limit: '10' })
    const answer = await app.inject({
      url: '/api/v1/movies/search',
      query: { q: 'palm', limit: '10', cursor: page.next_cursor! },
    })
    expect(answer.statusCode).toBe(422)
  })
})
