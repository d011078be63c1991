import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { eventsOf, makeAccount, makePending, send } from '../../support/moderation-factory.ts'
import { byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let moderator: Actor

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  moderator = await makeAccount(ctx.db, 'moderator')
  return () => ctx[Symbol.asyncDispose]()
})

const decide = (id: string, body: object, by = moderator) => send(app, by)('POST', `/admin/moderation/${id}`, body)
const queue = async (query: string) => (await send(app, moderator)('GET', `/admin/moderation?${query}`)).body
const ids = (list: { data: { content_id: string }[] }) => list.data.map((each) => each.content_id)
const stats = (id: string) =>
  ctx.db.selectFrom('movie_stats').selectAll().where('movie_id', '=', id).executeTakeFirstOrThrow()

describe('the queue', () => {
  it('shows why, score, reasons, reports and the history of the author', async () => {
    const author = await makeAccount(ctx.db)
    await makeReview(ctx.db, { user_id: author.id })
    await makeReview(ctx.db, { user_id: author.id, moderation_status: 'rejected' })
    const review = await makePending(ctx.db, { user_id: author.id, review_text: 'See this oloshi. ||The end.||' })
    const { data } = await queue(`movie_id=${review.movie_id}`)
    expect(data).toMatchObject([
      {
        content_id: review.id,
        why: ['pending'],
        score: 0.7,
        reasons: [{ code: 'insult', note: 'Words that insult: “oloshi”.' }],
        review: { id: review.id, review_text: 'See this oloshi. ||The end.||', user: { id: author.id } },
        reports: { open: 0, in_good_standing: 0, latest: [] },
        author_history: { reviews: 3, approved: 1, rejected: 1, pending: 1, is_verified: true, is_suspended: false },
      },
    ])
    expect(JSON.stringify(data)).not.toContain('@lemonnpie.test')
  })

  it('shows reports, and what was decided about the author before', async () => {
    const author = await makeAccount(ctx.db)
    const first = await makePending(ctx.db, { user_id: author.id })
    await decide(first.id, { decision: 'reject', reason: 'Not about the film.' })
    const review = await makeReview(ctx.db, { user_id: author.id })
    for (const note of ['one', 'two', 'three']) {
      await send(app, await makeAccount(ctx.db))('POST', `/reviews/${review.id}/report`, { reason: 'abuse', note })
    }
    const { data } = await queue(`movie_id=${review.movie_id}&why=reported`)
    expect(data).toMatchObject([
      {
        why: ['reported'],
        reports: { open: 3, in_good_standing: 3, latest: [{ note: 'three' }, { note: 'two' }, { note: 'one' }] },
        author_history: { last_decisions: [{ kind: 'review', decision: 'reject', reason: 'Not about the film.' }] },
      },
    ])
  })

  it('pages in every order, with filters and a total', async () => {
    const title = await makeTitle(ctx.db)
    const made = []
    for (const score of [0.6, 0.9, 0.7, 0.9]) {
      const assessment = JSON.stringify({ score, reasons: [] })
      made.push(
        (await makePending(ctx.db, { movie_id: title.id, assessment, review_language: score === 0.7 ? 'ig' : 'en' }))
          .id,
      )
    }
    const [a, b, c, d] = made as [string, string, string, string]
    const all = async (query: string) => {
      const found: string[] = []
      for (let cursor = ''; ; ) {
        const page = await queue(`movie_id=${title.id}&limit=1&${query}${cursor}`)
        found.push(...ids(page))
        if (page.page.next_cursor === null) return found
        cursor = `&cursor=${page.page.next_cursor}`
      }
    }
    expect(await all('sort=oldest')).toEqual([a, b, c, d])
    expect(await all('sort=newest')).toEqual([d, c, b, a])
    expect(await all('sort=score')).toEqual([d, b, c, a])
    expect(await all('language=ig')).toEqual([c])
    expect(await all('why=held')).toEqual([])
    expect((await queue(`movie_id=${title.id}&include_total=true&limit=2`)).page.total).toBe(4)
    expect((await send(app, moderator)('GET', '/admin/moderation?cursor=xyz')).status).toBe(422)
  })

  it('costs the same statements for many as for one', async () => {
    const title = await makeTitle(ctx.db)
    for (let index = 0; index < 12; index += 1) await makePending(ctx.db, { movie_id: title.id })
    const statements = async () => {
      const { values } = await ctx.metrics.queryDuration.get()
      return values
        .filter(({ metricName }) => metricName?.endsWith('_count'))
        .reduce((total, { value }) => total + Number(value), 0)
    }
    const cost = async (limit: number) => {
      const before = await statements()
      expect((await queue(`movie_id=${title.id}&limit=${limit}`)).data.length).toBe(limit)
      return (await statements()) - before
    }
    // One for the reviews, and one for what the moderator has to do with their titles.
    expect([await cost(1), await cost(12)]).toEqual([2, 2])
  })

  it('follows the reviews whatever writes them', async () => {
    const review = await makePending(ctx.db)
    const inQueue = async () => ids(await queue(`movie_id=${review.movie_id}`)).includes(review.id)
    const set = (columns: object) => ctx.db.updateTable('reviews').set(columns).where('id', '=', review.id).execute()
    expect(await inQueue()).toBe(true)
    await set({ moderation_status: 'approved' })
    expect(await inQueue()).toBe(false)
    await set({ exclusion: 'held' })
    expect(await inQueue()).toBe(true)
    await set({ moderation_status: 'rejected' })
    expect(await inQueue()).toBe(false)
    await set({ moderation_status: 'pending' })
    expect(await inQueue()).toBe(true)
    await ctx.db.deleteFrom('reviews').where('id', '=', review.id).execute()
    expect(await inQueue()).toBe(false)
  })
})

