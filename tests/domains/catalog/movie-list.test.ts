import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'

let ctx: TestContext
let app: App

interface Listed {
  readonly data: { slug: string; title: string; id: string }[]
  readonly page: { limit: number; next_cursor: string | null; total: number | null }
}

const get = (path: string) => app.inject({ url: `/api/v1${path}` })
const list = async (query: string, path = '/movies'): Promise<Listed> => {
  const answer = await get(`${path}?${query}`)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}
const titles = async (query: string, path?: string) => (await list(query, path)).data.map(({ title }) => title)

/** All pages of a list, walked by its cursors. */
async function walk(query: string): Promise<string[]> {
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const { data, page }: Listed = await list(`${query}${cursor ? `&cursor=${cursor}` : ''}`)
    seen.push(...data.map(({ title }) => title))
    cursor = page.next_cursor
  } while (cursor)
  return seen
}

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  const { db } = ctx
  await makeTitle(db, {
    title: 'Citation',
    release_date: '2020-11-06',
    genres: ['drama'],
    languages: ['en', 'yo'],
    directors: ['Kunle Afolayan'],
    production_state: 'Lagos',
    stats: { review_count: 4, rating_sum: 32, weighted_rating: 7.5, trending: 3 },
  })
  await makeTitle(db, {
    title: 'Aníkúlápó',
    release_date: '2022-09-30',
    genres: ['drama', 'fantasy'],
    languages: ['yo'],
    directors: ['Kunle Afolayan'],
    production_state: 'Oyo',
    stats: { review_count: 9, rating_sum: 81, weighted_rating: 8.6, trending: 2 },
  })
  await makeTitle(db, {
    title: 'The Wedding Party',
    release_date: '2016-12-16',
    genres: ['comedy', 'romance'],
    languages: ['en'],
    directors: ['Kemi Adetiba'],
    production_state: 'Lagos',
    stats: { review_count: 4, rating_sum: 20, weighted_rating: 5.2, trending: 1 },
  })
  await makeTitle(db, { title: 'Living in Bondage', release_year: 1992, genres: ['drama'], languages: ['ig'] })
  await makeTitle(db, { title: 'Lost Reel', release_precision: 'unknown' })
  await makeTitle(db, { title: 'Castle & Castle', type: 'series', release_year: 2018, genres: ['drama'] })
  return () => ctx[Symbol.asyncDispose]()
})

