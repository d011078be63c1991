import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makePerson, makeTitle } from '../../support/factories.ts'

let ctx: TestContext
let app: App
let kob: { id: string; slug: string }

const get = (path: string, headers: Record<string, string> = {}) => app.inject({ url: `/api/v1${path}`, headers })
const json = async (path: string) => {
  const answer = await get(path)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  const { db } = ctx
  kob = await makeTitle(db, {
    title: 'King of Boys',
    slug: 'king-of-boys-2018',
    release_date: '2018-10-26',
    runtime: 182,
    plot_summary: 'A Lagos businesswoman reaches for political office.',
    classification: '18',
    box_office_ng: '₦244,775,758',
    genres: ['crime', 'drama'],
    languages: ['en', 'yo'],
    directors: ['Kemi Adetiba'],
    actors: ['Sola Sobowale', 'Reminisce'],
    aliases: ['KOB'],
    companies: ['Kemi Adetiba Visuals', 'Another House'],
    stats: {
      review_count: 3,
      rating_sum: 25,
      rating_counts: [0, 0, 0, 0, 0, 0, 1, 0, 2, 0],
      weighted_rating: 7.413,
      story_count: 2,
      story_sum: 17,
    },
  })
  await db.insertInto('movie_former_slugs').values({ slug: 'kob-2018', movie_id: kob.id }).execute()
  await makeTitle(db, {
    title: 'King of Boys: The Return of the King',
    slug: 'king-of-boys-2-2021',
    type: 'series',
    release_date: '2021-08-27',
    part_of: kob.id,
    part_number: 2,
    genres: ['crime'],
    actors: ['Sola Sobowale'],
  })
  await makeTitle(db, {
    title: 'King of Boys 3',
    slug: 'king-of-boys-3-2025',
    release_year: 2025,
    part_of: kob.id,
    part_number: 3,
  })
  await makeTitle(db, { title: 'The Wedding Party', slug: 'the-wedding-party-2016', directors: ['Kemi Adetiba'] })
  await makeTitle(db, { title: 'Gangs of Lagos', slug: 'gangs-of-lagos-2023', genres: ['crime', 'drama'] })
  await makeTitle(db, { title: 'Far from It', slug: 'far-from-it', genres: ['children'], languages: ['ha'] })
  return () => ctx[Symbol.asyncDispose]()
})

