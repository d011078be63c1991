import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { forgetRemovedReviews } from '../../../src/domains/reviews/review-stats.jobs.ts'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { drain } from '../../support/events.ts'
import { makeTitle } from '../../support/factories.ts'
import { eventsOf, makeAccount, send } from '../../support/moderation-factory.ts'
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

const post = (author: Actor, movie_id: string, review_text = someText()) =>
  send(app, author)('POST', '/reviews', { movie_id, lemon_pie_rating: 3, review_text })
const remove = (by: Actor, id: string) => send(app, by)('DELETE', `/reviews/${id}`)
const report = (by: Actor, id: string) => send(app, by)('POST', `/reviews/${id}/report`, { reason: 'abuse' })
const resolve = (id: string, body: object, by = moderator) => send(app, by)('PUT', `/admin/reports/${id}/resolve`, body)
const decide = (id: string, body: object) => send(app, moderator)('POST', `/admin/moderation/${id}`, body)
const left = (id: string) =>
  ctx.db.selectFrom('removed_reviews').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

describe('a review that is deleted and posted again', () => {
  it('waits for a moderator where one had rejected it, who sees why', async () => {
    const author = await makeAccount(ctx.db)
    const review = (await post(author, (await makeTitle(ctx.db)).id)).body
    await decide(review.id, { decision: 'reject', reason: 'Not about the film.', reopen: true })
    await remove(author, review.id)
    const again = (await post(author, review.movie_id)).body
    expect(again.moderation_status).toBe('pending')
    expect(again.moderation_reason).toContain('that a moderator had rejected: “Not about the film.”')
    const queue = (await send(app, moderator)('GET', `/admin/moderation?movie_id=${review.movie_id}`)).body.data
    expect(queue).toMatchObject([{ content_id: again.id, reasons: [{ code: 'posted_again' }] }])
    // Nor does doing it twice, and another title has nothing to do with it.
    await remove(author, again.id)
    expect((await post(author, review.movie_id)).body.moderation_status).toBe('pending')
    expect((await post(author, (await makeTitle(ctx.db)).id)).body.moderation_status).toBe('approved')
  })

  it('is as any other again once a moderator has approved one', async () => {
    const author = await makeAccount(ctx.db)
    const { id, movie_id } = await makeReview(ctx.db, { user_id: author.id, moderation_status: 'rejected' })
    await remove(author, id)
    const again = (await post(author, movie_id)).body
    expect((await decide(again.id, { decision: 'approve' })).status).toBe(200)
    const edited = await send(app, author)('PUT', `/reviews/${again.id}`, { review_text: someText() })
    expect(edited.body.moderation_status).toBe('approved')
    await remove(author, again.id)
    expect((await post(author, movie_id)).body.moderation_status).toBe('approved')
  })

  it.each([
    ['was waiting for one', { moderation_status: 'pending' }, 'was waiting for a moderator'],
    ['was held', { exclusion: 'held' }, 'was held as part of a burst'],
    [
      'was rejected with a burst',
      { moderation_status: 'rejected', moderation_reason: 'Posted together.' },
      'Posted together.',
    ],
  ] as const)('waits for a moderator where it %s', async (_, columns, why) => {
    const author = await makeAccount(ctx.db)
    const { id, movie_id } = await makeReview(ctx.db, { user_id: author.id, ...columns })
    await remove(author, id)
    const again = (await post(author, movie_id)).body
    expect(again).toMatchObject({ moderation_status: 'pending', moderation_reason: expect.stringContaining(why) })
  })

  it('waits for a moderator where one had deleted it', async () => {
    const author = await makeAccount(ctx.db)
    const { id, movie_id } = await makeReview(ctx.db, { user_id: author.id })
    expect((await remove(moderator, id)).status).toBe(204)
    expect((await post(author, movie_id)).body.moderation_reason).toContain('that a moderator had deleted')
  })

  it('is as any other where nothing was against it, and leaves no text', async () => {
    const author = await makeAccount(ctx.db)
    const { id, movie_id } = await makeReview(ctx.db, { user_id: author.id })
    await remove(author, id)
    expect((await post(author, movie_id)).body).toMatchObject({
      moderation_status: 'approved',
      moderation_reason: null,
    })
    expect(await left(id)).toMatchObject({ is_kept: false, review_text: null })
  })

  it('waits however close the two requests are', async () => {
    for (let round = 0; round < 8; round += 1) {
      const author = await makeAccount(ctx.db)
      const { id, movie_id } = await makeReview(ctx.db, { user_id: author.id, moderation_status: 'rejected' })
      const [, again] = await Promise.all([remove(author, id), post(author, movie_id)])
      if (again!.status === 201) expect(again!.body.moderation_status).toBe('pending')
      else expect(again!.body.error).toBe('review_exists')
    }
  })

  it('counts as another one of the hour', async () => {
    const fresh = await makeAccount(ctx.db, 'user', 1)
    const { id: movieId } = await makeTitle(ctx.db)
    for (let count = 0; count < 5; count += 1) {
      await remove(fresh, (await makeReview(ctx.db, { user_id: fresh.id, movie_id: movieId })).id)
    }
    const review = (await post(fresh, (await makeTitle(ctx.db)).id)).body
    expect(review.moderation_reason).toContain('Very many reviews in a short time.')
  })

  it('counts exactly when many are posted at once', async () => {
    const fresh = await makeAccount(ctx.db, 'user', 1)
    const titles = await Promise.all(Array.from({ length: 8 }, () => makeTitle(ctx.db)))
    const answers = await Promise.all(titles.map(({ id }) => post(fresh, id)))
    expect(answers.filter(({ body }) => body.moderation_status === 'approved').length).toBe(5)
  })

  it('is not told to followers again within a day', async () => {
    const [author, follower] = [await makeAccount(ctx.db), await makeAccount(ctx.db)]
    await send(app, follower)('POST', `/users/${author.id}/follow`)
    const { id: movieId } = await makeTitle(ctx.db)
    const told = async () => {
      await drain(ctx)
      const { data } = (await send(app, follower)('GET', '/notifications?type=followed_user_review')).body
      return data.length
    }
    const first = (await post(author, movieId)).body
    expect(await told()).toBe(1)
    await remove(author, first.id)
    expect(await told()).toBe(0)
    const second = (await post(author, movieId)).body
    expect(await told()).toBe(0)
    await send(app, author)('PUT', `/reviews/${second.id}`, { lemon_pie_rating: 4 })
    expect(await told()).toBe(0)
    // A day later it is news.
    await remove(author, second.id)
    await sql`update removed_reviews set removed_at = removed_at - interval '25 hours' where user_id = ${author.id}`.execute(
      ctx.db,
    )
    await post(author, movieId)
    expect(await told()).toBe(1)
  })
})