describe('filters of titles', () => {
  it.each([
    ['genre=fantasy', ['Aníkúlápó']],
    ['genre=comedy&genre=fantasy', ['Aníkúlápó', 'The Wedding Party']],
    ['genre[]=comedy&genre=fantasy', ['Aníkúlápó', 'The Wedding Party']],
    ['genre%5B%5D=comedy&genre%5B%5D=fantasy', ['Aníkúlápó', 'The Wedding Party']],
    ['genre=nosuch', []],
    ['language=yo&language=ig', ['Aníkúlápó', 'Citation', 'Living in Bondage']],
    ['language[]=ig', ['Living in Bondage']],
    ['language=zz', []],
    ['year=2020', ['Citation']],
    ['year=1992', ['Living in Bondage']],
    ['year_min=2017&year_max=2021', ['Citation']],
    ['year=2020&year_min=2021', []],
    ['rating_min=8', ['Aníkúlápó', 'Citation']],
    ['rating_min=5&rating_max=8', ['Citation', 'The Wedding Party']],
    ['production_state=lagos', ['Citation', 'The Wedding Party']],
    ['production_state=%20', []],
    ['director=kunle-afolayan', ['Aníkúlápó', 'Citation']],
    ['director=KUNLE%20AF%E1%BB%8DLAYAN', ['Aníkúlápó', 'Citation']],
    ['director=nobody', []],
    ['director=0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77', []],
    ['has_reviews=true', ['Aníkúlápó', 'Citation', 'The Wedding Party']],
    ['has_reviews=false', ['Living in Bondage', 'Lost Reel']],
    ['genre=drama&language=yo&production_state=Oyo&year_min=2000&rating_min=2&has_reviews=true', ['Aníkúlápó']],
  ])('%s', async (query, expected) => {
    expect(await titles(`${query}&sort=title`)).toEqual(expected)
  })

  it('finds by a director’s id and other name, and by a slug that they had before', async () => {
    const { id } = await ctx.db
      .selectFrom('people')
      .select('id')
      .where('slug', '=', 'kemi-adetiba')
      .executeTakeFirstOrThrow()
    await ctx.db.insertInto('person_aliases').values({ person_id: id, name: 'Queen Mother' }).execute()
    await ctx.db.insertInto('person_former_slugs').values({ person_id: id, slug: 'kemi-a' }).execute()
    for (const director of [id, 'queen%20mother', 'kemi-a']) {
      expect(await titles(`director=${director}`)).toEqual(['The Wedding Party'])
    }
  })

  it('compares states as search does: by letters and digits alone', async () => {
    const { id } = await makeTitle(ctx.db, { title: 'Bronze Heads', production_state: 'Ilé-Ifẹ̀' })
    onTestFinished(async () => void (await ctx.db.deleteFrom('movies').where('id', '=', id).execute()))
    for (const state of ['ile ife', 'ILÉ-IFẸ̀', " Ile-Ife' "]) {
      for (const path of ['/movies', '/movies?sort=rating', '/movies/search?q=bronze']) {
        const url = `/api/v1${path}${path.includes('?') ? '&' : '?'}production_state=${encodeURIComponent(state)}`
        const { data } = (await app.inject(url)).json()
        expect(
          data.map(({ title }: { title: string }) => title),
          url,
        ).toEqual(['Bronze Heads'])
      }
    }
    expect((await app.inject('/api/v1/movies?production_state=---')).json().data).toEqual([])
  })

  it('keeps films and series apart', async () => {
    expect(await titles('', '/series')).toEqual(['Castle & Castle'])
    expect(await titles('year=2018')).toEqual([])
  })
})

const sorted: Record<string, string[]> = {
  'sort=release_date': ['Aníkúlápó', 'Citation', 'The Wedding Party', 'Living in Bondage', 'Lost Reel'],
  'sort=release_date&order=asc': ['Living in Bondage', 'The Wedding Party', 'Citation', 'Aníkúlápó', 'Lost Reel'],
  'sort=release_date&year_min=1990&year_max=2020': ['Citation', 'The Wedding Party', 'Living in Bondage'],
  'sort=title': ['Aníkúlápó', 'Citation', 'Living in Bondage', 'Lost Reel', 'The Wedding Party'],
  'sort=title&order=desc': ['The Wedding Party', 'Lost Reel', 'Living in Bondage', 'Citation', 'Aníkúlápó'],
  'sort=created_at&order=asc': ['Citation', 'Aníkúlápó', 'The Wedding Party', 'Living in Bondage', 'Lost Reel'],
  'sort=created_at': ['Lost Reel', 'Living in Bondage', 'The Wedding Party', 'Aníkúlápó', 'Citation'],
  'sort=rating': ['Aníkúlápó', 'Citation', 'The Wedding Party', 'Lost Reel', 'Living in Bondage'],
  'sort=rating&order=asc': ['The Wedding Party', 'Citation', 'Aníkúlápó', 'Living in Bondage', 'Lost Reel'],
  'sort=review_count': ['Aníkúlápó', 'The Wedding Party', 'Citation', 'Lost Reel', 'Living in Bondage'],
  'sort=review_count&order=asc': ['Living in Bondage', 'Lost Reel', 'Citation', 'The Wedding Party', 'Aníkúlápó'],
  'sort=trending': ['Citation', 'Aníkúlápó', 'The Wedding Party', 'Lost Reel', 'Living in Bondage'],
  'sort=trending&order=asc': ['Living in Bondage', 'Lost Reel', 'The Wedding Party', 'Aníkúlápó', 'Citation'],
}

describe.each(Object.entries(sorted))('%s', (query, expected) => {
  it('is in order, with what is unknown last', async () => {
    expect(await titles(query)).toEqual(expected)
  })

  it.each([1, 2, 3])('is the same in pages of %d', async (limit) => {
    expect(await walk(`${query}&limit=${limit}`)).toEqual(expected)
  })
})

