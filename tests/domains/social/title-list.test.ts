import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { byHeader, makeAuthor, makeReview, someText } from '../../support/review-factory.ts'
import { type Ask, ask, walk } from '../../support/social-factory.ts'

let ctx: TestContext
let asks: Ask
beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  return () => ctx[Symbol.asyncDispose]()
})

interface Row {
  readonly movie: { readonly id: string; readonly title: string; readonly viewer: object | null }
  readonly added_at: string
  readonly watched_on?: string | null
  readonly dates?: readonly string[]
  readonly times?: number
}

const lists = ['watchlist', 'favorites', 'watched'] as const
const rowsOf = ({ id }: Actor, list: (typeof lists)[number]) =>
  ctx.db.selectFrom('list_titles').selectAll().where('user_id', '=', id).where('list', '=', list).execute()
const idsOn = async (who: Actor, list: string) =>
  (await walk<Row>(asks, who, `/users/${list}`)).map(({ movie }) => movie.id)
const titlesOn = async (who: Actor, path: string) => (await walk<Row>(asks, who, path)).map(({ movie }) => movie.title)

describe.each(lists)('the list %s', (list) => {
  it('takes a title once, tells it as 201 and then 200, and lets it go once', async () => {
    const [ada, title] = [await makeAuthor(ctx.db), await makeTitle(ctx.db)]
    const first = await asks(ada, 'POST', `/users/${list}/${title.id}`)
    expect([first.statusCode, first.headers.location]).toEqual([201, `/api/v1/users/${list}`])
    expect(first.json().movie).toMatchObject({
      id: title.id,
      viewer: {
        my_rating: null,
        in_watchlist: list === 'watchlist',
        in_favorites: list === 'favorites',
        watched: list === 'watched',
      },
    })
    const second = await asks(ada, 'POST', `/users/${list}/${title.id}`)
    expect([second.statusCode, second.json()]).toEqual([200, first.json()])
    expect(await idsOn(ada, list)).toEqual([title.id])
    for (let time = 0; time < 2; time += 1) {
      expect((await asks(ada, 'DELETE', `/users/${list}/${title.id}`)).statusCode).toBe(204)
    }
    expect(await idsOn(ada, list)).toEqual([])
  })

  it('has one row of a title that was added 50 times at once', async () => {
    const [ada, title] = [await makeAuthor(ctx.db), await makeTitle(ctx.db)]
    const answers = await Promise.all(Array.from({ length: 50 }, () => asks(ada, 'POST', `/users/${list}/${title.id}`)))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([...Array.from({ length: 49 }, () => 200), 201])
    expect(await rowsOf(ada, list)).toHaveLength(1)
    const { rows } = await ctx.pool.query('select act_count from activities where user_id = $1', [ada.id])
    expect(rows).toEqual([{ act_count: 1 }])
  })

  it('knows no title that isn’t there, and no malformed id; nobody has one', async () => {
    const ada = await makeAuthor(ctx.db)
    for (const method of ['POST', 'DELETE'] as const) {
      expect((await asks(ada, method, `/users/${list}/${randomUUID()}`)).statusCode).toBe(404)
      expect((await asks(ada, method, `/users/${list}/king-of-boys`)).statusCode).toBe(422)
      expect((await asks(null, method, `/users/${list}/${randomUUID()}`)).statusCode).toBe(401)
    }
    expect((await asks(null, 'GET', `/users/${list}`)).statusCode).toBe(401)
    expect(await rowsOf(ada, list)).toEqual([])
  })

  it('sorts by every key both ways, with what has none last, page by page', async () => {
    const ada = await makeAuthor(ctx.db)
    const made = [
      await makeTitle(ctx.db, { title: 'Ẹ̀yọ̀', release_date: '2011-02-03', stats: { weighted_rating: 8 } }),
      await makeTitle(ctx.db, { title: 'Bling', release_year: 2011, stats: { weighted_rating: 9 } }),
      await makeTitle(ctx.db, { title: 'Ajé', release_precision: 'unknown' }),
      await makeTitle(ctx.db, { title: 'Citation', release_date: '2020-11-06', stats: { weighted_rating: 7 } }),
    ]
    for (const { id } of made) await asks(ada, 'POST', `/users/${list}/${id}`)
    const by = (query: string) => titlesOn(ada, `/users/${list}?limit=1&${query}`)
    expect(await by('')).toEqual(['Citation', 'Ajé', 'Bling', 'Ẹ̀yọ̀'])
    expect(await by('sort=added_at&order=asc')).toEqual(['Ẹ̀yọ̀', 'Bling', 'Ajé', 'Citation'])
    expect(await by('sort=title')).toEqual(['Ajé', 'Bling', 'Citation', 'Ẹ̀yọ̀'])
    expect(await by('sort=title&order=desc')).toEqual(['Ẹ̀yọ̀', 'Citation', 'Bling', 'Ajé'])
    expect(await by('sort=release_date')).toEqual(['Citation', 'Ẹ̀yọ̀', 'Bling', 'Ajé'])
    expect(await by('sort=release_date&order=asc')).toEqual(['Bling', 'Ẹ̀yọ̀', 'Citation', 'Ajé'])
    expect(await by('sort=rating')).toEqual(['Bling', 'Ẹ̀yọ̀', 'Citation', 'Ajé'])
    expect(await by('sort=rating&order=asc')).toEqual(['Citation', 'Ẹ̀yọ̀', 'Bling', 'Ajé'])
  })

  it('is narrowed by type, genre, language, year and rating, its total too', async () => {
    const ada = await makeAuthor(ctx.db)
    const one = await makeTitle(ctx.db, {
      genres: ['heist'],
      languages: ['yo'],
      release_year: 2001,
      stats: { review_count: 1, rating_sum: 9 },
    })
    const two = await makeTitle(ctx.db, { type: 'series', genres: ['soap'], languages: ['ha'], release_year: 2015 })
    for (const { id } of [one, two]) await asks(ada, 'POST', `/users/${list}/${id}`)
    const by = async (query: string) => {
      const { data, page } = (await asks(ada, 'GET', `/users/${list}?include_total=true&${query}`)).json()
      expect(page.total).toBe(data.length)
      return data.map(({ movie }: Row) => movie.id)
    }
    for (const query of ['type=movie', 'genre=heist', 'language=yo', 'year_max=2001', 'rating_min=8&rating_max=9.5']) {
      expect(await by(query), query).toEqual([one.id])
    }
    expect(await by('genre=soap&genre=none')).toEqual([two.id])
    expect(await by('year_min=2010')).toEqual([two.id])
    expect(await by('genre=none')).toEqual([])
    for (const query of [
      'year_min=2010&year_max=2009',
      'rating_min=9&rating_max=2',
      'sort=mood',
      'limit=0',
      'cursor=x',
      'x=1',
    ]) {
      expect((await asks(ada, 'GET', `/users/${list}?${query}`)).statusCode, query).toBe(422)
    }
  })

  it('is shown as its owner says: to all, to followers, to nobody; a suspended owner’s to none', async () => {
    const [ada, fan, other] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db), await makeAuthor(ctx.db)]
    const title = await makeTitle(ctx.db)
    await asks(ada, 'POST', `/users/${list}/${title.id}`)
    await asks(fan, 'POST', `/users/${ada.id}/follow`)
    const seenBy = async (who: Actor | null) => (await asks(who, 'GET', `/users/${ada.id}/${list}`)).statusCode
    const all = async () => [await seenBy(null), await seenBy(other), await seenBy(fan), await seenBy(ada)]
    const show = (visibility: string) => asks(ada, 'PUT', '/users/list-privacy', { [list]: visibility })
    expect(await all()).toEqual([200, 200, 200, 200])
    expect((await asks(other, 'GET', `/users/${ada.id}/${list}`)).json().data[0].movie).toMatchObject({
      id: title.id,
      viewer: { in_watchlist: false, in_favorites: false, watched: false },
    })
    await show('followers')
    expect(await all()).toEqual([403, 403, 200, 200])
    await show('private')
    expect(await all()).toEqual([403, 403, 403, 200])
    expect((await asks(fan, 'GET', `/users/${ada.id}/${list}`)).json().error).toBe('list_private')
    expect(await idsOn(ada, list)).toEqual([title.id])
    await show('public')
    expect(await all()).toEqual([200, 200, 200, 200])
    await ctx.db.updateTable('users').set({ suspended_at: new Date().toISOString() }).where('id', '=', ada.id).execute()
    expect(await seenBy(fan)).toBe(404)
    expect((await asks(null, 'GET', `/users/${randomUUID()}/${list}`)).statusCode).toBe(404)
  })

  it('loses and doubles nothing while titles come and go between its pages', async () => {
    const ada = await makeAuthor(ctx.db)
    const made = []
    for (let index = 0; index < 7; index += 1) made.push(await makeTitle(ctx.db))
    for (const { id } of made.slice(0, 6)) await asks(ada, 'POST', `/users/${list}/${id}`)
    const first = (await asks(ada, 'GET', `/users/${list}?limit=2`)).json()
    await asks(ada, 'POST', `/users/${list}/${made[6]!.id}`)
    await asks(ada, 'DELETE', `/users/${list}/${made[5]!.id}`)
    await asks(ada, 'DELETE', `/users/${list}/${made[1]!.id}`)
    const rest = await walk<Row>(asks, ada, `/users/${list}?limit=2`, first.page.next_cursor)
    const seen = [...first.data, ...rest].map(({ movie }: Row) => movie.id)
    expect(seen).toEqual([made[5]!, made[4]!, made[3]!, made[2]!, made[0]!].map(({ id }) => id))
  })

  it('goes on by title where it was, while titles come and go before and after', async () => {
    const ada = await makeAuthor(ctx.db)
    const made = new Map<string, string>()
    const put = async (title: string) => {
      const { id } = await makeTitle(ctx.db, { title })
      made.set(title, id)
      await asks(ada, 'POST', `/users/${list}/${id}`)
    }
    for (const title of ['Bling', 'Citation', 'Dognapped', 'Eyimofe', 'Fifty']) await put(title)
    const first = (await asks(ada, 'GET', `/users/${list}?limit=2&sort=title`)).json()
    for (const title of ['Amina', 'Elesin']) await put(title)
    for (const title of ['Citation', 'Eyimofe']) await asks(ada, 'DELETE', `/users/${list}/${made.get(title)}`)
    const rest = await walk<Row>(asks, ada, `/users/${list}?limit=2&sort=title`, first.page.next_cursor)
    const seen = [...first.data, ...rest].map(({ movie }: Row) => movie.title)
    expect(seen).toEqual(['Bling', 'Citation', 'Dognapped', 'Elesin', 'Fifty'])
  })
})

