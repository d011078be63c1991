import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Decision, decideReview } from '../../../src/domains/reviews/review.service.ts'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { as, byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let author: Actor
let moderator: Actor

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  author = await makeAuthor(ctx.db)
  moderator = await makeAuthor(ctx.db, { role: 'moderator' })
  return () => ctx[Symbol.asyncDispose]()
})

const read = (id: string, actor: Actor | null) => app.inject({ url: `/api/v1/reviews/${id}`, headers: as(actor) })
const score = async (movieId: string) => (await app.inject(`/api/v1/movies/${movieId}/stats`)).json().average_rating
const decide = (id: string, decision: Decision['decision'], reason: string | null = null, actor = moderator) =>
  decideReview(ctx, actor, id, { decision, reason })
const decisions = async (id: string) =>
  (
    await sql<{ payload: object }>`
      select payload from outbox_events where name = 'review.moderated' and payload ->> 'review_id' = ${id} order by id`.execute(
      ctx.db,
    )
  ).rows.map(({ payload }) => payload)

describe('a review that is not approved', () => {
  it('is there for its author and moderators, and for nobody else', async () => {
    for (const moderation_status of ['pending', 'rejected'] as const) {
      const { id } = await makeReview(ctx.db, { user_id: author.id, moderation_status })
      const seen = await Promise.all(
        [author, moderator, await makeAuthor(ctx.db, { role: 'critic' }), null].map((actor) => read(id, actor)),
      )
      expect(seen.map(({ statusCode }) => statusCode)).toEqual([200, 200, 404, 404])
      expect(seen[0]!.json().moderation_status).toBe(moderation_status)
    }
  })
})

describe('a moderator’s decision', () => {
  it('puts a review into the score or takes it out, at once, and tells the author why', async () => {
    const { id, movie_id } = await makeReview(ctx.db, { user_id: author.id, moderation_status: 'pending' })
    expect(await score(movie_id)).toBe(null)
    await decide(id, 'approve')
    expect((await read(id, null)).statusCode).toBe(200)
    expect(await score(movie_id)).toBe(7)
    await decide(id, 'reject', 'Not about the film.')
    expect((await read(id, null)).statusCode).toBe(404)
    expect(await score(movie_id)).toBe(null)
    expect((await read(id, author)).json()).toMatchObject({
      moderation_status: 'rejected',
      moderation_reason: 'Not about the film.',
    })
    expect((await read(id, moderator)).json().moderation_reason).toBe(null)
    const told = { review_id: id, movie_id, author_id: author.id, actor_id: moderator.id }
    expect(await decisions(id)).toEqual([
      { ...told, decision: 'approve', reason: null },
      { ...told, decision: 'reject', reason: 'Not about the film.' },
    ])
  })

  it('that says nothing new changes nothing', async () => {
    const { id } = await makeReview(ctx.db)
    await decide(id, 'approve')
    await decide(id, 'reject')
    await decide(id, 'reject', 'Again.')
    expect(await decisions(id)).toHaveLength(1)
  })

  it('leaves a review from before the release out of the score', async () => {
    const { id, movie_id } = await makeReview(ctx.db, { moderation_status: 'pending', exclusion: 'before_release' })
    await decide(id, 'approve')
    expect(await score(movie_id)).toBe(null)
  })

  it('is nobody’s on their own review, and no user’s', async () => {
    const own = await makeReview(ctx.db, { user_id: moderator.id, moderation_status: 'pending' })
    await expect(decide(own.id, 'approve')).rejects.toMatchObject({ status: 409, code: 'own_review' })
    expect(() => decide(own.id, 'approve', null, author)).toThrow(expect.objectContaining({ status: 403 }))
    await expect(decide(author.id, 'approve')).rejects.toMatchObject({ status: 404 })
    expect((await read(own.id, moderator)).json().moderation_status).toBe('pending')
  })
})

describe('publishing goes through automatic moderation', () => {
  const publish = async (review_text: string, movie_id?: string) =>
    (
      await app.inject({
        method: 'POST',
        url: '/api/v1/reviews',
        headers: as(author),
        payload: { movie_id: movie_id ?? (await makeTitle(ctx.db)).id, lemon_pie_rating: 9, review_text },
      })
    ).json()

  const advert = 'WATCH IT FREE NOW http://free-films.example AND http://more-films.example CLICK CLICK CLICK!!!!!!'

  it('which leaves what it finds to a moderator: the author is told and sees it, others do not, and it counts for nothing', async () => {
    const review = await publish(advert)
    expect(review.moderation_status).toBe('pending')
    expect(review.moderation_reason).toEqual(expect.any(String))
    expect((await read(review.id, author)).json().review_text).toBe(advert)
    expect((await read(review.id, null)).statusCode).toBe(404)
    expect(await score(review.movie_id)).toBe(null)
    const { assessment } = await ctx.db
      .selectFrom('reviews')
      .select('assessment')
      .where('id', '=', review.id)
      .executeTakeFirstOrThrow()
    expect(assessment).toMatchObject({ score: expect.any(Number), reasons: expect.any(Array) })
    await decide(review.id, 'approve')
    expect(await score(review.movie_id)).toBe(9)
  })

  it('as does an edit', async () => {
    const review = await publish('A quiet, patient film about two brothers in Jos.')
    expect(review.moderation_status).toBe('approved')
    const edited = await app.inject({
      method: 'PUT',
      url: `/api/v1/reviews/${review.id}`,
      headers: as(author),
      payload: { review_text: advert },
    })
    expect(edited.json()).toMatchObject({ moderation_status: 'pending', version: 2 })
    expect((await read(review.id, null)).statusCode).toBe(404)
    expect(await score(review.movie_id)).toBe(null)
  })
})
