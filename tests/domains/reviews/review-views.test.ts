import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { refreshTrendingScores } from '../../../src/domains/catalog/trending.jobs.ts'
import { decideReview } from '../../../src/domains/reviews/review.service.ts'
import { refreshTrendingReviews } from '../../../src/domains/reviews/review-stats.jobs.ts'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { as, byHeader, makeAuthor, makeReview, someText } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let author: Actor
let reader: Actor

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  author = await makeAuthor(ctx.db)
  reader = await makeAuthor(ctx.db)
  return () => ctx[Symbol.asyncDispose]()
})

const json = async (path: string, actor: Actor | null = null) => {
  const answer = await app.inject({ url: `/api/v1${path}`, headers: as(actor) })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}
const send = (method: 'POST' | 'PUT' | 'DELETE', path: string, actor: Actor, payload?: object) =>
  app.inject({ method, url: `/api/v1${path}`, headers: as(actor), ...(payload ? { payload } : {}) })
const publish = async (movie_id: string, actor = author, lemon_pie_rating = 8) => {
  const answer = await send('POST', '/reviews', actor, { movie_id, lemon_pie_rating, review_text: someText() })
  expect(answer.statusCode, answer.body).toBe(201)
  return answer.json()
}

describe('a title', () => {
  it('carries the caller’s own review, whatever its status, and null for nobody', async () => {
    const { id, slug } = await makeTitle(ctx.db)
    expect((await json(`/movies/${slug}`)).viewer).toBe(null)
    expect((await json(`/movies/${slug}`, author)).viewer).toMatchObject({ my_review: null, my_rating: null })
    const review = await publish(id)
    await ctx.db.updateTable('reviews').set({ moderation_status: 'pending' }).where('id', '=', review.id).execute()
    const { viewer } = await json(`/movies/${slug}`, author)
    expect(viewer.my_review).toEqual({
      ...review,
      moderation_status: 'pending',
      movie: { ...review.movie, ...viewer.my_review.movie },
    })
    expect((await json(`/movies/${slug}`, reader)).viewer).toMatchObject({ my_review: null, my_rating: null })
    expect((await json(`/movies/${slug}`)).viewer).toBe(null)
  })
})

describe('what is kept', () => {
  it('is never older than the last review, vote or decision', async () => {
    const { id, slug } = await makeTitle(ctx.db)
    const shown = async () => {
      const [movie, embedded, stats, list, titles] = [
        await json(`/movies/${slug}`),
        await json(`/movies/${id}?include=reviews,similar`),
        await json(`/movies/${slug}/stats`),
        await json(`/movies/${slug}/reviews?sort=most_helpful`),
        await json('/movies?sort=created_at&limit=1'),
      ]
      const counts = [movie.review_count, embedded.stats.review_count, stats.review_count, titles.data[0].review_count]
      expect(new Set(counts).size).toBe(1)
      expect(embedded.reviews.data.length).toBe(list.data.length)
      return [stats.average_rating, ...list.data.map((one: { helpful_votes: number }) => one.helpful_votes)]
    }
    expect(await shown()).toEqual([null])
    const review = await publish(id)
    expect(await shown()).toEqual([8, 0])
    await send('POST', `/reviews/${review.id}/vote`, reader, { vote_type: 'helpful' })
    expect(await shown()).toEqual([8, 1])
    await send('DELETE', `/reviews/${review.id}/vote`, reader)
    expect(await shown()).toEqual([8, 0])
    await send('PUT', `/reviews/${review.id}`, author, { lemon_pie_rating: 3 })
    expect(await shown()).toEqual([3, 0])
    await send('DELETE', `/reviews/${review.id}`, author)
    expect(await shown()).toEqual([null])
  })
})