describe('a reported review that its author deletes', () => {
  const reported = async () => {
    const [author, reporter, other] = [await makeAccount(ctx.db), await makeAccount(ctx.db), await makeAccount(ctx.db)]
    const review = await makeReview(ctx.db, { user_id: author.id })
    const reports = [(await report(reporter, review.id)).body.id, (await report(other, review.id)).body.id] as const
    expect((await remove(author, review.id)).status).toBe(204)
    return { author, reporter, review, reports }
  }
  const open = async (id: string) => {
    const { data } = (await send(app, moderator)('GET', '/admin/reports?limit=100')).body
    return data.find((each: { id: string }) => each.id === id)
  }

  it('leaves its text and its author to moderators, who may still act', async () => {
    const { author, reporter, review, reports } = await reported()
    expect(await open(reports[0])).toMatchObject({
      status: 'open',
      review_id: null,
      review_text: review.review_text,
      author: { id: author.id },
      movie: { id: review.movie_id },
    })
    const body = { resolution: 'user_warned', reason: 'Mind your words.', note: 'Thank you.' }
    expect(await resolve(reports[0], body, await makeAccount(ctx.db, 'moderator'))).toMatchObject({
      status: 200,
      body: { resolution: 'user_warned' },
    })
    expect(await eventsOf(ctx.db, 'user.warned', author.id)).toMatchObject([{ reason: 'Mind your words.' }])
    expect((await send(app, reporter)('GET', '/users/reports')).body.data).toMatchObject([
      { status: 'resolved', resolution: 'user_warned', resolution_note: 'Thank you.' },
    ])
    // The other report of it is resolved along, and both reporters are told.
    expect(await open(reports[1])).toBeUndefined()
    for (const id of reports) expect((await eventsOf(ctx.db, 'report.resolved', id)).length).toBe(1)
    const decisions = await send(app, moderator)('GET', `/admin/moderation/decisions?content_id=${review.id}`)
    expect(decisions.body.data).toMatchObject([{ kind: 'report', decision: 'user_warned', author_id: author.id }])
    expect((await post(author, review.movie_id)).body.moderation_reason).toContain('that readers had reported')
  })

  it('makes the next one wait until all reports of it are dismissed', async () => {
    const { author, review, reports } = await reported()
    const again = (await post(author, review.movie_id)).body
    expect(again.moderation_status).toBe('pending')
    await decide(again.id, { decision: 'approve' })
    for (const id of reports) expect((await resolve(id, { resolution: 'dismissed' })).status).toBe(200)
    expect((await resolve(reports[0], { resolution: 'dismissed' })).body.error).toBe('report_resolved')

    const second = await reported()
    for (const id of second.reports) await resolve(id, { resolution: 'dismissed' })
    expect((await post(second.author, second.review.movie_id)).body.moderation_status).toBe('approved')
  })

  it('is for another moderator than its author', async () => {
    const author = await makeAccount(ctx.db, 'moderator')
    const review = await makeReview(ctx.db, { user_id: author.id })
    const { id } = (await report(await makeAccount(ctx.db), review.id)).body
    await remove(author, review.id)
    expect(await resolve(id, { resolution: 'dismissed' }, author)).toMatchObject({
      status: 409,
      body: { error: 'own_review' },
    })
  })

  it('closes the reports when its title or its author goes', async () => {
    const byTitle = await reported()
    await ctx.db.deleteFrom('movies').where('id', '=', byTitle.review.movie_id).execute()
    const byAuthor = await reported()
    await ctx.db.deleteFrom('users').where('id', '=', byAuthor.author.id).execute()
    const rows = await ctx.db
      .selectFrom('reports')
      .select(['resolution', 'removed_review_id'])
      .where('id', 'in', [byTitle.reports[0], byAuthor.reports[0]])
      .execute()
    expect(rows).toEqual(Array(2).fill({ resolution: 'review_deleted', removed_review_id: null }))
  })
})

