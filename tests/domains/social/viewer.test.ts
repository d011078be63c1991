import { beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'
import { type Ask, ask } from '../../support/social-factory.ts'

let ctx: TestContext
let asks: Ask
let ada: Actor
let title: Awaited<ReturnType<typeof makeTitle>>

const facts = { my_rating: 7, in_watchlist: false, in_favorites: true, watched: true }
const nothing = { my_rating: null, in_watchlist: false, in_favorites: false, watched: false }

beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  ada = await makeAuthor(ctx.db)
  const kin = { directors: ['Viewed Director'], genres: ['viewed'] }
  title = await makeTitle(ctx.db, { title: 'Viewed First', ...kin })
  await makeTitle(ctx.db, { title: 'Viewed Second', ...kin, part_of: title.id, part_number: 2 })
  await makeReview(ctx.db, { user_id: ada.id, movie_id: title.id, lemon_pie_rating: 7 })
  await asks(ada, 'POST', `/users/favorites/${title.id}`)
  await ctx.db.insertInto('featured_movies').values({ movie_id: title.id, position: 1 }).execute()
  await ctx.db.insertInto('movie_trending').values({ movie_id: title.id, trending_window: 'week', score: 1 }).execute()
  return () => ctx[Symbol.asyncDispose]()
})

interface Shown {
  readonly id: string
  readonly viewer: object | null
}

/** Every title in an answer. */
function titlesIn(value: unknown): Shown[] {
  if (value === null || typeof value !== 'object') return []
  const inner = Object.values(value).flatMap(titlesIn)
  return 'viewer' in value && 'slug' in value ? [value as unknown as Shown, ...inner] : inner
}

describe('what a title is to who asks', () => {
  it.each([
    '/movies',
    '/movies?sort=rating',
    '/movies/featured',
    '/movies/trending',
    '/movies/{title}',
    '/movies/{title}?include=reviews,similar',
    '/movies/{title}/similar',
    '/movies/{title}/reviews',
    '/people/viewed-director',
    '/search?q=viewed',
    '/movies/search?q=viewed+first',
    '/reviews',
    '/users/{ada}/reviews',
    '/users/{ada}/favorites',
    '/users/{ada}/watched',
  ])('stands with it in GET %s, which is anybody’s else', async (path) => {
    const url = path.replace('{title}', title.slug).replace('{ada}', ada.id)
    // The answer for everybody is kept before and after.
    for (const who of [null, ada, null, ada]) {
      const answer = await asks(who, 'GET', url)
      expect(answer.statusCode, answer.body).toBe(200)
      const shown = titlesIn(answer.json())
      expect(shown.length).toBeGreaterThan(0)
      for (const { id, viewer } of shown) {
        if (who === null) expect(viewer).toBeNull()
        else expect(viewer).toMatchObject(id === title.id ? facts : nothing)
      }
      if (who !== null) expect(answer.headers['cache-control']).toMatch(/^private/)
    }
  })

  it('has the review too where the title is in full', async () => {
    const { viewer } = (await asks(ada, 'GET', `/movies/${title.id}`)).json()
    expect(viewer).toMatchObject({ ...facts, my_review: { lemon_pie_rating: 7, user: { id: ada.id } } })
    const other = await makeAuthor(ctx.db)
    expect((await asks(other, 'GET', `/movies/${title.id}`)).json().viewer).toEqual({ ...nothing, my_review: null })
  })

  it('is so at once', async () => {
    const chi = await makeAuthor(ctx.db)
    const inWatchlist = async () => {
      const { data } = (await asks(chi, 'GET', '/movies?genre=viewed&sort=title')).json()
      return data[0].viewer.in_watchlist
    }
    expect(await inWatchlist()).toBe(false)
    await asks(chi, 'POST', `/users/watchlist/${title.id}`)
    expect(await inWatchlist()).toBe(true)
  })
})

describe('a block', () => {
  it('hides what either wrote from the other, and takes neither vote nor report across', async () => {
    const [author, reader] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db)]
    const film = await makeTitle(ctx.db)
    const written = await makeReview(ctx.db, { user_id: author.id, movie_id: film.id })
    await ctx.db
      .insertInto('review_trending')
      .values({ review_id: written.id, trending_window: 'week', score: 5 })
      .execute()
    const lists = [
      '/reviews',
      `/reviews?user_id=${author.id}`,
      '/reviews/trending',
      `/movies/${film.slug}/reviews`,
      `/movies/${film.slug}/reviews?sort=highest`,
    ]
    const seenIn = async (who: Actor | null, path: string) =>
      (await asks(who, 'GET', path)).json().data.some(({ id }: Shown) => id === written.id)
    const embedded = async (who: Actor | null) =>
      (await asks(who, 'GET', `/movies/${film.slug}?include=reviews`)).json().reviews.data.length
    for (const path of lists) expect(await seenIn(reader, path), path).toBe(true)
    await asks(author, 'POST', `/users/${reader.id}/block`)
    for (const path of lists) {
      expect(await seenIn(reader, path), path).toBe(false)
      expect(await seenIn(null, path), path).toBe(true)
      expect(await seenIn(author, path), path).toBe(true)
    }
    expect([await embedded(reader), await embedded(null), await embedded(author)]).toEqual([0, 1, 1])
    expect((await asks(reader, 'GET', `/reviews/${written.id}`)).statusCode).toBe(404)
    expect((await asks(reader, 'GET', `/users/${author.id}/reviews`)).statusCode).toBe(404)
    const vote = () => asks(reader, 'POST', `/reviews/${written.id}/vote`, { vote_type: 'helpful' })
    const report = () => asks(reader, 'POST', `/reviews/${written.id}/report`, { reason: 'abuse' })
    expect([(await vote()).statusCode, (await report()).statusCode]).toEqual([404, 404])
    await asks(author, 'DELETE', `/users/${reader.id}/block`)
    expect([(await vote()).statusCode, (await report()).statusCode]).toEqual([200, 201])
  })
})
