import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { pruneKeptAnswers } from '../../../src/domains/reviews/review-stats.jobs.ts'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { as, byHeader, makeAuthor } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App

beforeAll(async () => {
  ctx = await testContext({ env: { DATABASE_POOL_MAX: '10' } })
  app = await testApp(ctx, { authenticate: byHeader })
  return () => ctx[Symbol.asyncDispose]()
})

const post = (actor: Actor, key: string | undefined, payload: object) =>
  app.inject({
    method: 'POST',
    url: '/api/v1/reviews',
    headers: { ...as(actor), ...(key === undefined ? {} : { 'idempotency-key': key }) },
    payload,
  })

const review = async (more: object = {}) => ({
  movie_id: (await makeTitle(ctx.db)).id,
  lemon_pie_rating: 8,
  review_text: 'Worth the traffic on Third Mainland Bridge.',
  ...more,
})

const reviewsOf = (actor: Actor) => ctx.db.selectFrom('reviews').select('id').where('user_id', '=', actor.id).execute()
const eventsOf = async (actor: Actor) =>
  (await sql`select from outbox_events where payload ->> 'author_id' = ${actor.id}`.execute(ctx.db)).rows.length

describe('a request sent twice under one key', () => {
  it('is done once and answered the same, byte for byte', async () => {
    const author = await makeAuthor(ctx.db)
    const body = await review({ nollywood_tags: ['Epic', 'Ọmọ'] })
    const [first, second] = [await post(author, 'k-1', body), await post(author, 'k-1', body)]
    expect([first.statusCode, second.statusCode]).toEqual([201, 201])
    expect(second.body).toBe(first.body)
    for (const header of ['location', 'etag']) expect(second.headers[header]).toBe(first.headers[header])
    expect([first.headers['idempotency-replayed'], second.headers['idempotency-replayed']]).toEqual([undefined, 'true'])
    expect(await reviewsOf(author)).toHaveLength(1)
    expect(await eventsOf(author)).toBe(1)
  })

  it('at the same moment, ten times over, likewise', async () => {
    const author = await makeAuthor(ctx.db)
    const body = await review()
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(author, 'double-click', body)))
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([201]))
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1)
    expect(await reviewsOf(author)).toHaveLength(1)
    expect(await eventsOf(author)).toBe(1)
    const stats = await ctx.db
      .selectFrom('movie_stats')
      .select('review_count')
      .where('movie_id', '=', body.movie_id)
      .executeTakeFirst()
    expect(stats).toEqual({ review_count: 1 })
  })

  it('tells the first answer even when the review has changed since', async () => {
    const author = await makeAuthor(ctx.db)
    const body = await review()
    const first = await post(author, 'k', body)
    await app.inject({
      method: 'PUT',
      url: `/api/v1/reviews/${first.json().id}`,
      headers: as(author),
      payload: { lemon_pie_rating: 1 },
    })
    expect((await post(author, 'k', body)).body).toBe(first.body)
  })

  it('with another body is a 422, and does nothing', async () => {
    const author = await makeAuthor(ctx.db)
    const body = await review()
    await post(author, 'k', body)
    const other = await post(author, 'k', await review())
    expect([other.statusCode, other.json().error]).toEqual([422, 'idempotency_key_reused'])
    expect((await post(author, 'k', { ...body, lemon_pie_rating: 9 })).statusCode).toBe(422)
    expect(await reviewsOf(author)).toHaveLength(1)
  })
})

describe('a key', () => {
  it('is its account’s own', async () => {
    const [one, two] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db)]
    const body = await review()
    const answers = [await post(one, 'same', body), await post(two, 'same', body)]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201])
    expect(answers[0]!.json().id).not.toBe(answers[1]!.json().id)
  })

  it('of a request that failed can be used again', async () => {
    const author = await makeAuthor(ctx.db)
    const body = await review()
    const missing = await post(author, 'k', { ...body, movie_id: author.id })
    expect(missing.statusCode).toBe(404)
    expect((await post(author, 'k', body)).statusCode).toBe(201)
  })

  it('without one, sending twice is a conflict', async () => {
    const author = await makeAuthor(ctx.db)
    const body = await review()
    const answers = await Promise.all([post(author, undefined, body), post(author, undefined, body)])
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409])
  })

  it.each(['', ' ', 'a b', 'é', 'x'.repeat(256)])('%j is refused', async (key) => {
    const author = await makeAuthor(ctx.db)
    const answer = await post(author, key, await review())
    expect(answer.statusCode).toBe(422)
    expect(answer.json().details[0]).toMatchObject({ field: 'headers.idempotency-key' })
  })

  it('is free again after a day, whether or not it was pruned, and pruned by schedule', async () => {
    const author = await makeAuthor(ctx.db)
    const age = (key: string, hours: number) =>
      sql`update idempotency_keys set created_at = now() - make_interval(hours => ${hours}::int)
        where user_id = ${author.id} and key = ${key}`.execute(ctx.db)
    const keys = async () =>
      (
        await ctx.db
          .selectFrom('idempotency_keys')
          .select('key')
          .where('user_id', '=', author.id)
          .orderBy('key')
          .execute()
      ).map(({ key }) => key)
    for (const key of ['day-old', 'pruned', 'young']) await post(author, key, await review())
    await age('day-old', 25)
    expect((await post(author, 'day-old', await review())).statusCode).toBe(201)
    await age('pruned', 25)
    await age('young', 23)
    await pruneKeptAnswers(ctx)
    expect(await keys()).toEqual(['day-old', 'young'])
  })
})