describe('a decision', () => {
  it('approves: the review counts in the same moment, and the queue is done with it', async () => {
    const review = await makePending(ctx.db, { lemon_pie_rating: 8 })
    expect((await stats(review.movie_id)).review_count).toBe(0)
    const answer = await decide(review.id, { decision: 'approve' })
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    expect(answer.body).toEqual({
      content_id: review.id,
      moderation_status: 'approved',
      exclusion: null,
      resolved_reports: 0,
    })
    expect(await stats(review.movie_id)).toMatchObject({ review_count: 1, rating_sum: 8 })
    expect(ids(await queue(`movie_id=${review.movie_id}`))).toEqual([])
    expect(await eventsOf(ctx.db, 'review.moderated', review.id)).toMatchObject([
      { decision: 'approve', actor_id: moderator.id },
    ])
  })

  it('rejects, with a reason that the author is told and nobody else', async () => {
    const author = await makeAuthor(ctx.db)
    const review = await makeReview(ctx.db, { user_id: author.id, moderation_status: 'pending' })
    expect((await decide(review.id, { decision: 'reject' })).body.details).toMatchObject([{ field: 'body.reason' }])
    expect((await decide(review.id, { decision: 'reject', reason: 'It insults the cast.' })).status).toBe(200)
    const own = (await send(app, author)('GET', `/reviews/${review.id}`)).body
    expect(own).toMatchObject({ moderation_status: 'rejected', moderation_reason: 'It insults the cast.' })
    expect((await send(app, null)('GET', `/reviews/${review.id}`)).status).toBe(404)
  })

  it('resolves the reports along', async () => {
    const review = await makeReview(ctx.db)
    const reporters = await Promise.all([1, 2, 3].map(() => makeAccount(ctx.db)))
    for (const each of reporters) await send(app, each)('POST', `/reviews/${review.id}/report`, { reason: 'spam' })
    expect((await decide(review.id, { decision: 'approve' })).body.resolved_reports).toBe(3)
    const { data } = (await send(app, reporters[0]!)('GET', '/users/reports')).body
    expect(data).toMatchObject([{ resolution: 'dismissed' }])
  })

  it('is won by one of two moderators at once; the other gets a 409', async () => {
    for (let round = 0; round < 5; round += 1) {
      const review = await makePending(ctx.db)
      const other = await makeAccount(ctx.db, 'moderator')
      const answers = await Promise.all([
        decide(review.id, { decision: 'approve' }),
        decide(review.id, { decision: 'reject', reason: 'No.' }, other),
      ])
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
      expect(answers.find(({ status }) => status === 409)!.body.error).toBe('already_decided')
      expect((await eventsOf(ctx.db, 'review.moderated', review.id)).length).toBe(1)
    }
  })

  it('is about the text that the moderator read', async () => {
    const review = await makePending(ctx.db)
    await ctx.db.updateTable('reviews').set({ version: 2 }).where('id', '=', review.id).execute()
    expect(await decide(review.id, { decision: 'approve', version: 1 })).toMatchObject({
      status: 409,
      body: { error: 'stale_version' },
    })
    expect((await decide(review.id, { decision: 'approve', version: 2 })).status).toBe(200)
  })

  it('can be taken back by who says so, and not about one’s own review', async () => {
    const review = await makePending(ctx.db)
    await decide(review.id, { decision: 'reject', reason: 'No.' })
    expect((await decide(review.id, { decision: 'approve' })).body.error).toBe('already_decided')
    expect((await decide(review.id, { decision: 'reject', reason: 'No.', reopen: true })).body.error).toBe(
      'already_decided',
    )
    expect((await decide(review.id, { decision: 'approve', reopen: true })).body.moderation_status).toBe('approved')
    const own = await makePending(ctx.db, { user_id: moderator.id })
    expect(await decide(own.id, { decision: 'approve' })).toMatchObject({ status: 409, body: { error: 'own_review' } })
    expect((await decide('0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77', { decision: 'approve' })).status).toBe(404)
  })

  it('is written down for good, with who, why, before and after', async () => {
    const review = await makePending(ctx.db)
    await decide(review.id, { decision: 'reject', reason: 'No.' })
    const list = (await send(app, moderator)('GET', `/admin/moderation/decisions?content_id=${review.id}`)).body.data
    expect(list).toMatchObject([
      {
        kind: 'review',
        decision: 'reject',
        reason: 'No.',
        moderator: { id: moderator.id },
        author_id: review.user_id,
        before: { moderation_status: 'pending', exclusion: null },
        after: { moderation_status: 'rejected', exclusion: null },
      },
    ])
    await expect(
      sql`update moderation_decisions set reason = 'x' where id = ${list[0].id}`.execute(ctx.db),
    ).rejects.toThrow('append-only')
    await expect(sql`delete from moderation_decisions where id = ${list[0].id}`.execute(ctx.db)).rejects.toThrow(
      'append-only',
    )
    await expect(sql`truncate moderation_decisions`.execute(ctx.db)).rejects.toThrow('append-only')
    const byAuthor = await send(app, moderator)(
      'GET',
      `/admin/moderation/decisions?author_id=${review.user_id}&limit=1`,
    )
    expect(byAuthor.body.data).toEqual(list)
    const byModerator = await send(app, moderator)(
      'GET',
      `/admin/moderation/decisions?moderator_id=${moderator.id}&limit=1`,
    )
    expect(byModerator.body.page.next_cursor).not.toBeNull()
    const next = await send(app, moderator)(
      'GET',
      `/admin/moderation/decisions?moderator_id=${moderator.id}&limit=1&cursor=${byModerator.body.page.next_cursor}`,
    )
    expect(next.body.data[0].id).not.toBe(byModerator.body.data[0].id)
  })

  it('shows moderators what the review said before', async () => {
    const author = await makeAuthor(ctx.db)
    const review = await makeReview(ctx.db, { user_id: author.id, review_text: 'As it was written first.' })
    const edit = { review_text: 'Quite another text than it was, with other words.' }
    expect((await send(app, author)('PUT', `/reviews/${review.id}`, edit)).status).toBe(200)
    const history = await send(app, moderator)('GET', `/reviews/${review.id}/revisions`)
    expect(history.body.data).toMatchObject([{ version: 1, review_text: 'As it was written first.' }])
  })
})

