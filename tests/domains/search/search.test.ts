import { beforeAll, describe, expect, it } from 'vitest'
import type { SearchHit } from '../../../src/domains/search/search.schemas.ts'
import type { App } from '../../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'

interface Results {
  readonly data: readonly SearchHit[]
  readonly page: { readonly next_cursor: string | null; readonly total: number | null }
  readonly did_you_mean: ReadonlyArray<{ readonly title: string; readonly type: string }>
}

let ctx: TestContext
let app: App

beforeAll(async () => {
  ctx = await testContext({ seeded: true })
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

async function search(q: string, query: Record<string, string> = {}, path = '/search'): Promise<Results> {
  const answer = await app.inject({ url: `/api/v1${path}`, query: { q, ...query } })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}
const titlesOf = async (q: string, query: Record<string, string> = {}, path = '/search') =>
  (await search(q, query, path)).data.map(({ title }) => title)

describe('what comes first', () => {
  it('is the name as it is, before other spellings of it, before misspellings', async () => {
    await makeTitle(ctx.db, { title: 'Zamfaruna' })
    await makeTitle(ctx.db, { title: 'Zamfáruna Rises' })
    await makeTitle(ctx.db, { title: 'Zamfaruno', stats: { popularity: 1 } })
    expect(await titlesOf('zamfaruna')).toEqual(['Zamfaruna', 'Zamfáruna Rises'])
    expect((await titlesOf('zamfarunna')).slice(0, 2).sort()).toEqual(['Zamfaruna', 'Zamfaruno'])
  })

  it('is the better known of two that are named alike', async () => {
    await makeTitle(ctx.db, { title: 'Quelimba', release_year: 2001, stats: { popularity: 0.1 } })
    await makeTitle(ctx.db, { title: 'Quelimba', release_year: 2002, stats: { popularity: 0.9 } })
    expect((await search('quelimba')).data.map(({ release_year }) => release_year)).toEqual([2002, 2001])
  })

  it('is the one of the year that was asked for', async () => {
    expect((await search('glamour girls 1994')).data[0]).toMatchObject({ release_year: 1994 })
    expect((await search('glamour girls 2022')).data[0]).toMatchObject({ release_year: 2022 })
  })

  it('is a name rather than a person, a person rather than a plot', async () => {
    await makeTitle(ctx.db, {
      title: 'Something Else',
      plot_summary: 'Ubantoro comes to town.',
      stats: { popularity: 1 },
    })
    await makeTitle(ctx.db, { title: 'Another Thing', actors: ['Bola Ubantoro'], stats: { popularity: 0.9 } })
    await makeTitle(ctx.db, { title: 'Ubantoro' })
    expect(await titlesOf('ubantoro')).toEqual(['Ubantoro', 'Another Thing', 'Something Else'])
  })

  it('is a plot with the word alone, likelier than a name with one like it', async () => {
    await makeTitle(ctx.db, { title: 'Faraway', plot_summary: 'Of quorvandim.', stats: { popularity: 0.5 } })
    expect(await titlesOf('quorvandim')).toEqual(['Faraway'])
    await makeTitle(ctx.db, { title: 'Fourth Thing', actors: ['Bola Quorvandims'] })
    expect((await titlesOf('quorvandim'))[0]).toBe('Faraway')
  })

  it('keeps the parts of a story together, in their order', async () => {
    const first = await makeTitle(ctx.db, { title: 'Mbarikola' })
    const third = { part_of: first.id, part_number: 3, stats: { popularity: 1 } }
    await makeTitle(ctx.db, { title: 'Mbarikola 3', ...third })
    await makeTitle(ctx.db, { title: 'Mbarikola 2', part_of: first.id, part_number: 2 })
    await makeTitle(ctx.db, { title: 'Mbarikola Night', stats: { popularity: 1 } })
    const found = await titlesOf('mbarikola')
    expect(found.slice(0, 3)).toEqual(['Mbarikola', 'Mbarikola 2', 'Mbarikola 3'])
    expect((await titlesOf('mbarikola part three'))[0]).toBe('Mbarikola 3')
  })
})

describe('what is found', () => {
  it.each([
    ['oloture', 'Òlòtūré'],
    ['Ṣaworoidẹ', 'Saworoide'],
    ['araromire', 'The Figurine'],
    ['thedeliveryboy', 'The Delivery Boy'],
    ['collision cou rse', 'Collision Course'],
    ['party wedding the', 'The Wedding Party'],
    ['taksi driver oko asewo', 'Taxi Driver: Oko Ashewo'],
    ['Papa Ajasco and Company', 'Papa Ajasco & Company'],
    ['obfw', "Our Best Friend's Wedding"],
  ])('%j finds %s', async (typed, title) => {
    expect((await titlesOf(typed))[0]).toBe(title)
  })

  it('is titles of stop words and of noise words too', async () => {
    for (const title of ['The Will', 'Her', 'Once', 'Film', 'Watch', 'The Movie', 'Truth or Dare']) {
      await makeTitle(ctx.db, { title })
      expect((await titlesOf(title.toLowerCase()))[0]).toBe(title)
    }
  })

  it('says what of it matched', async () => {
    const { data } = await search('kemi adetiba')
    expect(data.length).toBeGreaterThan(2)
    for (const hit of data.slice(0, 3)) {
      expect(hit.matched).toContainEqual({ field: 'director', value: 'Kemi Adetiba' })
    }
    expect((await search('tobi bakre brotherhood')).data[0]!.matched).toEqual([
      { field: 'title', value: 'Brotherhood' },
      { field: 'actor', value: 'Tobi Bakre' },
    ])
    expect((await search('agesinkole')).data[0]!.matched[0]).toMatchObject({ field: 'local_title' })
  })

  it('shows where it matched, as text whatever the text is', async () => {
    const nasty = '<img src=x onerror=alert(1)> & "Gwarimpa" \u0002nights\u0003'
    await makeTitle(ctx.db, { title: '<b>Gwarimpani</b>', plot_summary: nasty })
    const { data } = await search('gwarimpani nights')
    const [hit] = data
    expect(hit!.snippet.map(({ text }) => text).join('')).toMatch(/onerror=alert\(1\)> & "Gwarimpa" nights/)
    expect(hit!.snippet).toContainEqual({ text: 'nights', match: true })
    expect((await search('gwarimpani')).data[0]!.snippet).toEqual([
      { text: '<b>', match: false },
      { text: 'Gwarimpani', match: true },
      { text: '</b>', match: false },
    ])
  })

  it('obeys quotation marks, minus and or', async () => {
    expect(await titlesOf('"breaking free"')).toEqual(['Living in Bondage: Breaking Free'])
    expect(await titlesOf('"free breaking"')).toEqual([])
    expect(await titlesOf('wedding party -dubai')).not.toContain('The Wedding Party 2: Destination Dubai')
    expect((await titlesOf('lionheart or citation')).slice(0, 2).sort()).toEqual(['Citation', 'Lionheart'])
  })

  it('excludes a phrase, and not each of its words', async () => {
    await makeTitle(ctx.db, { title: 'Zubuqo Party' })
    await makeTitle(ctx.db, { title: 'Zubuqo Crashers' })
    await makeTitle(ctx.db, { title: 'Zubuqo Party-Crashers' })
    await makeTitle(ctx.db, { title: 'Zubuqo Night', plot_summary: 'The Party Crashers dance.' })
    await makeTitle(ctx.db, { title: 'Crashers at the Zubuqo Party' })
    const kept = ['Crashers at the Zubuqo Party', 'Zubuqo Crashers', 'Zubuqo Party']
    expect((await titlesOf('zubuqo -"party crashers"')).sort()).toEqual(kept)
    expect((await titlesOf('zubuqo -“PÁRTY CRASHERS”')).sort()).toEqual(kept)
    // Words that a mark joins stand in a row, too.
    expect((await titlesOf('zubuqo -party-crashers')).sort()).toEqual(kept)
    expect((await titlesOf('zubuqo party -"party crashers"'))[0]).toBe('Zubuqo Party')
    expect(await titlesOf('zubuqo -"party crashers" -crashers')).toEqual(['Zubuqo Party'])
    expect(await titlesOf('zubuqo -"party"')).toEqual(['Zubuqo Crashers'])
    expect((await search('zubuqo -"party crashers"', { include_total: 'true' })).page.total).toBe(3)
  })

  it('is for each of many alternatives, with the phrases that each asks for', async () => {
    const titles = ['Lionheart', 'Citation', 'Ijogbon', 'Brotherhood', 'Namaste Wahala', 'Òlòtūré', 'Swallow', 'Isoken']
    const found = await titlesOf(titles.join(' or '), { limit: '50' })
    expect(found).toEqual(expect.arrayContaining(titles.map((title) => title)))
    const free = 'Living in Bondage: Breaking Free'
    expect(await titlesOf('"free breaking" or citation')).not.toContain(free)
    expect((await titlesOf('"free breaking" or citation'))[0]).toBe('Citation')
    expect((await titlesOf('"breaking free" or citation')).slice(0, 2).sort()).toEqual(['Citation', free])
    expect(await titlesOf('citation or lionheart -citation')).not.toContain('Citation')
  })

  it('needs every one of several phrases, with a plot or without', async () => {
    await makeTitle(ctx.db, { title: 'Tuwo Kingdom Rising' })
    expect(await titlesOf('"tuwo kingdom" "kingdom rising"')).toEqual(['Tuwo Kingdom Rising'])
    expect(await titlesOf('"tuwo kingdom" "rising kingdom"')).toEqual([])
  })

  it('is of the type that was asked for', async () => {
    expect((await search('king of boys', {}, '/movies/search')).data.every(({ type }) => type === 'movie')).toBe(true)
    expect((await search('king of boys', {}, '/series/search')).data[0]!.title).toMatch(/^King of Boys: The Return/)
    expect((await search('king of boys', { type: 'series' })).data.every(({ type }) => type === 'series')).toBe(true)
  })

  it('is the nearest titles where there is nothing', async () => {
    const { data, did_you_mean } = await search('anikvxqzo')
    expect(data).toEqual([])
    expect(did_you_mean.length).toBeGreaterThan(0)
    expect(did_you_mean.length).toBeLessThanOrEqual(5)
  })

  it('is the nearest of what the filters leave, and where they leave nothing of all', async () => {
    const { data, did_you_mean } = await search('anikvxqzo', {}, '/series/search')
    expect(data).toEqual([])
    expect(did_you_mean.length).toBeGreaterThan(0)
    expect(did_you_mean.every(({ type }) => type === 'series')).toBe(true)
    // Where the filters leave nothing, it is they that may be wrong.
    for (const filter of [{ year: '1901' }, { genre: 'nosuch' }, { director: 'Nobody At All' }]) {
      const nothing = await search('king of boys', filter, '/movies/search')
      expect(nothing.data).toEqual([])
      expect(nothing.did_you_mean[0]!.title).toBe('King of Boys')
      expect(nothing.did_you_mean.length).toBeLessThanOrEqual(5)
      expect(nothing.did_you_mean.every(({ type }) => type === 'movie')).toBe(true)
    }
    expect((await search('king of boys -king', { year: '1901' })).did_you_mean).not.toContainEqual(
      expect.objectContaining({ title: 'King of Boys' }),
    )
  })

  it.each(['zzzzqqqq', 'xkcdqwrtpsdfg', '0000000000', 'ஃஃஃ', 'q w x z', 'ɮʢʡ'])(
    'is at most five titles, and no hit, for %j',
    async (gibberish) => {
      const { data, page, did_you_mean } = await search(gibberish, { include_total: 'true' })
      expect(data).toEqual([])
      expect(page).toMatchObject({ next_cursor: null, total: 0 })
      expect(did_you_mean.length).toBeLessThanOrEqual(5)
    },
  )
})

describe('bad input', () => {
  it.each([
    '!!! ??? ...',
    '🍋🥧🎬',
    'a\u0000b',
    'king "of boys',
    "'; DROP TABLE movies; --",
    '%'.repeat(200),
    '*'.repeat(200),
    'x'.repeat(200),
    'kingofboys'.repeat(20),
    'a b c d e f g h i j k l m n o p q r s t u v w x y z '.repeat(3).slice(0, 120),
    '((((&&&&|||!!!:*',
    `${'the '.repeat(49)}end`,
    '\\',
    "don't '''''",
    '-a -b -c',
    'or or or',
    'ﷺ'.repeat(100),
    '1 2 3 4 5 6 7 8 9 10 11 12',
  ])('%j is an ordinary query', async (typed) => {
    const { data } = await search(typed)
    expect(Array.isArray(data)).toBe(true)
    const answer = await app.inject({ url: '/api/v1/movies/suggestions', query: { q: typed.padEnd(2, ' ') } })
    expect(answer.statusCode).toBe(200)
  })

  it.each([
    ['/search', { q: '' }, 'query.q'],
    ['/search', { q: 'a'.repeat(201) }, 'query.q'],
    ['/movies/search', {}, 'query.q'],
    ['/movies/search', { q: 'x', limit: '101' }, 'query.limit'],
    ['/movies/search', { q: 'x', year_min: '2020', year_max: '2010' }, 'query.year_min'],
    ['/movies/search', { q: 'x', cursor: 'abc' }, 'query.cursor'],
    ['/movies/suggestions', { q: 'x' }, 'query.q'],
  ])('%s with %j names %s', async (path, query, field) => {
    const answer = await app.inject({ url: `/api/v1${path}`, query: query as unknown as Record<string, string> })
    expect(answer.statusCode).toBe(422)
    expect(answer.json().details[0].field).toBe(field)
  })
})