describe('what was watched', () => {
  const watch = (who: Actor, id: string, body?: object) => asks(who, 'POST', `/users/watched/${id}`, body)

  it('has days: another one is a rewatch, the same one none', async () => {
    const [ada, title] = [await makeAuthor(ctx.db), await makeTitle(ctx.db, { release_date: '2018-10-26' })]
    const bare = await watch(ada, title.id)
    expect([bare.statusCode, bare.json()]).toMatchObject([201, { watched_on: null, dates: [], times: 1 }])
    await watch(ada, title.id, { watched_on: '2018-10-26' })
    const answers = await Promise.all([1, 2, 3].map(() => watch(ada, title.id, { watched_on: '2020-02-29' })))
    for (const answer of answers) {
      expect([answer.statusCode, answer.json()]).toMatchObject([
        200,
        { watched_on: '2020-02-29', dates: ['2020-02-29', '2018-10-26'], times: 2 },
      ])
    }
    expect((await asks(ada, 'DELETE', `/users/watched/${title.id}?watched_on=2020-02-29`)).statusCode).toBe(204)
    expect((await walk<Row>(asks, ada, '/users/watched'))[0]).toMatchObject({ dates: ['2018-10-26'], times: 1 })
    await asks(ada, 'DELETE', `/users/watched/${title.id}`)
    expect(await ctx.db.selectFrom('viewings').selectAll().where('user_id', '=', ada.id).execute()).toEqual([])
  })

  it('has one viewing of a day that was logged 50 times at once', async () => {
    const [ada, title] = [await makeAuthor(ctx.db), await makeTitle(ctx.db)]
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => watch(ada, title.id, { watched_on: '2021-05-01' })),
    )
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([...Array.from({ length: 49 }, () => 200), 201])
    expect(new Set(answers.map((answer) => answer.json().times))).toEqual(new Set([1]))
    expect(await ctx.db.selectFrom('viewings').select('watched_on').where('user_id', '=', ada.id).execute()).toEqual([
      { watched_on: '2021-05-01' },
    ])
  })

  it('goes on by the day it was watched on where it was, while days come and go', async () => {
    const ada = await makeAuthor(ctx.db)
    const days = ['2021-01-01', '2021-02-01', '2021-03-01', '2021-04-01', '2021-05-01']
    const made = []
    for (const watched_on of days) {
      const { id } = await makeTitle(ctx.db)
      await watch(ada, id, { watched_on })
      made.push(id)
    }
    const path = '/users/watched?limit=2&sort=watched_on'
    const first = (await asks(ada, 'GET', path)).json()
    const [later, between] = [(await makeTitle(ctx.db)).id, (await makeTitle(ctx.db)).id]
    await watch(ada, later, { watched_on: '2022-01-01' })
    await watch(ada, between, { watched_on: '2021-02-15' })
    await asks(ada, 'DELETE', `/users/watched/${made[1]}`)
    await asks(ada, 'DELETE', `/users/watched/${made[3]}`)
    const rest = await walk<Row>(asks, ada, path, first.page.next_cursor)
    const seen = [...first.data, ...rest].map(({ movie }: Row) => movie.id)
    expect(seen).toEqual([made[4], made[3], made[2], between, made[0]])
  })

  it('was not watched in the future, before the release, or on no day at all', async () => {
    const ada = await makeAuthor(ctx.db)
    const dated = await makeTitle(ctx.db, { release_date: '2018-10-26' })
    const ofYear = await makeTitle(ctx.db, { release_year: 2018 })
    const ofMonth = await makeTitle(ctx.db, { release_date: '2018-10-01', release_precision: 'month' })
    const unknown = await makeTitle(ctx.db, { release_precision: 'unknown' })
    const tomorrow = new Date(Date.now() + 25 * 3_600_000).toISOString().slice(0, 10)
    for (const [id, body, field] of [
      [dated.id, { watched_on: '2018-10-25' }, 'body.watched_on'],
      [ofYear.id, { watched_on: '2017-12-31' }, 'body.watched_on'],
      [dated.id, { watched_on: tomorrow }, 'body.watched_on'],
      [dated.id, { watched_on: '0000-01-01' }, 'body.watched_on'],
      [unknown.id, { watched_on: '0001-01-01' }, 'body.watched_on'],
      [unknown.id, { watched_on: '1894-12-31' }, 'body.watched_on'],
      [ofMonth.id, { watched_on: '2018-09-30' }, 'body.watched_on'],
      [dated.id, { watched_on: '2019-02-29' }, 'body.watched_on'],
      [dated.id, { watched_on: 'yesterday' }, 'body.watched_on'],
      [dated.id, { watched_on: null }, 'body.watched_on'],
      [dated.id, { seen: true }, 'body.seen'],
    ] as const) {
      const answer = await watch(ada, id, body)
      expect([answer.statusCode, answer.json().details?.[0]?.field], JSON.stringify(body)).toEqual([422, field])
    }
    expect(await rowsOf(ada, 'watched')).toEqual([])
    for (const day of ['0000-01-01', '0001-01-01', '1894-12-31', '2019-02-29']) {
      const answer = await asks(ada, 'DELETE', `/users/watched/${dated.id}?watched_on=${day}`)
      expect([answer.statusCode, answer.json().details?.[0]?.field], day).toEqual([422, 'query.watched_on'])
    }
    expect((await watch(ada, ofYear.id, { watched_on: '2018-01-01' })).statusCode).toBe(201)
    expect((await watch(ada, ofMonth.id, { watched_on: '2018-10-01' })).statusCode).toBe(201)
    expect((await watch(ada, unknown.id, { watched_on: '1895-01-01' })).statusCode).toBe(201)
  })

  it('leaves the watchlist, unless asked to stay', async () => {
    const [ada, one, two] = [await makeAuthor(ctx.db), await makeTitle(ctx.db), await makeTitle(ctx.db)]
    for (const { id } of [one, two]) await asks(ada, 'POST', `/users/watchlist/${id}`)
    await watch(ada, one.id)
    const { movie } = (await watch(ada, two.id, { keep_on_watchlist: true })).json()
    expect(movie.viewer).toMatchObject({ in_watchlist: true, watched: true })
    expect(await idsOn(ada, 'watchlist')).toEqual([two.id])
  })

  it('sorts by the day it was last watched on, what has none last', async () => {
    const ada = await makeAuthor(ctx.db)
    const [one, two, three] = [await makeTitle(ctx.db), await makeTitle(ctx.db), await makeTitle(ctx.db)]
    await watch(ada, one.id, { watched_on: '2021-05-01' })
    await watch(ada, two.id)
    await watch(ada, three.id, { watched_on: '2022-05-01' })
    await watch(ada, one.id, { watched_on: '2020-06-01' })
    const by = async (query: string) =>
      (await walk<Row>(asks, ada, `/users/watched?limit=1&${query}`)).map(({ movie }) => movie.id)
    expect(await by('sort=watched_on')).toEqual([three.id, one.id, two.id])
    expect(await by('sort=watched_on&order=asc')).toEqual([one.id, three.id, two.id])
    expect((await asks(ada, 'GET', '/users/favorites?sort=watched_on')).statusCode).toBe(422)
  })

  it('is what was reviewed, off the watchlist, for as long as the review is there', async () => {
    const [ada, title] = [await makeAuthor(ctx.db), await makeTitle(ctx.db)]
    await asks(ada, 'POST', `/users/watchlist/${title.id}`)
    const review = await asks(ada, 'POST', '/reviews', {
      movie_id: title.id,
      lemon_pie_rating: 8,
      review_text: someText(),
    })
    expect(review.statusCode, review.body).toBe(201)
    expect([await idsOn(ada, 'watched'), await idsOn(ada, 'watchlist')]).toEqual([[title.id], []])
    const refused = await asks(ada, 'DELETE', `/users/watched/${title.id}`)
    expect([refused.statusCode, refused.json().error]).toEqual([409, 'title_reviewed'])
    expect(await idsOn(ada, 'watched')).toEqual([title.id])
    await asks(ada, 'DELETE', `/reviews/${review.json().id}`)
    expect(await idsOn(ada, 'watched')).toEqual([title.id])
    expect((await asks(ada, 'DELETE', `/users/watched/${title.id}`)).statusCode).toBe(204)
  })

  it('and a review written meanwhile never leave the review without the mark', async () => {
    for (let round = 0; round < 8; round += 1) {
      const [ada, title] = [await makeAuthor(ctx.db), await makeTitle(ctx.db)]
      await watch(ada, title.id)
      const body = { movie_id: title.id, lemon_pie_rating: 8, review_text: someText() }
      const [review, unwatched] = await Promise.all([
        asks(ada, 'POST', '/reviews', body),
        asks(ada, 'DELETE', `/users/watched/${title.id}`),
      ])
      expect(review.statusCode).toBe(201)
      expect([204, 409]).toContain(unwatched.statusCode)
      expect(await rowsOf(ada, 'watched')).toHaveLength(1)
    }
  })

  it('is what spoilers are shown for', async () => {
    const [ada, review] = [
      await makeAuthor(ctx.db),
      await makeReview(ctx.db, { review_text: 'She dies. ||At the end of it all.||' }),
    ]
    const hidden = async () => (await asks(ada, 'GET', `/reviews/${review.id}`)).json().spoiler_hidden
    expect(await hidden()).toBe(true)
    await watch(ada, review.movie_id)
    expect(await hidden()).toBe(false)
  })
})

