import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'
import { type Ask, ask } from '../../support/social-factory.ts'

let ctx: TestContext
let asks: Ask
beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  return () => ctx[Symbol.asyncDispose]()
})

const none = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 7: 0, 8: 0, 9: 0, 10: 0 }
const thisYear = Number(new Intl.DateTimeFormat('en', { timeZone: 'Africa/Lagos', year: 'numeric' }).format(new Date()))

describe('the statistics of an account', () => {
  it('are all nothing at first', async () => {
    const ada = await makeAuthor(ctx.db)
    const answer = await asks(null, 'GET', `/users/${ada.id}/statistics`)
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        user_id: ada.id,
        total_reviews: 0,
        average_rating: null,
        rating_distribution: none,
        followers_count: 0,
        following_count: 0,
        movies_watched: 0,
        favorite_genres: [],
        favorite_languages: [],
        this_year: { year: thisYear, total_reviews: 0, average_rating: null, movies_watched: 0 },
      },
    ])
  })

  it('count what is there, at once and exactly', async () => {
    const [ada, fan] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db)]
    await asks(fan, 'POST', `/users/${ada.id}/follow`)
    const crime = { genres: ['crime'], languages: ['yo'] }
    const [one, two, three, four] = [
      await makeTitle(ctx.db, crime),
      await makeTitle(ctx.db, { ...crime, languages: ['yo', 'en'] }),
      await makeTitle(ctx.db, { genres: ['drama'], languages: ['en'] }),
      await makeTitle(ctx.db, crime),
    ]
    await makeReview(ctx.db, { user_id: ada.id, movie_id: one.id, lemon_pie_rating: 9 })
    await makeReview(ctx.db, {
      user_id: ada.id,
      movie_id: two.id,
      lemon_pie_rating: 6,
      created_at: '2021-05-01T12:00:00Z',
    })
    await makeReview(ctx.db, { user_id: ada.id, movie_id: three.id, lemon_pie_rating: 1, moderation_status: 'pending' })
    await asks(ada, 'POST', `/users/watched/${four.id}`, { watched_on: `${thisYear - 1}-03-01` })
    const read = async () => (await asks(null, 'GET', `/users/${ada.id}/statistics`)).json()
    expect(await read()).toEqual({
      user_id: ada.id,
      total_reviews: 2,
      average_rating: 7.5,
      rating_distribution: { ...none, 6: 1, 9: 1 },
      followers_count: 1,
      following_count: 0,
      movies_watched: 4,
      favorite_genres: [
        { genre: { slug: 'crime', name: 'Crime' }, count: 3 },
        { genre: { slug: 'drama', name: 'Drama' }, count: 1 },
      ],
      favorite_languages: [
        { language: { code: 'yo', name: 'Yoruba' }, count: 3 },
        { language: { code: 'en', name: 'English' }, count: 2 },
      ],
      // The review of 2021 was watched then, and the fourth last year.
      this_year: { year: thisYear, total_reviews: 1, average_rating: 9, movies_watched: 2 },
    })
    await asks(ada, 'POST', `/users/watched/${four.id}`, { watched_on: `${thisYear}-01-01` })
    expect((await read()).this_year.movies_watched).toBe(3)
    const { stats } = (await asks(null, 'GET', `/users/${ada.id}`)).json()
    expect(stats).toEqual({
      total_reviews: 2,
      average_rating: 7.5,
      followers_count: 1,
      following_count: 0,
      movies_watched: 4,
    })
  })

  it('keep to themselves what a private list would tell', async () => {
    const [ada, fan] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db)]
    await asks(fan, 'POST', `/users/${ada.id}/follow`)
    const [seen, reviewed] = [
      await makeTitle(ctx.db, { genres: ['war'] }),
      await makeTitle(ctx.db, { genres: ['epic'] }),
    ]
    await asks(ada, 'POST', `/users/watched/${seen.id}`)
    await makeReview(ctx.db, { user_id: ada.id, movie_id: reviewed.id })
    await asks(ada, 'PUT', '/users/list-privacy', { watched: 'followers' })
    const read = async (who: typeof ada | null) => {
      const all = (await asks(who, 'GET', `/users/${ada.id}/statistics`)).json()
      const { stats } = (await asks(who, 'GET', `/users/${ada.id}`)).json()
      const genres = all.favorite_genres.map(({ genre }: { genre: { slug: string } }) => genre.slug)
      return [all.movies_watched, all.this_year.movies_watched, stats.movies_watched, genres]
    }
    expect(await read(null)).toEqual([null, null, null, ['epic']])
    expect(await read(fan)).toEqual([2, 2, 2, ['epic', 'war']])
    expect(await read(ada)).toEqual([2, 2, 2, ['epic', 'war']])
    expect((await asks(ada, 'GET', '/users/profile')).json().stats.movies_watched).toBe(2)
  })

  it('of nobody are a 404', async () => {
    const gone = await makeAuthor(ctx.db)
    await ctx.db
      .updateTable('users')
      .set({ suspended_at: new Date().toISOString() })
      .where('id', '=', gone.id)
      .execute()
    for (const id of [randomUUID(), gone.id]) {
      expect((await asks(null, 'GET', `/users/${id}/statistics`)).statusCode).toBe(404)
    }
    expect((await asks(null, 'GET', '/users/ada/statistics')).statusCode).toBe(422)
  })
})
