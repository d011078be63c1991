import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { as, byHeader, makeAuthor, makeReview, someText } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let author: Actor
let other: Actor
let moderator: Actor

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  other = await makeAuthor(ctx.db)
  moderator = await makeAuthor(ctx.db, { role: 'moderator' })
  return () => ctx[Symbol.asyncDispose]()
})

// One for each test: who writes many at once is looked at by a moderator.
beforeEach(async () => {
  author = await makeAuthor(ctx.db, { name: 'Adaeze Okafor' })
})

const send = (
  method: 'POST' | 'PUT' | 'DELETE' | 'GET',
  path: string,
  actor: Actor | null,
  payload?: object,
  headers: Record<string, string> = {},
) =>
  app.inject({ method, url: `/api/v1${path}`, headers: { ...as(actor), ...headers }, ...(payload ? { payload } : {}) })

const publish = async (input: Record<string, unknown> = {}, actor = author) =>
  send('POST', '/reviews', actor, {
    movie_id: (await makeTitle(ctx.db)).id,
    lemon_pie_rating: 9,
    review_text: someText(),
    ...input,
  })

const events = async (reviewId: string): Promise<{ name: string; payload: object }[]> =>
  (
    await sql<{ name: string; payload: object }>`
      select name, payload from outbox_events where payload ->> 'review_id' = ${reviewId} order by id`.execute(ctx.db)
  ).rows

const statsOf = (movieId: string) =>
  ctx.db.selectFrom('movie_stats').selectAll().where('movie_id', '=', movieId).executeTakeFirstOrThrow()