describe('pages of titles', () => {
  it('says its limit, and its total when asked', async () => {
    expect((await list('')).page).toEqual({ limit: 20, next_cursor: null, total: null })
    expect((await list('include_total=true&limit=2&genre=drama')).page).toMatchObject({ limit: 2, total: 3 })
  })

  it('are not shifted by a title that comes in between', async () => {
    const { page } = await list('sort=created_at&limit=1&language=pcm&include_total=true')
    expect(page.next_cursor).toBeNull()
    await makeTitle(ctx.db, { title: 'First', languages: ['efi'] })
    await makeTitle(ctx.db, { title: 'Second', languages: ['efi'] })
    const first = await list('sort=created_at&limit=1&language=efi')
    await makeTitle(ctx.db, { title: 'Third', languages: ['efi'] })
    const second = await list(`sort=created_at&limit=1&language=efi&cursor=${first.page.next_cursor}`)
    expect([...first.data, ...second.data].map(({ title }) => title)).toEqual(['Second', 'First'])
  })

  it('refuse a cursor of another list, sort, order or filter, and one tampered with', async () => {
    const cursor = (await list('limit=1')).page.next_cursor!
    const wrong = [
      `/series?cursor=${cursor}`,
      `/movies?sort=title&cursor=${cursor}`,
      `/movies?order=asc&cursor=${cursor}`,
      `/movies?genre=drama&cursor=${cursor}`,
      `/movies?cursor=x${cursor}`,
      '/movies?cursor=!!!',
    ]
    for (const path of wrong) {
      const answer = await get(path)
      expect(answer.statusCode, path).toBe(422)
      expect(answer.json().details[0].field).toBe('query.cursor')
    }
    expect((await get(`/movies?limit=2&cursor=${cursor}`)).statusCode).toBe(200)
  })

  it('answers 304 to who has it, and says what caches may do', async () => {
    const answer = await get('/movies')
    expect(answer.headers['cache-control']).toMatch(/^public, max-age=/)
    const again = await app.inject({
      url: '/api/v1/movies',
      headers: { 'if-none-match': answer.headers.etag as string },
    })
    expect(again.statusCode).toBe(304)
    expect(again.body).toBe('')
  })

  it('has the short form of a title, whole', async () => {
    const { data } = await list('director=kunle-afolayan&year=2022')
    expect(data).toEqual([
      {
        id: expect.any(String),
        slug: expect.stringMatching(/^anikulapo-/),
        type: 'movie',
        title: 'Aníkúlápó',
        local_title: null,
        release_date: '2022-09-30',
        release_year: 2022,
        release_precision: 'day',
        runtime: null,
        poster_url: null,
        classification: null,
        genres: [
          { slug: 'drama', name: 'Drama' },
          { slug: 'fantasy', name: 'Fantasy' },
        ],
        languages: [{ code: 'yo', name: 'Yoruba' }],
        directors: [{ id: expect.any(String), slug: 'kunle-afolayan', name: 'Kunle Afolayan' }],
        part_number: null,
        lemon_pie_rating: 9,
        weighted_rating: 8.6,
        review_count: 9,
        viewer: null,
      },
    ])
  })
})

describe('wrong queries', () => {
  it.each([
    ['limit=0', 'query.limit'],
    ['limit=101', 'query.limit'],
    ['limit=two', 'query.limit'],
    ['year_min=2020&year_max=2010', 'query.year_min'],
    ['rating_min=9&rating_max=3', 'query.rating_min'],
    ['rating_min=11', 'query.rating_min'],
    ['year=1066', 'query.year'],
    ['sort=popularity', 'query.sort'],
    ['order=up', 'query.order'],
    ['genre=No%20Slug', 'query.genre.0'],
    ['has_reviews=perhaps', 'query.has_reviews'],
    ['colour=red', 'query.colour'],
    ['director=a%00b', 'query.director'],
  ])('%s is a 422 that names %s', async (query, field) => {
    const answer = await get(`/movies?${query}`)
    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toMatchObject({ error: 'validation_error', path: '/api/v1/movies' })
    expect(answer.json().details.map((detail: { field: string }) => detail.field)).toContain(field)
  })
})