describe('a title in full', () => {
  it('is found by its slug and by its id, in any case', async () => {
    const bySlug = await json('/movies/king-of-boys-2018')
    expect(await json(`/movies/${kob.id}`)).toEqual(bySlug)
    expect(await json(`/movies/${kob.id.toUpperCase()}`)).toEqual(bySlug)
  })

  it('has all there is', async () => {
    const movie = await json('/movies/king-of-boys-2018')
    expect(movie).toMatchObject({
      id: kob.id,
      slug: 'king-of-boys-2018',
      type: 'movie',
      title: 'King of Boys',
      release_date: '2018-10-26',
      release_year: 2018,
      release_precision: 'day',
      runtime: 182,
      classification: '18',
      genres: [
        { slug: 'crime', name: 'Crime' },
        { slug: 'drama', name: 'Drama' },
      ],
      languages: [
        { code: 'en', name: 'English' },
        { code: 'yo', name: 'Yoruba' },
      ],
      box_office_ng: '₦244,775,758',
      companies: ['Kemi Adetiba Visuals', 'Another House'],
      aliases: [{ name: 'KOB', kind: 'retitle', language: null }],
      directors: [{ slug: 'kemi-adetiba', name: 'Kemi Adetiba' }],
      cast: [
        { person: { name: 'Sola Sobowale' }, role: 'actor', character: null, billing_order: 0 },
        { person: { name: 'Reminisce' }, role: 'actor', character: null, billing_order: 1 },
      ],
      crew: [{ person: { slug: 'kemi-adetiba' }, role: 'director', billing_order: 0 }],
      part_of: null,
      lemon_pie_rating: 8.3,
      review_count: 3,
      viewer: null,
    })
    expect(movie.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
    expect(movie).not.toHaveProperty('similar')
    expect(movie).not.toHaveProperty('reviews')
  })

  it('shows the story it is part of, in order, from every part', async () => {
    const story = ['king-of-boys-2018', 'king-of-boys-2-2021', 'king-of-boys-3-2025']
    const slugs = (titles: { slug: string }[]) => titles.map(({ slug }) => slug)
    const first = await json('/movies/king-of-boys-2018')
    const second = await json('/series/king-of-boys-2-2021')
    expect(slugs(first.parts)).toEqual(story)
    expect(slugs(second.parts)).toEqual(story)
    expect(second.part_of).toMatchObject({ slug: 'king-of-boys-2018', viewer: null })
    expect((await json('/movies/gangs-of-lagos-2023')).parts).toEqual([])
  })

  it('is not found as what it is not', async () => {
    for (const path of [
      '/series/king-of-boys-2018',
      `/series/${kob.id}`,
      '/movies/king-of-boys-2-2021',
      '/movies/nope',
    ]) {
      const answer = await get(path)
      expect(answer.statusCode, path).toBe(404)
      expect(answer.json()).toMatchObject({ error: 'not_found', path: `/api/v1${path}` })
    }
    expect((await get('/movies/0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77')).statusCode).toBe(404)
  })

  it.each(['/movies/Not%20a%20slug', '/movies/a--b', '/movies/%00', '/movies/1;drop'])('refuses %s', async (path) => {
    const answer = await get(path)
    expect(answer.statusCode).toBe(422)
    expect(answer.json().details).toEqual([{ field: 'params.movie_id', message: expect.any(String) }])
  })

  it('is not sent again to who has it', async () => {
    const { headers } = await get('/movies/king-of-boys-2018')
    const again = await get('/movies/king-of-boys-2018', { 'if-none-match': headers.etag as string })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    expect(headers['cache-control']).toContain('public')
  })
})

describe('a former slug', () => {
  it.each([
    ['/movies/kob-2018', '/movies/king-of-boys-2018'],
    ['/movies/kob-2018?include=similar', '/movies/king-of-boys-2018?include=similar'],
    ['/movies/kob-2018/stats', '/movies/king-of-boys-2018/stats'],
    ['/movies/kob-2018/similar?limit=3', '/movies/king-of-boys-2018/similar?limit=3'],
  ])('sends %s to %s', async (from, to) => {
    const answer = await get(from)
    expect([answer.statusCode, answer.headers.location]).toEqual([308, `/api/v1${to}`])
  })

  it('is a 404 among titles of the other type', async () => {
    expect((await get('/series/kob-2018')).statusCode).toBe(404)
  })
})

describe('what include embeds', () => {
  it.each(['reviews,similar', 'similar,reviews'])('%s: the first pages of both', async (include) => {
    const movie = await json(`/movies/king-of-boys-2018?include=${include}`)
    expect(movie.similar).toEqual(await json('/movies/king-of-boys-2018/similar'))
    expect(movie.reviews).toEqual({ data: [], page: { limit: 20, next_cursor: null, total: null } })
  })

  it('is what is asked for only', async () => {
    const movie = await json('/movies/king-of-boys-2018?include=similar,similar')
    expect(movie.similar.data.length).toBeGreaterThan(0)
    expect(movie).not.toHaveProperty('reviews')
  })

  it.each(['cast', 'reviews;similar', ''])('refuses %j', async (include) => {
    const answer = await get(`/movies/king-of-boys-2018?include=${encodeURIComponent(include)}`)
    expect(answer.statusCode).toBe(422)
    expect(answer.json().details[0].field).toBe('query.include')
  })
})

describe('similar titles', () => {
  it('begin with the same story, then shared people, then shared genres; unlike ones are left out', async () => {
    const { data, page } = await json('/movies/king-of-boys-2018/similar')
    expect(data.map(({ slug }: { slug: string }) => slug)).toEqual([
      'king-of-boys-2-2021',
      'king-of-boys-3-2025',
      'gangs-of-lagos-2023',
      'the-wedding-party-2016',
    ])
    expect(page).toEqual({ limit: 20, next_cursor: null, total: null })
  })

  it('are as many as asked for', async () => {
    expect((await json('/movies/king-of-boys-2018/similar?limit=2')).data).toHaveLength(2)
    expect((await get('/movies/king-of-boys-2018/similar?limit=101')).statusCode).toBe(422)
  })

  it('of a title without anything are none, and of no title a 404', async () => {
    const { slug } = await makeTitle(ctx.db, { title: 'Bare' })
    expect((await json(`/movies/${slug}/similar`)).data).toEqual([])
    expect((await get('/movies/nope/similar')).statusCode).toBe(404)
  })
})

describe('the stats of a title', () => {
  it('say averages and the distribution', async () => {
    expect(await json('/movies/king-of-boys-2018/stats')).toEqual({
      average_rating: 8.3,
      weighted_rating: 7.413,
      review_count: 3,
      rating_distribution: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 7: 1, 8: 0, 9: 2, 10: 0 },
      critic_rating: null,
      critic_count: 0,
      audience_rating: 8.3,
      audience_count: 3,
      score_state: 'insufficient',
      cultural_authenticity_avg: null,
      cultural_authenticity_count: 0,
      production_quality_avg: null,
      production_quality_count: 0,
      story_avg: 8.5,
      story_count: 2,
      acting_avg: null,
      acting_count: 0,
      cinematography_avg: null,
      cinematography_count: 0,
    })
    expect((await get('/movies/nope/stats')).statusCode).toBe(404)
  })
})