describe('many decisions at once', () => {
  it('have an outcome each, in order', async () => {
    const pending = [await makePending(ctx.db), await makePending(ctx.db)]
    const done = await makeReview(ctx.db)
    const content_ids = [pending[0]!.id, done.id, '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77', pending[1]!.id]
    const answer = await send(app, moderator)('POST', '/admin/moderation/bulk', { content_ids, decision: 'approve' })
    expect(answer.status).toBe(200)
    expect(answer.body.outcomes.map(({ content_id, error }: Record<string, unknown>) => [content_id, error])).toEqual([
      [pending[0]!.id, null],
      [done.id, 'already_decided'],
      [content_ids[2], 'not_found'],
      [pending[1]!.id, null],
    ])
    expect((await stats(pending[1]!.movie_id)).review_count).toBe(1)
  })

  it('are about the texts that the moderator read', async () => {
    const [read, edited] = [await makePending(ctx.db), await makePending(ctx.db)]
    await ctx.db.updateTable('reviews').set({ version: 2 }).where('id', '=', edited.id).execute()
    const bulk = (versions: number[]) =>
      send(app, moderator)('POST', '/admin/moderation/bulk', {
        content_ids: [read.id, edited.id],
        versions,
        decision: 'approve',
      })
    expect((await bulk([1])).body.details).toMatchObject([{ field: 'body.versions' }])
    expect((await bulk([1, 1])).body.outcomes).toMatchObject([
      { content_id: read.id, done: true },
      { content_id: edited.id, done: false, error: 'stale_version' },
    ])
    expect((await send(app, null)('GET', `/reviews/${edited.id}`)).status).toBe(404)
  })

  it('are at most a hundred, each once, and rejecting needs a reason', async () => {
    const bulk = (body: object) => send(app, moderator)('POST', '/admin/moderation/bulk', body)
    const content_ids = Array.from({ length: 101 }, () => crypto.randomUUID())
    expect((await bulk({ content_ids, decision: 'approve' })).status).toBe(422)
    expect((await bulk({ content_ids: [], decision: 'approve' })).status).toBe(422)
    expect((await bulk({ content_ids: content_ids.slice(0, 1), decision: 'reject' })).status).toBe(422)
    const hundred = await bulk({ content_ids: content_ids.slice(0, 100), decision: 'approve' })
    expect(hundred.body.outcomes.length).toBe(100)
  })
})

describe('the desk', () => {
  it.each([
    ['GET', '/admin/moderation', undefined],
    ['GET', '/admin/moderation/decisions', undefined],
    ['POST', '/admin/moderation/bulk', { content_ids: ['0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77'], decision: 'approve' }],
    ['POST', '/admin/moderation/0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77', { decision: 'approve' }],
    ['GET', '/admin/moderation/held-titles', undefined],
    ['GET', '/admin/moderation/words', undefined],
    ['GET', '/admin/moderation/allowed-phrases', undefined],
  ] as const)('%s %s is for moderators', async (method, path, body) => {
    expect((await send(app, null)(method, path, body)).status).toBe(401)
    expect((await send(app, await makeAccount(ctx.db, 'critic'))(method, path, body)).status).toBe(403)
    expect((await send(app, await makeAccount(ctx.db, 'admin'))(method, path, body)).status).not.toBe(403)
  })
})