describe('what is left of deleted reviews', () => {
  it('is forgotten: all of it after a month where nothing was against it, else the text after half a year', async () => {
    const author = await makeAccount(ctx.db)
    const make = async (columns: object, days: number) => {
      const { id } = await makeReview(ctx.db, { user_id: author.id, ...columns })
      await remove(author, id)
      await sql`update removed_reviews set removed_at = now() - make_interval(days => ${days}) where id = ${id}`.execute(
        ctx.db,
      )
      return id
    }
    const rejected = { moderation_status: 'rejected' } as const
    const [plain, plainOld] = [await make({}, 30), await make({}, 32)]
    const [bad, badOld] = [await make(rejected, 179), await make(rejected, 181)]
    await forgetRemovedReviews(ctx)
    const rows = await ctx.db.selectFrom('removed_reviews').selectAll().where('user_id', '=', author.id).execute()
    expect(rows.map(({ id }) => id).sort()).toEqual([plain, bad, badOld].sort())
    expect(rows.some(({ id }) => id === plainOld)).toBe(false)
    expect((await left(bad)).review_text).not.toBeNull()
    expect((await left(badOld)).review_text).toBeNull()
  })

  it('is in the export of its author', async () => {
    const author = await makeAccount(ctx.db)
    const { id, review_text } = await makeReview(ctx.db, { user_id: author.id, moderation_status: 'rejected' })
    await remove(author, id)
    const exported = (await send(app, author)('GET', '/users/profile/export')).body
    expect(exported.removed_reviews).toMatchObject([{ id, review_text, moderation_status: 'rejected' }])
  })
})
