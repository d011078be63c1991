import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { refreshTrendingReviews } from '../../../src/domains/reviews/review-stats.jobs.ts'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { as, byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let author: Actor
let watcher: Actor
let stranger: Actor
let movieId: string
let inline: string
let whole: string

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  author = await makeAuthor(ctx.db)
  watcher = await makeAuthor(ctx.db)
  stranger = await makeAuthor(ctx.db, { role: 'moderator' })
  movieId = (await makeTitle(ctx.db)).id
  const text = 'A slow start, then ||SECRET dies|| and ||SECRET\nreturns||.'
  inline = (await makeReview(ctx.db, { movie_id: movieId, user_id: author.id, review_text: text })).id
  const all = { movie_id: movieId, review_text: 'All of it is SECRET from here on.', spoiler_warning: true }
  whole = (await makeReview(ctx.db, all)).id
  await makeReview(ctx.db, { movie_id: movieId, user_id: watcher.id, moderation_status: 'pending' })
  await refreshTrendingReviews(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

/** Every way by which a review's text leaves the service. Whoever adds one adds it here. */
const channels = (): Record<string, string> => ({
  'one review': `/reviews/${inline}`,
  'one review that is a spoiler': `/reviews/${whole}`,
  'all reviews': '/reviews',
  'a title’s reviews': `/movies/${movieId}/reviews`,
  'an account’s reviews': `/users/${author.id}/reviews`,
  'trending reviews': '/reviews/trending',
  'a title with its reviews': `/movies/${movieId}?include=reviews`,
})

const read = async (path: string, actor: Actor | null) => {
  const answer = await app.inject({ url: `/api/v1${path}`, headers: as(actor) })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.body
}
const revealing = (path: string): string => `${path}${path.includes('?') ? '&' : '?'}reveal=true`

describe('spoilers', () => {
  it('are masked in every channel for who has not watched the title', async () => {
    for (const [channel, path] of Object.entries(channels())) {
      for (const actor of [null, stranger]) {
        const body = await read(path, actor)
        expect(body, channel).not.toContain('SECRET')
        expect(body, channel).toContain('||…||')
        expect(body, channel).toContain('"spoiler_hidden":true')
      }
    }
  })

  it('are shown to who has watched it', async () => {
    for (const [channel, path] of Object.entries(channels())) {
      const body = await read(path, watcher)
      expect(body, channel).toContain('SECRET')
      expect(body, channel).not.toContain('||…||')
    }
  })

  it('are shown to who wrote them, who has watched it too', async () => {
    expect(await read(`/reviews/${inline}`, author)).toContain('||SECRET dies||')
    expect(await read(`/movies/${movieId}`, author)).toContain('||SECRET dies||')
  })

  it('are shown to who asks', async () => {
    for (const [channel, path] of Object.entries(channels())) {
      if (path.includes('include=')) continue
      expect(await read(revealing(path), null), channel).toContain('SECRET')
    }
    // Asking once leaves nothing behind for who doesn't.
    expect(await read(channels()['a title’s reviews']!, null)).not.toContain('SECRET')
  })

  it('leave the rest of the text as it is', async () => {
    const { review_text } = JSON.parse(await read(`/reviews/${inline}`, null))
    expect(review_text).toBe('A slow start, then ||…|| and ||…||.')
    expect(JSON.parse(await read(`/reviews/${whole}`, null)).review_text).toBe('||…||')
    const plain = await makeReview(ctx.db, { review_text: 'Nothing | to hide in this one.' })
    expect(JSON.parse(await read(`/reviews/${plain.id}`, null))).toMatchObject({
      review_text: 'Nothing | to hide in this one.',
      spoiler_hidden: false,
    })
  })

  it('can only leave by the function that masks: nothing else selects the text', () => {
    const sources = readdirSync('src/domains', { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.queries.ts'),
    )
    const selecting = sources.filter((name) => readFileSync(`src/domains/${name}`, 'utf8').includes('review_text'))
    // Automation compares texts; authors take along what they wrote; moderators read all of the history; an edit
    // or a deletion keeps what was there.
    expect(selecting.filter((name) => !name.startsWith('moderation')).sort()).toEqual([
      'reviews/automatic-moderation.queries.ts',
      'reviews/removed-review.queries.ts',
      'reviews/review-data.queries.ts',
      'reviews/review.queries.ts',
      'reviews/revision.queries.ts',
    ])
  })
})

const mask = async (texts: readonly string[]): Promise<string[]> => {
  const { rows } = await sql<{ masked: string }>`
    select mask_spoilers(t) as masked from unnest(${[...texts]}::text[]) with ordinality x (t, n) order by n`.execute(
    ctx.db,
  )
  return rows.map(({ masked }) => masked)
}

describe('masking a text', () => {
  it.each([
    ['||a||', '||…||'],
    ['a ||b|| c ||d||', 'a ||…|| c ||…||'],
    ['a ||b', 'a ||…||'],
    ['a || b || c || d', 'a ||…|| c ||…||'],
    ['||||', '||…||'],
    ['|||a|||', '||…|||'],
    ['a | b', 'a | b'],
    ['line\n||two\nthree||\nfour', 'line\n||…||\nfour'],
  ])('%j is %j', async (text, masked) => expect(await mask([text])).toEqual([masked]))

  it('shows nothing from between bars, all from outside, and does nothing twice', async () => {
    const piece = fc.oneof(fc.constantFrom('||', '|', 'x', '\n', '…', ' '), fc.string({ maxLength: 5 }))
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        const text = pieces.join('').replaceAll('\0', '').toWellFormed()
        // What is even in a split at the bars is outside, what is odd is inside.
        const expected = text
          .split('||')
          .map((part, index, parts) => (index % 2 === 0 ? part : index === parts.length - 1 ? '||…||' : '||…||'))
          .join('')
        const [once] = await mask([text])
        expect(once).toBe(expected)
        expect(await mask([once!])).toEqual([once])
      }),
      { numRuns: 300 },
    )
  })
})