describe('the privacy of lists', () => {
  it('is public unless said otherwise, each for itself', async () => {
    const ada = await makeAuthor(ctx.db)
    expect((await asks(ada, 'GET', '/users/list-privacy')).json()).toEqual({
      watchlist: 'public',
      favorites: 'public',
      watched: 'public',
    })
    const patch = { watchlist: 'private', watched: 'followers' }
    const expected = { watchlist: 'private', favorites: 'public', watched: 'followers' }
    expect((await asks(ada, 'PUT', '/users/list-privacy', patch)).json()).toEqual(expected)
    expect((await asks(ada, 'PUT', '/users/list-privacy', {})).json()).toEqual(expected)
  })

  it('is one of three, of one of three lists, and the account’s alone', async () => {
    const ada = await makeAuthor(ctx.db)
    for (const body of [{ watchlist: 'friends' }, { watchlist: null }, { reviews: 'private' }, []]) {
      expect((await asks(ada, 'PUT', '/users/list-privacy', body)).statusCode, JSON.stringify(body)).toBe(422)
    }
    expect((await asks(null, 'PUT', '/users/list-privacy', {})).statusCode).toBe(401)
    expect(await ctx.db.selectFrom('list_privacy').selectAll().where('user_id', '=', ada.id).execute()).toEqual([])
  })
})