describe('publishing a review', () => {
  it('answers the review with its location, and counts it', async () => {
    const title = await makeTitle(ctx.db, { title: 'King of Boys' })
    const answer = await publish({
      movie_id: title.id,
      story_rating: 8,
      acting_rating: 10,
      cinematography_rating: null,
      review_text: '  Sola Sobowale owns every scene. <b>Bold</b> & "quoted" 🎬  ',
      review_language: 'pcm',
      nollywood_tags: ['must_watch', 'Lagos Life', 'Ọmọ Ghetto', 'lagos life'],
    })
    expect(answer.statusCode, answer.body).toBe(201)
    const review = answer.json()
    expect(answer.headers.location).toBe(`/api/v1/reviews/${review.id}`)
    expect(answer.headers.etag).toBe('"v1"')
    expect(review).toMatchObject({
      user: { id: author.id, name: 'Adaeze Okafor' },
      movie_id: title.id,
      movie: { title: 'King of Boys', lemon_pie_rating: 9, review_count: 1, viewer: { my_rating: 9, watched: true } },
      lemon_pie_rating: 9,
      story_rating: 8,
      acting_rating: 10,
      cinematography_rating: null,
      production_quality_rating: null,
      review_text: 'Sola Sobowale owns every scene. <b>Bold</b> & "quoted" 🎬',
      review_language: 'pcm',
      spoiler_warning: false,
      nollywood_tags: ['must_watch', 'lagos_life', 'omo_ghetto'],
      moderation_status: 'approved',
      exclusion: null,
      helpful_votes: 0,
      user_vote: null,
      revision: 1,
      version: 1,
    })
    expect(answer.body).not.toContain('@')
    const read = await send('GET', `/reviews/${review.id}`, author)
    expect(read.json()).toEqual(review)
    expect(await statsOf(title.id)).toMatchObject({ review_count: 1, rating_sum: 9, story_count: 1, story_sum: 8 })
    expect(await events(review.id)).toEqual([
      { name: 'review.published', payload: { review_id: review.id, movie_id: title.id, author_id: author.id } },
    ])
  })

  it('keeps text in NFC and one form of line ends', async () => {
    const answer = await publish({ review_text: 'Aníkúlápó je\u0301 fiimu\r\nto dara gan-an.' })
    expect(answer.json().review_text).toBe('Aníkúlápó jé fiimu\nto dara gan-an.')
  })

  it('is for verified accounts', async () => {
    expect((await publish({}, await makeAuthor(ctx.db, { isVerified: false }))).json().error).toBe('email_not_verified')
    expect((await send('POST', '/reviews', null, {})).statusCode).toBe(401)
  })

  it('is done once for each title', async () => {
    const { id: movie_id } = await makeTitle(ctx.db)
    expect((await publish({ movie_id })).statusCode).toBe(201)
    const again = await publish({ movie_id })
    expect([again.statusCode, again.json().error]).toEqual([409, 'review_exists'])
    expect(await statsOf(movie_id)).toMatchObject({ review_count: 1 })
  })

  it('is a 404 for a title that is not there', async () => {
    const answer = await publish({ movie_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77' })
    expect([answer.statusCode, answer.json().error]).toEqual([404, 'not_found'])
  })

  it.each([
    ['lemon_pie_rating', { lemon_pie_rating: 0 }],
    ['lemon_pie_rating', { lemon_pie_rating: 11 }],
    ['lemon_pie_rating', { lemon_pie_rating: 7.5 }],
    ['lemon_pie_rating', { lemon_pie_rating: '7' }],
    ['story_rating', { story_rating: 11 }],
    ['review_text', { review_text: '  too short  ' }],
    ['review_text', { review_text: 'x'.repeat(5001) }],
    ['review_text', { review_text: 'a NUL in it: \0' }],
    ['review_text', { review_text: 'turned round \u202e here' }],
    ['review_text', { review_text: '\u0301'.repeat(20) }],
    ['review_language', { review_language: 'fr' }],
    ['spoiler_warning', { spoiler_warning: 'yes' }],
    ['nollywood_tags', { nollywood_tags: Array.from({ length: 11 }, (_, index) => `tag ${index}`) }],
    ['nollywood_tags.0', { nollywood_tags: ['x'.repeat(41)] }],
    ['nollywood_tags.1', { nollywood_tags: ['fine', '!!!'] }],
    ['nollywood_tags.0', { nollywood_tags: ['&'.repeat(20)] }],
    ['movie_id', { movie_id: 'king-of-boys-2018' }],
    ['helpful_votes', { helpful_votes: 100 }],
    ['moderation_status', { moderation_status: 'approved' }],
  ])('refuses a wrong %s', async (field, input) => {
    const before = await ctx.db.selectFrom('reviews').select('id').execute()
    const answer = await publish(input)
    expect(answer.statusCode, answer.body).toBe(422)
    expect(answer.json().details.map((detail: { field: string }) => detail.field)).toContain(`body.${field}`)
    expect(await ctx.db.selectFrom('reviews').select('id').execute()).toHaveLength(before.length)
  })

  it('takes 10 and 5000 characters, however many bytes', async () => {
    expect((await publish({ review_text: 'ẹ'.repeat(10) })).statusCode).toBe(201)
    expect((await publish({ review_text: '🎬'.repeat(5000) })).statusCode).toBe(201)
  })

  it('before the first release keeps the review and does not count it', async () => {
    const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)
    const { id: movie_id } = await makeTitle(ctx.db, { release_date: tomorrow })
    const { id, exclusion } = (await publish({ movie_id })).json()
    expect(exclusion).toBe('before_release')
    expect(await statsOf(movie_id)).toMatchObject({ review_count: 0, lemon_pie_rating: null })
    expect((await send('GET', `/reviews/${id}`, null)).statusCode).toBe(200)
    // The date was wrong: it was out already.
    await ctx.db
      .updateTable('movies')
      .set({ release_date: '2020-01-01', release_year: 2020 })
      .where('id', '=', movie_id)
      .execute()
    expect(await statsOf(movie_id)).toMatchObject({ review_count: 1, rating_sum: 9 })
    await ctx.db
      .updateTable('movies')
      .set({ release_date: '2150-01-01', release_year: 2150 })
      .where('id', '=', movie_id)
      .execute()
    expect(await statsOf(movie_id)).toMatchObject({ review_count: 0, rating_sum: 0 })
    // Out now, and an edit casts it anew.
    await sql`alter table movies disable trigger movies_move_release`.execute(ctx.db)
    await ctx.db
      .updateTable('movies')
      .set({ release_date: '2020-01-01', release_year: 2020 })
      .where('id', '=', movie_id)
      .execute()
    await sql`alter table movies enable trigger movies_move_release`.execute(ctx.db)
    expect((await send('PUT', `/reviews/${id}`, author, { lemon_pie_rating: 8 })).json().exclusion).toBe(null)
    expect(await statsOf(movie_id)).toMatchObject({ review_count: 1, rating_sum: 8 })
  })

  it('counts critics and the audience apart, by what the author was when writing', async () => {
    const { id: movie_id } = await makeTitle(ctx.db)
    const critic = await makeAuthor(ctx.db, { role: 'critic' })
    await publish({ movie_id, lemon_pie_rating: 4 }, critic)
    await publish({ movie_id, lemon_pie_rating: 10 })
    await publish({ movie_id, lemon_pie_rating: 9 }, moderator)
    await ctx.db.updateTable('users').set({ role: 'user' }).where('id', '=', critic.id).execute()
    const stats = (await send('GET', `/movies/${movie_id}/stats`, null)).json()
    expect(stats).toMatchObject({
      critic_rating: 4,
      critic_count: 1,
      audience_rating: 9.5,
      audience_count: 2,
      average_rating: 7.7,
      review_count: 3,
      score_state: 'insufficient',
    })
  })
})

describe('an edit', () => {
  it('changes what it names, keeps the text before, and tells the version', async () => {
    const review = (await publish({ nollywood_tags: ['epic'], story_rating: 5 })).json()
    const answer = await send('PUT', `/reviews/${review.id}`, author, {
      review_text: 'On second thought I did not like it at all.',
      story_rating: null,
    })
    expect(answer.statusCode, answer.body).toBe(200)
    expect(answer.headers.etag).toBe('"v2"')
    expect(answer.json()).toMatchObject({
      review_text: 'On second thought I did not like it at all.',
      story_rating: null,
      lemon_pie_rating: 9,
      nollywood_tags: ['epic'],
      version: 2,
      revision: 2,
    })
    expect((await send('GET', `/reviews/${review.id}/revisions`, author)).statusCode).toBe(403)
    const history = await send('GET', `/reviews/${review.id}/revisions`, moderator)
    expect(history.json().data).toEqual([
      {
        version: 1,
        revision: 1,
        lemon_pie_rating: 9,
        review_text: review.review_text,
        review_language: 'en',
        spoiler_warning: false,
        nollywood_tags: ['epic'],
        written_at: review.created_at,
        replaced_at: answer.json().updated_at,
      },
    ])
    expect((await statsOf(review.movie_id)).story_count).toBe(0)
    expect((await events(review.id)).map(({ name }) => name)).toEqual(['review.published', 'review.updated'])
  })

  it('pages through what a review said before', async () => {
    const { id } = (await publish()).json()
    for (const lemon_pie_rating of [1, 2, 3]) await send('PUT', `/reviews/${id}`, author, { lemon_pie_rating })
    const first = (await send('GET', `/reviews/${id}/revisions?limit=2`, moderator)).json()
    const path = `/reviews/${id}/revisions?limit=2&cursor=${first.page.next_cursor}`
    const rest = (await send('GET', path, moderator)).json()
    expect([...first.data, ...rest.data].map(({ version }: { version: number }) => version)).toEqual([3, 2, 1])
    expect(rest.page.next_cursor).toBe(null)
    expect((await send('GET', `/reviews/${author.id}/revisions`, moderator)).statusCode).toBe(404)
  })

  it('that changes nothing is none', async () => {
    const review = (await publish({ nollywood_tags: ['epic'] })).json()
    const { id, lemon_pie_rating } = review
    const same = await send('PUT', `/reviews/${id}`, author, { lemon_pie_rating, nollywood_tags: ['Epic'] })
    expect(same.json()).toEqual(review)
    expect((await events(id)).length).toBe(1)
  })

  it('can change the tags alone', async () => {
    const { id } = (await publish({ nollywood_tags: ['epic'] })).json()
    const changed = (await send('PUT', `/reviews/${id}`, author, { nollywood_tags: ['Weak ending', 'epic'] })).json()
    expect(changed).toMatchObject({ nollywood_tags: ['weak_ending', 'epic'], version: 2, revision: 1 })
    expect((await send('PUT', `/reviews/${id}`, author, { nollywood_tags: [] })).json().nollywood_tags).toEqual([])
  })

  it('is the author’s alone', async () => {
    const { id } = (await publish()).json()
    for (const actor of [other, moderator]) {
      const answer = await send('PUT', `/reviews/${id}`, actor, { lemon_pie_rating: 1 })
      expect([answer.statusCode, answer.json().error]).toEqual([403, 'forbidden'])
    }
    expect((await send('PUT', `/reviews/${id}`, null, { lemon_pie_rating: 1 })).statusCode).toBe(401)
    expect((await send('PUT', `/reviews/${author.id}`, author, { lemon_pie_rating: 1 })).statusCode).toBe(404)
    await ctx.db.updateTable('reviews').set({ moderation_status: 'pending' }).where('id', '=', id).execute()
    expect((await send('PUT', `/reviews/${id}`, other, { lemon_pie_rating: 1 })).statusCode).toBe(404)
  })

  it.each([{ review_text: 'short' }, { lemon_pie_rating: null }, { movie_id: 'x' }, { nollywood_tags: ['?'] }])(
    'refuses %o and changes nothing',
    async (patch) => {
      const review = (await publish()).json()
      expect((await send('PUT', `/reviews/${review.id}`, author, patch)).statusCode).toBe(422)
      expect((await send('GET', `/reviews/${review.id}`, author)).json()).toEqual(review)
    },
  )

  it('with a stale If-Match is a 409 that says so, and changes nothing', async () => {
    const { id } = (await publish()).json()
    const read = await send('GET', `/reviews/${id}`, author)
    const etag = read.headers.etag as string
    const edit = (lemon_pie_rating: number, tag: string) =>
      send('PUT', `/reviews/${id}`, author, { lemon_pie_rating }, { 'if-match': tag })
    expect((await edit(8, etag)).statusCode).toBe(200)
    const stale = await edit(7, etag)
    expect([stale.statusCode, stale.json().error]).toEqual([409, 'stale_version'])
    expect((await send('GET', `/reviews/${id}`, author)).json()).toMatchObject({ lemon_pie_rating: 8, version: 2 })
    expect((await edit(7, `"v9", W/${etag.replace('v1', 'v2')}`)).statusCode).toBe(200)
    expect((await edit(6, '*')).statusCode).toBe(200)
    expect((await edit(5, 'v4')).json().error).toBe('bad_request')
    const gone = await send('DELETE', `/reviews/${id}`, author, undefined, { 'if-match': '"v1"' })
    expect(gone.json().error).toBe('stale_version')
  })

  it('of what waits for a moderator, or was rejected by one, waits for one', async () => {
    for (const moderation_status of ['pending', 'rejected'] as const) {
      const review = await makeReview(ctx.db, { user_id: author.id, moderation_status })
      const edited = (await send('PUT', `/reviews/${review.id}`, author, { lemon_pie_rating: 2 })).json()
      expect(edited.moderation_status).toBe('pending')
      expect(await statsOf(review.movie_id)).toMatchObject({ review_count: 0 })
    }
  })
})

describe('two edits at once', () => {
  it('of one version: one is done, the other told', async () => {
    const { id } = (await publish()).json()
    const answers = await Promise.all(
      [5, 6, 7].map((lemon_pie_rating) =>
        send('PUT', `/reviews/${id}`, author, { lemon_pie_rating }, { 'if-match': '"v1"' }),
      ),
    )
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409, 409])
  })
})