describe('trending reviews', () => {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
  const ids = async (window: string, limit = 100) =>
    (await json(`/reviews/trending?window=${window}&limit=${limit}`)).data.map((review: { id: string }) => review.id)

  it('are those with the most recent interest in a window, and outlast a restart', async () => {
    const make = async (
      age: number,
      votes: readonly (readonly [type: 'helpful' | 'unhelpful', age: number])[],
      more = {},
    ) => {
      const { id } = await makeReview(ctx.db, { created_at: daysAgo(age), ...more })
      for (const [vote_type, voted] of votes) {
        await ctx.db
          .insertInto('review_votes')
          .values({
            review_id: id,
            user_id: (await makeAuthor(ctx.db)).id,
            vote_type,
            revision: 1,
            created_at: daysAgo(voted),
          })
          .execute()
      }
      return id
    }
    const helpful = (count: number, age: number) => Array.from({ length: count }, () => ['helpful', age] as const)
    const fresh = await make(0.1, [])
    const rising = await make(400, helpful(4, 0.2))
    const lastWeek = await make(12, helpful(20, 5))
    const old = await make(400, helpful(30, 300))
    const disliked = await make(
      3,
      Array.from({ length: 9 }, () => ['unhelpful', 1] as const),
    )
    const revised = await make(400, helpful(9, 0.1), { revision: 2 })
    const hidden = await make(0.1, helpful(9, 0.1), { moderation_status: 'pending' })
    await refreshTrendingReviews(ctx)
    expect((await ids('day')).slice(0, 2)).toEqual([rising, fresh])
    const week = await ids('week')
    expect(week.filter((id: string) => [fresh, rising, lastWeek].includes(id))).toEqual([rising, lastWeek, fresh])
    expect((await ids('month'))[0]).toBe(lastWeek)
    for (const window of ['day', 'week', 'month']) {
      const listed = await ids(window)
      for (const id of [old, disliked, revised, hidden]) expect(listed).not.toContain(id)
    }
    expect(await ids('week', 1)).toHaveLength(1)
    await sql`delete from review_trending`.execute(ctx.db)
    await refreshTrendingReviews(ctx)
    const { rows } = await sql<{ review_id: string }>`
      select review_id from review_trending where trending_window = 'week' order by score desc, review_id desc`.execute(
      ctx.db,
    )
    expect(rows.map(({ review_id }) => review_id)).toEqual(week)
  })

  it('are left to another process that is at it', async () => {
    await refreshTrendingReviews(ctx)
    await ctx.db.transaction().execute(async (other) => {
      await sql`select pg_advisory_xact_lock(hashtext('refreshReviewTrending'))`.execute(other)
      await sql`delete from review_trending where trending_window = 'day'`.execute(other)
      await refreshTrendingReviews(ctx)
    })
    const { rows } = await sql`select from review_trending where trending_window = 'day'`.execute(ctx.db)
    expect(rows).toEqual([])
  })

  it('that are rejected meanwhile are not shown', async () => {
    const { id } = await makeReview(ctx.db)
    await refreshTrendingReviews(ctx)
    await ctx.cache.forgetFamilies('trending_reviews')
    expect(await ids('day')).toContain(id)
    const moderator = await makeAuthor(ctx.db, { role: 'moderator' })
    await decideReview(ctx, moderator, id, { decision: 'reject', reason: 'Not about the film.' })
    expect(await ids('day')).not.toContain(id)
  })

  it('that their authors change or delete are shown as they are', async () => {
    const author = await makeAuthor(ctx.db)
    const { id } = await makeReview(ctx.db, { user_id: author.id, review_text: 'The aunt dies in the end.' })
    await refreshTrendingReviews(ctx)
    await ctx.cache.forgetFamilies('trending_reviews')
    const text = async () =>
      (await json('/reviews/trending?window=day&limit=100')).data.find((each: { id: string }) => each.id === id)
        ?.review_text
    expect(await text()).toBe('The aunt dies in the end.')
    await send('PUT', `/reviews/${id}`, author, { spoiler_warning: true })
    expect(await text()).toBe('||…||')
    await send('DELETE', `/reviews/${id}`, author)
    expect(await text()).toBeUndefined()
  })
})

