import { beforeAll, describe, expect, it } from 'vitest'
import { moderationParts } from '../../../src/domains/moderation/moderation.account.ts'
import type { App } from '../../../src/http/app-type.ts'
import { inTx } from '../../../src/infra/tx.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { eventsOf, makeAccount, makePending, send } from '../../support/moderation-factory.ts'
import { as, byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let moderator: Actor

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  moderator = await makeAccount(ctx.db, 'moderator')
  return () => ctx[Symbol.asyncDispose]()
})

const report = (actor: Actor, reviewId: string, body: object = { reason: 'abuse' }) =>
  send(app, actor)('POST', `/reviews/${reviewId}/report`, body)
const resolve = (id: string, body: object, by = moderator) => send(app, by)('PUT', `/admin/reports/${id}/resolve`, body)
const mine = async (actor: Actor) => (await send(app, actor)('GET', '/users/reports')).body.data
const queued = (id: string) =>
  ctx.db.selectFrom('moderation_queue').selectAll().where('review_id', '=', id).executeTakeFirst()
const state = (id: string) => ctx.db.selectFrom('reviews').selectAll().where('id', '=', id).executeTakeFirst()

describe('reporting a review', () => {
  it('keeps reason and note, and shows the reporter what they sent', async () => {
    const { id } = await makeReview(ctx.db)
    const reporter = await makeAccount(ctx.db)
    const answer = await report(reporter, id, { reason: 'spoiler', note: ' It tells\r\nthe ending. ' })
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    const expected = {
      review_id: id,
      reason: 'spoiler',
      note: 'It tells\nthe ending.',
      status: 'open',
      resolution: null,
    }
    expect(answer.body).toMatchObject(expected)
    expect(answer.body.movie).toMatchObject({ type: 'movie' })
    expect(await mine(reporter)).toEqual([answer.body])
  })

  it('shows each reader what they have to do with the title', async () => {
    const { id, movie_id } = await makeReview(ctx.db)
    const reporter = await makeAccount(ctx.db)
    await send(app, reporter)('POST', `/users/watchlist/${movie_id}`)
    await send(app, moderator)('POST', `/users/favorites/${movie_id}`)
    const none = { my_rating: null, in_watchlist: false, in_favorites: false, watched: false }
    const reporters = { ...none, in_watchlist: true }
    const moderators = { ...none, in_favorites: true }
    const { body } = await report(reporter, id)
    expect(body.movie.viewer).toEqual(reporters)
    expect((await mine(reporter))[0].movie.viewer).toEqual(reporters)
    const [listed] = (await send(app, moderator)('GET', `/admin/reports?review_id=${id}`)).body.data
    expect(listed.movie.viewer).toEqual(moderators)
    const resolved = await resolve(body.id, { resolution: 'dismissed' })
    expect([resolved.status, resolved.body.movie.viewer]).toEqual([200, moderators])
    await ctx.db.deleteFrom('reviews').where('id', '=', id).execute()
    expect((await mine(reporter)).every((each: { movie: unknown }) => each.movie === null)).toBe(true)
  })

  it('is possible once each, and not for one’s own', async () => {
    const author = await makeAuthor(ctx.db)
    const { id } = await makeReview(ctx.db, { user_id: author.id })
    const reporter = await makeAccount(ctx.db)
    expect((await report(reporter, id)).status).toBe(201)
    expect(await report(reporter, id, { reason: 'spam' })).toMatchObject({
      status: 409,
      body: { error: 'already_reported' },
    })
    expect(await report(author, id)).toMatchObject({ status: 409, body: { error: 'own_review' } })
    const both = await Promise.all([1, 2].map(async () => report(moderator, id)))
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409])
  })

  it('answers 404 for what the reporter cannot see, 401 to nobody, 422 to nonsense', async () => {
    const reporter = await makeAccount(ctx.db)
    const pending = await makePending(ctx.db)
    expect((await report(reporter, pending.id)).status).toBe(404)
    expect((await report(reporter, '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77')).status).toBe(404)
    expect((await send(app, null)('POST', `/reviews/${pending.id}/report`, { reason: 'abuse' })).status).toBe(401)
    expect((await report(reporter, pending.id, { reason: 'boring' })).status).toBe(422)
  })

  it('is possible thirty times a day, exactly', async () => {
    const reporter = await makeAccount(ctx.db)
    const reviews = await Promise.all(Array.from({ length: 31 }, () => makeReview(ctx.db)))
    const answers = await Promise.all(reviews.map(({ id }) => report(reporter, id)))
    expect(answers.filter(({ status }) => status === 201).length).toBe(30)
    const refused = answers.find(({ status }) => status !== 201)!
    expect(refused).toMatchObject({ status: 429, body: { error: 'too_many_reports' } })
    expect(refused.headers['retry-after']).toBe('86400')
  })
})

