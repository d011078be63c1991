import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { actorWith, type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'

let ctx: TestContext
let app: App

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { actor: actorWith('admin') })
  await makeTitle(ctx.db, { title: 'Any', slug: 'any', genres: ['drama'], languages: ['en'], directors: ['Some One'] })
  return () => ctx[Symbol.asyncDispose]()
})

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 300 }),
  fc.integer().map(String),
  fc.double().map(String),
  fc.constantFrom('', '\0', "'; DROP TABLE movies", '%'.repeat(200), '🎬', '\u202E', '\uD800', 'null', '1e400', '-0'),
  fc.constantFrom('drama', 'en', 'true', '2020', 'rating', 'asc', 'Some One', 'some-one', 'any'),
)
const parameter = fc.constantFrom(
  ...['genre', 'genre[]', 'language', 'year', 'year_min', 'year_max', 'rating_min', 'rating_max', 'director'],
  ...['production_state', 'has_reviews', 'sort', 'order', 'limit', 'cursor', 'include_total', 'include', 'window', 'x'],
)
const query = fc
  .array(fc.tuple(parameter, nasty), { maxLength: 5 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&'))
const path = fc.oneof(
  fc.constantFrom('/movies', '/series', '/movies/featured', '/movies/trending', '/genres', '/languages', '/meta'),
  fc
    .tuple(fc.constantFrom('/movies/', '/series/', '/people/'), nasty, fc.constantFrom('', '/stats', '/similar'))
    .map(([before, name, after]) => before + encodeURIComponent(name.toWellFormed()) + after),
)

const anyDate = fc.oneof(
  fc.constantFrom('2018-10-26', '0000-01-01', '9999-12-31', '2018-02-30', '+2018-01-01', ''),
  nasty,
)
const anyBody = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      title: nasty,
      slug: nasty,
      local_title: fc.oneof(nasty, fc.constant(null)),
      release_date: anyDate,
      release_year: fc.oneof(fc.integer({ min: 1800, max: 2300 }), fc.constant(null)),
      release_precision: fc.constantFrom('day', 'month', 'year', 'unknown'),
      runtime: fc.double(),
      plot_summary: nasty,
      part_of: fc.oneof(fc.uuid(), nasty),
      part_number: fc.integer({ min: -1, max: 1200 }),
      genres: fc.array(fc.oneof(nasty, fc.constant('drama')), { maxLength: 4 }),
      languages: fc.array(fc.oneof(nasty, fc.constant('en')), { maxLength: 4 }),
      companies: fc.array(nasty, { maxLength: 3 }),
      aliases: fc.array(fc.record({ name: nasty, kind: fc.constantFrom('local', 'part') }), { maxLength: 3 }),
      cast: fc.array(fc.record({ name: nasty, character: nasty }, { requiredKeys: ['name'] }), { maxLength: 3 }),
      crew: fc.array(fc.record({ person_id: fc.uuid(), role: fc.constantFrom('director', 'writer') }), {
        maxLength: 2,
      }),
    },
    { requiredKeys: ['title'] },
  ),
)

const expectEnvelope = (answer: { statusCode: number; body: string }, request: string): void => {
  expect(answer.statusCode, `${request} ${answer.body}`).toBeLessThan(500)
  if (answer.statusCode >= 400) expect(JSON.parse(answer.body)).toMatchObject({ error: expect.any(String) })
}

describe('whatever is sent', () => {
  it('reading never fails on our side', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(path, query, async (where, search) => {
        const url = `/api/v1${where}?${search}`
        expectEnvelope(await app.inject({ url }), url)
      }),
      { numRuns: 1_500 },
    )
  })

  it('writing never fails on our side, and what it takes can be read', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('/movies', '/series'), anyBody, async (where, body) => {
        const payload = JSON.stringify(body)
        const answer = await app.inject({
          method: 'POST',
          url: `/api/v1${where}`,
          payload,
          headers: { 'content-type': 'application/json' },
        })
        expectEnvelope(answer, payload)
        if (answer.statusCode === 201) {
          expect((await app.inject(answer.headers.location as string)).json()).toEqual(answer.json())
        }
      }),
      { numRuns: 500 },
    )
  })
})