describe('deleting', () => {
  it('is for the author and moderators, takes everything along, and uncounts', async () => {
    for (const actor of [author, moderator]) {
      const review = (await publish({ nollywood_tags: ['epic'] })).json()
      await send('POST', `/reviews/${review.id}/vote`, other, { vote_type: 'helpful' })
      await send('PUT', `/reviews/${review.id}`, author, { lemon_pie_rating: 3 })
      expect((await send('DELETE', `/reviews/${review.id}`, other)).statusCode).toBe(403)
      expect((await send('DELETE', `/reviews/${review.id}`, actor)).statusCode).toBe(204)
      expect((await send('GET', `/reviews/${review.id}`, author)).statusCode).toBe(404)
      expect((await send('DELETE', `/reviews/${review.id}`, actor)).statusCode).toBe(404)
      expect(await statsOf(review.movie_id)).toMatchObject({ review_count: 0, rating_sum: 0, weighted_rating: null })
      for (const table of ['review_tags', 'review_votes', 'review_revisions'] as const) {
        const { rows } = await sql`select from ${sql.table(table)} where review_id = ${review.id}`.execute(ctx.db)
        expect(rows, table).toEqual([])
      }
      expect((await events(review.id)).at(-1)).toMatchObject({
        name: 'review.deleted',
        payload: { author_id: author.id, actor_id: actor.id },
      })
    }
  })

  it('hides from others that there is one that is not approved', async () => {
    const { id } = await makeReview(ctx.db, { moderation_status: 'pending' })
    expect((await send('DELETE', `/reviews/${id}`, other)).statusCode).toBe(404)
  })
})