describe('flagging', () => {
  it('takes three reports by accounts in good standing, at once or not', async () => {
    const { id } = await makeReview(ctx.db)
    const reporters = await Promise.all([1, 2, 3].map(() => makeAccount(ctx.db)))
    await report(reporters[0]!, id)
    expect(await queued(id)).toBeUndefined()
    await Promise.all(reporters.slice(1).map((each) => report(each, id)))
    expect(await queued(id)).toMatchObject({ is_reported: true, is_pending: false })
    expect(await eventsOf(ctx.db, 'review.flagged', id)).toMatchObject([{ review_id: id, reports: 3 }])
    expect((await send(app, null)('GET', `/reviews/${id}`)).status).toBe(200)
  })

  it('is not done by accounts that are new, not verified, suspended or mostly wrong', async () => {
    const { id } = await makeReview(ctx.db)
    const wrong = await makeAccount(ctx.db)
    for (let count = 0; count < 5; count += 1) {
      const answer = await report(wrong, (await makeReview(ctx.db)).id)
      await resolve(answer.body.id, { resolution: 'dismissed' })
    }
    const suspended = await makeAccount(ctx.db)
    await ctx.db
      .updateTable('users')
      .set({ suspended_at: new Date().toISOString() })
      .where('id', '=', suspended.id)
      .execute()
    const unverified = await makeAccount(ctx.db)
    await ctx.db.updateTable('users').set({ is_verified: false }).where('id', '=', unverified.id).execute()
    for (const each of [wrong, suspended, unverified, await makeAccount(ctx.db, 'user', 6)]) await report(each, id)
    for (const each of [await makeAccount(ctx.db), await makeAccount(ctx.db)]) await report(each, id)
    expect(await queued(id)).toBeUndefined()
    await report(await makeAccount(ctx.db, 'user', 8), id)
    expect(await queued(id)).toBeDefined()
  })
})

