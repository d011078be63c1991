import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { reconcileReviews } from '../../../src/domains/reviews/review-stats.jobs.ts'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { makeAccount, send } from '../../support/moderation-factory.ts'
import { byHeader, makeReview, someText } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let moderator: Actor

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  moderator = await makeAccount(ctx.db, 'moderator')
  return () => ctx[Symbol.asyncDispose]()
})

interface Own {
  readonly author: Actor
  readonly id: string
}

/** A title that came out years ago, with reviews of 6 to 8 every few days, by accounts that can edit them. */
async function settledTitle(reviews = 40, columns: object = {}) {
  const { id: movieId } = await makeTitle(ctx.db, { release_date: '2018-10-26' })
  const own: Own[] = []
  for (let index = 0; index < reviews; index += 1) {
    const author = await makeAccount(ctx.db)
    const created_at = new Date(Date.now() - (10 + index * 5) * 86_400_000).toISOString()
    const rating = { lemon_pie_rating: 6 + (index % 3), story_rating: 5 + (index % 4) }
    const all = { user_id: author.id, movie_id: movieId, created_at, updated_at: created_at, ...rating, ...columns }
    own.push({ author, id: (await makeReview(ctx.db, all)).id })
  }
  return { movieId, own }
}

const edit = async ({ author, id }: Own, patch: object) => {
  const answer = await send(app, author)('PUT', `/reviews/${id}`, patch)
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body
}
const post = async (movieId: string, rating: number) => {
  const body = { movie_id: movieId, lemon_pie_rating: rating, review_text: someText() }
  return (await send(app, await makeAccount(ctx.db))('POST', '/reviews', body)).body
}
const stats = async (id: string) => {
  const { score_state, updated_at, ...rest } = (await send(app, null)('GET', `/movies/${id}/stats`)).body
  return { state: score_state, score: rest }
}
const release = (movieId: string, body: object) =>
  send(app, moderator)('PUT', `/admin/moderation/held-titles/${movieId}`, body)
const drift = async (): Promise<number> => {
  const read = async () => {
    const { values } = await ctx.metrics.counterDrift.get()
    return Number(values.find(({ labels }) => labels.table === 'movie_stats')?.value ?? 0)
  }
  const before = await read()
  await reconcileReviews(ctx)
  return (await read()) - before
}

describe('a burst of edits', () => {
  it('to ones is held like one of new reviews, and the score is the one from before, to the last criterion', async () => {
    const { movieId, own } = await settledTitle()
    const before = await stats(movieId)
    for (const each of own.slice(0, 14)) await edit(each, { lemon_pie_rating: 1, story_rating: 1 })
    expect((await stats(movieId)).score).not.toEqual(before.score)
    const last = await edit(own[14]!, { lemon_pie_rating: 1, story_rating: null })
    expect(last.exclusion).toBe('held')
    expect(await stats(movieId)).toEqual({ ...before, state: 'held' })
    expect(await drift()).toBe(0)

    expect((await release(movieId, { count: 'all', reason: 'They changed their minds.' })).body.counted).toBe(15)
    const after = await stats(movieId)
    expect(after.state).toBe('normal')
    expect(after.score.rating_distribution['1']).toBe(15)
    expect(after.score.review_count).toBe(40)
    expect(await drift()).toBe(0)
  })

  it('that only change other things is none', async () => {
    const { movieId, own } = await settledTitle(20)
    for (const each of own) await edit(each, { review_text: someText(), story_rating: 1, spoiler_warning: true })
    expect((await stats(movieId)).state).toBe('normal')
  })

  it('goes by the rating from before it, however often somebody edits', async () => {
    const { movieId, own } = await settledTitle()
    const before = await stats(movieId)
    for (const each of own.slice(0, 14)) {
      await edit(each, { lemon_pie_rating: 4 })
      await edit(each, { lemon_pie_rating: 1 })
    }
    await edit(own[14]!, { lemon_pie_rating: 1 })
    expect(await stats(movieId)).toEqual({ ...before, state: 'held' })
  })

  it('that were written before the release, and count by it, is held', async () => {
    const { movieId, own } = await settledTitle(40)
    const early: Own[] = []
    for (let count = 0; count < 15; count += 1) {
      const author = await makeAccount(ctx.db)
      const at = { created_at: '2018-10-01T00:00:00Z', updated_at: '2018-10-01T00:00:00Z' }
      const columns = {
        user_id: author.id,
        movie_id: movieId,
        lemon_pie_rating: 1,
        exclusion: 'before_release',
      } as const
      early.push({ author, id: (await makeReview(ctx.db, { ...columns, ...at })).id })
    }
    const before = await stats(movieId)
    for (const each of early.slice(0, 14))
      expect(await edit(each, { spoiler_warning: true })).toMatchObject({ exclusion: null })
    expect(await edit(early[14]!, { spoiler_warning: true })).toMatchObject({ exclusion: 'held' })
    expect(await stats(movieId)).toEqual({ ...before, state: 'held' })
    expect(own.length).toBe(40)
  })
})

describe('an edit of an old review while the score is held', () => {
  const held = async () => {
    const title = await settledTitle()
    const before = await stats(title.movieId)
    for (let count = 0; count < 15; count += 1) await post(title.movieId, 1)
    expect(await stats(title.movieId)).toEqual({ ...before, state: 'held' })
    return { ...title, before }
  }

  it('is held where it changes the rating, and the score stays', async () => {
    const { movieId, own, before } = await held()
    expect(await edit(own[30]!, { lemon_pie_rating: 1 })).toMatchObject({ exclusion: 'held', lemon_pie_rating: 1 })
    expect(await edit(own[30]!, { lemon_pie_rating: 2 })).toMatchObject({ exclusion: 'held' })
    expect(await edit(own[31]!, { review_text: someText() })).toMatchObject({ exclusion: null })
    expect(await stats(movieId)).toEqual({ ...before, state: 'held' })
    expect(await drift()).toBe(0)
    await send(app, moderator)('POST', `/admin/moderation/${own[30]!.id}`, { decision: 'approve' })
    expect((await stats(movieId)).score.rating_distribution['2']).toBe(1)
  })

  it('is held though a moderator had looked at what it was before', async () => {
    const { movieId, own, before } = await held()
    await sql`update reviews set moderated_at = now() - interval '1 day', moderated_by = ${moderator.id}
      where movie_id = ${movieId}`.execute(ctx.db)
    expect(await edit(own[3]!, { lemon_pie_rating: 1 })).toMatchObject({ exclusion: 'held' })
    expect(await stats(movieId)).toEqual({ ...before, state: 'held' })
  })

  it('of one that did not count before leaves it uncounted', async () => {
    const { movieId, own, before } = await held()
    await sql`update reviews set moderation_status = 'pending' where id = ${own[5]!.id}`.execute(ctx.db)
    await ctx.cache.forgetFamilies('movie_stats')
    const without = await stats(movieId)
    expect(await edit(own[5]!, { lemon_pie_rating: 10 })).toMatchObject({ exclusion: 'held' })
    await sql`update reviews set moderation_status = 'approved' where id = ${own[5]!.id}`.execute(ctx.db)
    await ctx.cache.forgetFamilies('movie_stats')
    expect(await stats(movieId)).toEqual(without)
    expect(without.score.review_count).toBe(before.score.review_count - 1)
    expect(await drift()).toBe(0)
  })
})