describe('trending titles', () => {
  it('are hotter for being reviewed', async () => {
    const [quiet, busy] = [await makeTitle(ctx.db, { type: 'series' }), await makeTitle(ctx.db, { type: 'series' })]
    for (let index = 0; index < 5; index += 1) await makeReview(ctx.db, { movie_id: busy.id })
    await makeReview(ctx.db, { movie_id: quiet.id, created_at: '2020-01-01T00:00:00Z' })
    await refreshTrendingScores(ctx)
    for (const path of ['/series/trending?window=day', '/series/trending?window=month', '/series?sort=trending']) {
      const listed = (await json(path)).data.map(({ id }: { id: string }) => id)
      expect(listed.indexOf(busy.id), path).toBeLessThan(listed.indexOf(quiet.id))
    }
    const { rows } = await sql<{ gain: number }>`
      select b.trending - q.trending as gain from movie_stats b, movie_stats q
      where b.movie_id = ${busy.id} and q.movie_id = ${quiet.id}`.execute(ctx.db)
    // Half of ln 6 / ln 51 for five reviews of this moment.
    expect(rows[0]!.gain).toBeGreaterThan(0.2)
  })
})

describe('the number of statements', () => {
  const statements = async (path: string, actor: Actor | null): Promise<{ statements: number; rows: number }> => {
    const total = async () =>
      (await ctx.metrics.queryDuration.get()).values
        .filter(({ metricName }) => metricName?.endsWith('_count'))
        .reduce((sum, { value }) => sum + Number(value), 0)
    const before = await total()
    const { data, reviews } = await json(path, actor)
    return { statements: (await total()) - before, rows: (data ?? reviews.data).length }
  }

  it('of a list of a hundred reviews is that of a list of one: one, and one for what the caller has to do with the titles', async () => {
    const [small, large] = [await makeTitle(ctx.db, { type: 'series' }), await makeTitle(ctx.db, { type: 'series' })]
    const prolific = await makeAuthor(ctx.db)
    const lone = (await makeReview(ctx.db, { movie_id: small.id, tags: ['a', 'b'] })).user_id
    for (let index = 0; index < 100; index += 1) {
      await makeReview(ctx.db, { movie_id: large.id, tags: ['epic', 'must_watch'] })
      await makeReview(ctx.db, { user_id: prolific.id })
    }
    await refreshTrendingReviews(ctx)
    for (const actor of [null, reader]) {
      const expected = actor ? 2 : 1
      for (const [one, hundred] of [
        [`/series/${small.slug}/reviews?limit=100`, `/series/${large.slug}/reviews?limit=100`],
        [
          `/series/${small.id}/reviews?limit=100&sort=most_helpful`,
          `/series/${large.id}/reviews?limit=100&sort=lowest`,
        ],
        [`/reviews?movie_id=${small.id}`, `/reviews?movie_id=${large.id}&limit=100&tag=epic`],
        [`/users/${lone}/reviews`, `/users/${prolific.id}/reviews?limit=100`],
        ['/reviews/trending?limit=1', '/reviews/trending?limit=100'],
      ] as const) {
        expect(await statements(one, actor), one).toEqual({ statements: expected, rows: 1 })
        expect(await statements(hundred, actor), hundred).toEqual({ statements: expected, rows: 100 })
      }
    }
  })

  it('of what is kept is none', async () => {
    const { movie_id } = await makeReview(ctx.db)
    for (const path of [`/movies/${movie_id}/reviews`, '/reviews/trending']) {
      await statements(path, null)
      expect((await statements(path, null)).statements, path).toBe(0)
    }
  })
})

describe('a review that does not count', () => {
  it('is not trending, whether it was held or cast before the release, then or later', async () => {
    const [held, early] = [
      await makeReview(ctx.db, { exclusion: 'held' }),
      await makeReview(ctx.db, { exclusion: 'before_release' }),
    ]
    const [counted, heldLater] = [await makeReview(ctx.db), await makeReview(ctx.db)]
    await refreshTrendingReviews(ctx)
    const { rows } = await sql<{ review_id: string }>`
      select distinct review_id from review_trending where review_id = any (${[held.id, early.id, counted.id, heldLater.id]}::uuid[])`.execute(
      ctx.db,
    )
    expect(rows.map(({ review_id }) => review_id).sort()).toEqual([counted.id, heldLater.id].sort())
    await ctx.db.updateTable('reviews').set({ exclusion: 'held' }).where('id', '=', heldLater.id).execute()
    await ctx.cache.forgetFamilies('trending_reviews')
    const shown = (await json('/reviews/trending?window=day&limit=100')).data.map(({ id }: { id: string }) => id)
    expect(shown).toContain(counted.id)
    expect(shown).not.toContain(heldLater.id)
  })
})