describe('a person', () => {
  it('comes with their titles, the newest first, with all that they did in each', async () => {
    const { id } = await makePerson(ctx.db, 'Sola Sobowale')
    await ctx.db
      .insertInto('movie_credits')
      .values({ movie_id: kob.id, person_id: id, role: 'producer', billing_order: 0 })
      .execute()
    await ctx.db.insertInto('person_aliases').values({ person_id: id, name: 'Shola Shobowale' }).execute()
    const person = await json('/people/sola-sobowale')
    expect(person).toMatchObject({
      id,
      name: 'Sola Sobowale',
      aliases: ['Shola Shobowale'],
      roles: ['actor', 'producer'],
      title_count: 2,
      filmography: {
        data: [
          { movie: { slug: 'king-of-boys-2-2021', viewer: null }, roles: [{ role: 'actor', character: null }] },
          { movie: { slug: 'king-of-boys-2018' }, roles: [{ role: 'actor' }, { role: 'producer' }] },
        ],
        page: { limit: 20, next_cursor: null, total: null },
      },
    })
    expect(await json(`/people/${id}`)).toEqual(person)
  })

  it('has a filmography in pages', async () => {
    const first = await json('/people/kemi-adetiba?limit=1')
    const second = await json(`/people/kemi-adetiba?limit=1&cursor=${first.filmography.page.next_cursor}`)
    const shown = [first, second].flatMap(({ filmography }) => filmography.data)
    expect(shown.map(({ movie }: { movie: { title: string } }) => movie.title)).toEqual([
      'The Wedding Party',
      'King of Boys',
    ])
    expect(second.filmography.page.next_cursor).toBeNull()
    const counted = await json('/people/kemi-adetiba?limit=1&include_total=true')
    expect(counted.filmography.page).toMatchObject({ limit: 1, total: 2 })
    expect((await get(`/people/sola-sobowale?cursor=${first.filmography.page.next_cursor}`)).statusCode).toBe(422)
  })

  it('who did nothing yet has an empty one', async () => {
    const { slug } = await makePerson(ctx.db)
    expect(await json(`/people/${slug}`)).toMatchObject({ roles: [], title_count: 0, filmography: { data: [] } })
  })

  it('is found by a former slug, and nobody by an unknown one', async () => {
    const { id } = await makePerson(ctx.db, 'Reminisce')
    await ctx.db.insertInto('person_former_slugs').values({ person_id: id, slug: 'alaga-ibile' }).execute()
    const moved = await get('/people/alaga-ibile?limit=5')
    expect([moved.statusCode, moved.headers.location]).toEqual([308, '/api/v1/people/reminisce?limit=5'])
    expect((await get('/people/nobody')).statusCode).toBe(404)
    expect((await get('/people/0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77')).statusCode).toBe(404)
    expect((await get('/people/No%20Body')).statusCode).toBe(422)
  })
})

describe('genres, languages and meta', () => {
  it('are listed by name with exact counts', async () => {
    const genres = await json('/genres')
    expect(genres.data).toEqual([
      { slug: 'children', name: 'Children', movie_count: 1, series_count: 0 },
      { slug: 'crime', name: 'Crime', movie_count: 2, series_count: 1 },
      { slug: 'drama', name: 'Drama', movie_count: 2, series_count: 0 },
    ])
    const languages = await json('/languages')
    expect(languages.data.map(({ code }: { code: string }) => code)).toEqual(['en', 'ha', 'yo'])
  })

  it('are lists like any other', async () => {
    const first = await json('/genres?limit=2')
    expect(first.page.limit).toBe(2)
    const rest = await json(`/genres?limit=2&cursor=${first.page.next_cursor}`)
    expect(rest.data.map(({ slug }: { slug: string }) => slug)).toEqual(['drama'])
    expect(rest.page.next_cursor).toBeNull()
    expect((await get(`/languages?cursor=${first.page.next_cursor}`)).statusCode).toBe(422)
    expect((await json('/languages?limit=1')).data).toHaveLength(1)
    expect((await json('/languages?limit=1')).page.total).toBeNull()
    expect((await json('/languages?limit=1&include_total=true')).page.total).toBe(3)
    expect((await json(`/genres?cursor=${first.page.next_cursor}&include_total=true`)).page.total).toBe(3)
  })

  it('meta has every closed list', async () => {
    const meta = await json('/meta')
    expect(meta.classifications.map(({ code }: { code: string }) => code)).toContain('12A')
    expect(meta.genres).toContainEqual({ slug: 'crime', name: 'Crime' })
    expect(meta.languages).toContainEqual({ code: 'yo', name: 'Yoruba' })
    for (const list of ['criteria', 'tags', 'report_reasons', 'roles', 'image_sizes']) {
      expect(meta[list].length, list).toBeGreaterThan(2)
    }
    expect(meta.limits.page_max).toBe(100)
    expect((await get('/meta?x=1')).statusCode).toBe(422)
  })
})