describe('resolving a report', () => {
  const reported = async (authorRole: 'user' | 'moderator' = 'user') => {
    const author = await makeAccount(ctx.db, authorRole)
    const review = await makeReview(ctx.db, { user_id: author.id })
    const reporters = await Promise.all([1, 2, 3].map(() => makeAccount(ctx.db)))
    const reports = await Promise.all(reporters.map(async (each) => (await report(each, review.id)).body.id as string))
    return { author, review, reporters, reports }
  }

  it('dismisses one, and takes the flag off when too few are left', async () => {
    const { review, reporters, reports } = await reported()
    const answer = await resolve(reports[0]!, { resolution: 'dismissed', note: 'We see nothing wrong.' })
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    expect(answer.body).toMatchObject({
      status: 'resolved',
      resolution: 'dismissed',
      resolved_by: { id: moderator.id },
    })
    expect(await mine(reporters[0]!)).toMatchObject([
      { resolution: 'dismissed', resolution_note: 'We see nothing wrong.' },
    ])
    expect(await mine(reporters[1]!)).toMatchObject([{ status: 'open' }])
    expect(await queued(review.id)).toBeUndefined()
    expect(await eventsOf(ctx.db, 'report.resolved', reports[0]!)).toMatchObject([
      { reporter_id: reporters[0]!.id, resolution: 'dismissed', review_id: review.id },
    ])
  })

  it('removes the content: the author is told why, and every reporter what became of it', async () => {
    const { author, review, reporters, reports } = await reported()
    const body = { resolution: 'content_removed', reason: 'It gives the ending away.', note: 'Thank you.' }
    expect((await resolve(reports[1]!, body)).status).toBe(200)
    expect(await state(review.id)).toMatchObject({ moderation_status: 'rejected', moderation_reason: body.reason })
    for (const each of reporters) {
      expect(await mine(each)).toMatchObject([{ resolution: 'content_removed', resolution_note: 'Thank you.' }])
    }
    expect(await queued(review.id)).toBeUndefined()
    expect((await eventsOf(ctx.db, 'report.resolved', review.id)).length).toBe(3)
    expect(await eventsOf(ctx.db, 'review.moderated', review.id)).toMatchObject([
      { author_id: author.id, decision: 'reject' },
    ])
    const own = await send(app, author)('GET', `/reviews/${review.id}`)
    expect(own.body).toMatchObject({ moderation_status: 'rejected', moderation_reason: body.reason })
  })

  it('warns the author, with the content kept where that is asked for', async () => {
    const { author, review, reports } = await reported()
    const body = { resolution: 'user_warned', reason: 'Mind your words.', keep_content: true }
    expect((await resolve(reports[0]!, body)).status).toBe(200)
    expect(await state(review.id)).toMatchObject({ moderation_status: 'approved' })
    expect(await queued(review.id)).toBeUndefined()
    expect(await eventsOf(ctx.db, 'user.warned', author.id)).toMatchObject([
      { reason: 'Mind your words.', review_id: review.id },
    ])
  })

  it('suspends the author until a time, and removes the content', async () => {
    const { author, review, reports } = await reported()
    const until = new Date(Date.now() + 86_400_000).toISOString()
    const body = { resolution: 'user_suspended', reason: 'Third time.', suspend_until: until }
    expect((await resolve(reports[0]!, body)).status).toBe(200)
    expect(await state(review.id)).toMatchObject({ moderation_status: 'rejected' })
    const account = await ctx.db.selectFrom('users').selectAll().where('id', '=', author.id).executeTakeFirstOrThrow()
    expect(account).toMatchObject({ suspension_reason: 'Third time.' })
    expect(Date.parse(account.suspended_until!)).toBe(Date.parse(until))
    expect(await eventsOf(ctx.db, 'user.suspended', author.id)).toMatchObject([
      { actor_id: moderator.id, reason: 'Third time.' },
    ])
  })

  it('does not let a moderator suspend a moderator, or anybody without a reason', async () => {
    const { author, review, reports } = await reported('moderator')
    const answer = await resolve(reports[0]!, { resolution: 'user_suspended', reason: 'No.' })
    expect(answer).toMatchObject({ status: 403, body: { error: 'forbidden' } })
    expect(await state(review.id)).toMatchObject({ moderation_status: 'approved' })
    const admin = await makeAccount(ctx.db, 'admin')
    expect((await resolve(reports[0]!, { resolution: 'user_suspended' }, admin)).body).toMatchObject({
      error: 'validation_error',
      details: [{ field: 'body.reason' }],
    })
    const past = { resolution: 'user_suspended', reason: 'No.', suspend_until: '2020-01-01T00:00:00.000Z' }
    expect((await resolve(reports[0]!, past, admin)).status).toBe(422)
    expect((await resolve(reports[0]!, { resolution: 'user_suspended', reason: 'Yes.' }, admin)).status).toBe(200)
    expect((await eventsOf(ctx.db, 'user.suspended', author.id)).length).toBe(1)
  })

  it('refuses what does not go together, and says which field', async () => {
    const { reports } = await reported()
    for (const [body, field] of [
      [{ resolution: 'content_removed', reason: 'x', keep_content: true }, 'body.keep_content'],
      [{ resolution: 'user_warned', reason: 'x', suspend_until: '2099-01-01T00:00:00.000Z' }, 'body.suspend_until'],
    ] as const) {
      expect((await resolve(reports[0]!, body)).body.details).toMatchObject([{ field }])
    }
  })

  it('is won by one of two moderators at once', async () => {
    const { reports } = await reported()
    const other = await makeAccount(ctx.db, 'moderator')
    const answers = await Promise.all([
      resolve(reports[0]!, { resolution: 'dismissed' }),
      resolve(reports[0]!, { resolution: 'content_removed', reason: 'Abuse.' }, other),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(answers.find(({ status }) => status === 409)!.body.error).toBe('report_resolved')
  })

  it('is closed by itself when the author takes the review away', async () => {
    const { author, review, reporters, reports } = await reported()
    expect((await send(app, author)('DELETE', `/reviews/${review.id}`)).status).toBe(204)
    expect(await mine(reporters[0]!)).toMatchObject([{ resolution: 'review_deleted', review_id: null, movie: null }])
    expect(await resolve(reports[0]!, { resolution: 'dismissed' })).toMatchObject({ status: 409 })
    expect((await resolve('0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77', { resolution: 'dismissed' })).status).toBe(404)
  })

  it('says that the review was removed when a moderator deletes it, which is in the record', async () => {
    const { review, reporters, reports } = await reported()
    const stale = await app.inject({
      method: 'DELETE',
      url: `/api/v1/reviews/${review.id}`,
      headers: { ...as(moderator), 'if-match': '"v9"' },
    })
    expect(stale.statusCode).toBe(409)
    expect(await mine(reporters[0]!)).toMatchObject([{ status: 'open' }])
    expect((await send(app, moderator)('DELETE', `/reviews/${review.id}`)).status).toBe(204)
    expect(await mine(reporters[0]!)).toMatchObject([{ resolution: 'content_removed', review_id: null }])
    expect(await eventsOf(ctx.db, 'report.resolved', reports[0]!)).toMatchObject([{ resolution: 'content_removed' }])
    const decisions = await send(app, moderator)('GET', `/admin/moderation/decisions?content_id=${review.id}`)
    expect(decisions.body.data).toMatchObject([
      { kind: 'review', decision: 'delete', moderator: { id: moderator.id }, author_id: review.user_id, after: null },
    ])
  })

  it('is not asked when a moderator deletes their own review', async () => {
    const { id } = await makeReview(ctx.db, { user_id: moderator.id })
    expect((await send(app, moderator)('DELETE', `/reviews/${id}`)).status).toBe(204)
    const { body } = await send(app, moderator)('GET', `/admin/moderation/decisions?content_id=${id}`)
    expect(body.data).toEqual([])
  })
})

describe('the list of reports', () => {
  it('pages through open ones, oldest first, and resolved ones, newest first', async () => {
    const { id } = await makeReview(ctx.db)
    const reporters = await Promise.all(Array.from({ length: 5 }, () => makeAccount(ctx.db)))
    const ids: string[] = []
    for (const each of reporters) ids.push((await report(each, id, { reason: 'off_topic' })).body.id)
    const list = async (query: string) =>
      (await send(app, moderator)('GET', `/admin/reports?review_id=${id}&${query}`)).body
    const first = await list('limit=2')
    const second = await list(`limit=2&cursor=${first.page.next_cursor}`)
    const third = await list(`limit=2&cursor=${second.page.next_cursor}`)
    expect([first, second, third].flatMap(({ data }) => data.map((each: { id: string }) => each.id))).toEqual(ids)
    expect(third.page.next_cursor).toBeNull()
    expect(first.data[0]).toMatchObject({ reporter: { id: reporters[0]!.id }, in_good_standing: true })
    expect(JSON.stringify(first)).not.toContain('@lemonnpie.test')
    await resolve(ids[1]!, { resolution: 'dismissed' })
    await resolve(ids[3]!, { resolution: 'dismissed' })
    expect((await list('status=resolved')).data.map((each: { id: string }) => each.id)).toEqual([ids[3], ids[1]])
    expect((await list('reason=spam')).data).toEqual([])
    expect((await send(app, moderator)('GET', '/admin/reports?cursor=nonsense')).status).toBe(422)
  })

  it('loses the name and the note of an account that is erased, and is in its export before', async () => {
    const { id } = await makeReview(ctx.db)
    const reporter = await makeAccount(ctx.db)
    const made = (await report(reporter, id, { reason: 'other', note: 'I know the author.' })).body
    const exported = (await send(app, reporter)('GET', '/users/profile/export')).body
    expect(exported.reports).toMatchObject([{ id: made.id, note: 'I know the author.' }])
    const [part] = moderationParts
    await inTx(ctx, async (tx) => part!.erase(tx, reporter.id, { reviews: 'delete' }))
    await ctx.db.deleteFrom('users').where('id', '=', reporter.id).execute()
    const row = await ctx.db.selectFrom('reports').selectAll().where('id', '=', made.id).executeTakeFirstOrThrow()
    expect(row).toMatchObject({ reporter_id: null, note: null, reason: 'other' })
    const list = (await send(app, moderator)('GET', `/admin/reports?review_id=${id}`)).body.data
    expect(list).toMatchObject([{ id: made.id, reporter: null }])
  })

  it('is for moderators; one’s own reports are one’s own', async () => {
    const user = await makeAccount(ctx.db, 'critic')
    for (const [method, path] of [
      ['GET', '/admin/reports'],
      ['PUT', '/admin/reports/0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77/resolve'],
    ] as const) {
      expect(
        (await send(app, user)(method, path, method === 'PUT' ? { resolution: 'dismissed' } : undefined)).status,
      ).toBe(403)
    }
    expect(await mine(user)).toEqual([])
  })
})
