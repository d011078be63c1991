import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { as, byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let author: Actor
let reviewId: string
let movieId: string

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  author = await makeAuthor(ctx.db)
  const review = await makeReview(ctx.db, { user_id: author.id })
  reviewId = review.id
  movieId = review.movie_id
  return () => ctx[Symbol.asyncDispose]()
})

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', minLength: 8, maxLength: 60 }),
  fc.integer().map(String),
  fc.constantFrom('', '\0', "'; DROP TABLE reviews", '%'.repeat(200), '🎬', '\u202E', '\uD800', '1e400', '-0', '||'),
  fc.constantFrom('newest', 'yo', 'true', 'epic', 'exclude', '7', '<script>alert(1)</script>', '||a|| b ||c'),
)
const expectEnvelope = (answer: { statusCode: number; body: string }, request: string): void => {
  expect(answer.statusCode, `${request} ${answer.body}`).toBeLessThan(500)
  if (answer.statusCode >= 400) expect(JSON.parse(answer.body)).toMatchObject({ error: expect.any(String) })
}

describe('whatever is sent', () => {
  it('reading reviews never fails on our side', { timeout: 60_000 }, async () => {
    const parameter = fc.constantFrom(
      ...['movie_id', 'user_id', 'rating_min', 'rating_max', 'language', 'spoiler', 'tag', 'critic_only', 'sort'],
      ...['reveal', 'limit', 'cursor', 'include_total', 'window', 'x'],
    )
    const query = fc
      .array(fc.tuple(parameter, nasty), { maxLength: 4 })
      .map((pairs) => pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&'))
    const path = fc.oneof(
      fc.constantFrom('/reviews', '/reviews/trending', `/movies/${movieId}/reviews`, `/reviews/${reviewId}`),
      nasty.map((name) => `/reviews/${encodeURIComponent(name.toWellFormed())}`),
      nasty.map((name) => `/users/${encodeURIComponent(name.toWellFormed())}/reviews`),
      nasty.map((name) => `/series/${encodeURIComponent(name.toWellFormed())}/reviews`),
    )
    await fc.assert(
      fc.asyncProperty(path, query, fc.boolean(), async (where, search, signedIn) => {
        const url = `/api/v1${where}?${search}`
        expectEnvelope(await app.inject({ url, headers: as(signedIn ? author : null) }), url)
      }),
      { numRuns: 600 },
    )
  })

  it('writing never fails on our side, and what it takes is read back as it was written', {
    timeout: 60_000,
  }, async () => {
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          lemon_pie_rating: fc.oneof(fc.integer({ min: -1, max: 12 }), fc.double()),
          story_rating: fc.oneof(fc.integer({ min: 0, max: 11 }), fc.constant(null)),
          review_text: nasty,
          review_language: fc.constantFrom('en', 'yo', 'xx'),
          spoiler_warning: fc.oneof(fc.boolean(), nasty),
          nollywood_tags: fc.array(nasty, { maxLength: 4 }),
        },
        { requiredKeys: ['lemon_pie_rating', 'review_text'] },
      ),
    )
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), async (sent, create) => {
        const movie_id = create ? (await makeTitle(ctx.db)).id : undefined
        const whole = create && typeof sent === 'object' && !Array.isArray(sent) ? { movie_id, ...sent } : sent
        const payload = JSON.stringify(whole)
        const answer = await app.inject({
          method: create ? 'POST' : 'PUT',
          url: `/api/v1/reviews${create ? '' : `/${reviewId}`}`,
          payload,
          headers: { ...as(author), 'content-type': 'application/json' },
        })
        expectEnvelope(answer, payload)
        if (answer.statusCode > 201) return
        const review = answer.json()
        const read = await app.inject({ url: `/api/v1/reviews/${review.id}`, headers: as(author) })
        expect(read.json()).toEqual(review)
        const text = (sent as { review_text?: string } | null)?.review_text
        if (text !== undefined) expect(review.review_text).toBe(text.normalize('NFC').replaceAll('\r\n', '\n').trim())
      }),
      { numRuns: 300 },
    )
  })
})
