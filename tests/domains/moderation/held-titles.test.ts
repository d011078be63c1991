import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ReleaseBody } from '../../../src/domains/moderation/held-title.schemas.ts'
import { releaseRest, releaseTitle } from '../../../src/domains/moderation/held-title.service.ts'
import type { EventPayload } from '../../../src/events.ts'
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

/** A title that came out years ago, with a review of 6 to 8 every few days. */
async function settledTitle(reviews = 20): Promise<string> {
  const { id } = await makeTitle(ctx.db, { release_date: '2018-10-26' })
  for (let index = 0; index < reviews; index += 1) {
    const created_at = new Date(Date.now() - (10 + index * 5) * 86_400_000).toISOString()
    await makeReview(ctx.db, { movie_id: id, lemon_pie_rating: 6 + (index % 3), created_at })
  }
  return id
}

const post = async (movieId: string, rating: number, author?: Actor) => {
  const actor = author ?? (await makeAccount(ctx.db))
  const body = { movie_id: movieId, lemon_pie_rating: rating, review_text: someText() }
  const answer = await send(app, actor)('POST', '/reviews', body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body
}
const score = async (id: string) => {
  const { body } = await send(app, null)('GET', `/movies/${id}/stats`)
  return { state: body.score_state, rating: body.lemon_pie_rating, count: body.review_count }
}
const attack = async (movieId: string, count: number, rating = 1): Promise<string[]> => {
  const ids: string[] = []
  for (let index = 0; index < count; index += 1) ids.push((await post(movieId, rating)).id)
  return ids
}
const release = (id: string, body: object, by = moderator) =>
  send(app, by)('PUT', `/admin/moderation/held-titles/${id}`, body)
const held = async () => (await send(app, moderator)('GET', '/admin/moderation/held-titles?limit=100')).body.data
const leftOf = async (id: string) =>
  (await eventsOf(ctx.db, 'title.score_decided', id))[0] as EventPayload<'title.score_decided'>
const heldOf = async (ids: string[]) => (await statuses(ids)).filter((one) => one === 'approved held').length
const statuses = async (ids: string[]) => {
  const rows = await ctx.db
    .selectFrom('reviews')
    .select(['id', 'moderation_status', 'exclusion'])
    .where('id', 'in', ids)
    .execute()
  return ids.map((id) => {
    const row = rows.find((each) => each.id === id)!
    return `${row.moderation_status} ${row.exclusion}`
  })
}

describe('a burst of ones', () => {
  it('holds the score at what it was, shows the reviews and queues them, those that come later too', async () => {
    const id = await settledTitle()
    const before = await score(id)
    expect(before).toMatchObject({ state: 'normal', count: 20 })
    const first = await attack(id, 14)
    expect((await score(id)).count).toBe(34)
    const last = await post(id, 1)
    expect(last).toMatchObject({ moderation_status: 'approved', exclusion: 'held' })
    expect(await score(id)).toEqual({ ...before, state: 'held' })
    const later = [await post(id, 9), await post(id, 1)]
    expect(later.map(({ exclusion }) => exclusion)).toEqual(['held', 'held'])
    expect(await score(id)).toEqual({ ...before, state: 'held' })

    await send(app, moderator)('POST', `/users/watchlist/${id}`)
    const queue = (await send(app, moderator)('GET', `/admin/moderation?movie_id=${id}&why=held&limit=100`)).body.data
    expect(queue.length).toBe(17)
    expect(queue[0]).toMatchObject({
      why: ['held'],
      review: { exclusion: 'held', movie: { viewer: { in_watchlist: true } } },
    })
    expect((await send(app, null)('GET', `/reviews/${first[0]}`)).status).toBe(200)
    expect(await eventsOf(ctx.db, 'title.score_held', id)).toEqual([{ movie_id: id, reviews: 15 }])
    expect((await held()).find((each: { movie: { id: string } }) => each.movie.id === id)).toMatchObject({
      extreme: 'low',
      extremes: 15,
      reviews: 15,
      held_reviews: 17,
      movie: { viewer: { my_rating: null, in_watchlist: true, in_favorites: false, watched: false } },
    })
  })

  it('is rejected: the authors are told, the score is normal, and the title is none the worse for it', async () => {
    const id = await settledTitle()
    const before = await score(id)
    const ids = await attack(id, 16)
    const answer = await release(id, { count: 'none', reason: 'Posted together.' })
    expect(answer.body).toEqual({ movie_id: id, counted: 0, rejected: 16 })
    expect(new Set(await statuses(ids))).toEqual(new Set(['rejected null']))
    expect(await score(id)).toEqual(before)
    expect((await eventsOf(ctx.db, 'review.moderated', id)).length).toBe(16)
    expect(await eventsOf(ctx.db, 'title.score_released', id)).toEqual([
      { movie_id: id, actor_id: moderator.id, counted: 0, rejected: 16 },
    ])
    expect((await held()).some((each: { movie: { id: string } }) => each.movie.id === id)).toBe(false)
    expect((await send(app, moderator)('GET', `/admin/moderation?movie_id=${id}`)).body.data).toEqual([])
    expect(await release(id, { count: 'all', reason: 'Again.' })).toMatchObject({
      status: 409,
      body: { error: 'not_held' },
    })
  })

  it('is released: all of it counts, and it is not held again for what was looked at', async () => {
    const id = await settledTitle()
    await attack(id, 16)
    expect((await release(id, { count: 'all', reason: 'A class watched it.' })).body).toMatchObject({
      counted: 16,
      rejected: 0,
    })
    expect(await score(id)).toMatchObject({ state: 'normal', count: 36 })
    await post(id, 1)
    expect(await score(id)).toMatchObject({ state: 'normal', count: 37 })
  })

  it('is released in part: those named count, the others are rejected', async () => {
    const id = await settledTitle()
    const ids = await attack(id, 15)
    const wrong = { count: 'some', review_ids: [ids[0], crypto.randomUUID()], reason: 'x' }
    expect((await release(id, wrong)).body.details).toMatchObject([{ field: 'body.review_ids' }])
    expect((await score(id)).state).toBe('held')
    const answer = await release(id, {
      count: 'some',
      review_ids: ids.slice(0, 2),
      reason: 'The others have seen nothing.',
    })
    expect(answer.body).toMatchObject({ counted: 2, rejected: 13 })
    expect(await score(id)).toMatchObject({ state: 'normal', count: 22 })
    expect((await statuses(ids)).slice(0, 3)).toEqual(['approved null', 'approved null', 'rejected null'])
    const decisions = await sql<{ decision: string; count: number }>`
      select decision, count(*) from moderation_decisions where movie_id = ${id} and kind = 'burst' group by 1 order by 1`.execute(
      ctx.db,
    )
    expect(decisions.rows).toEqual([
      { decision: 'count', count: 2 },
      { decision: 'reject', count: 13 },
      { decision: 'some', count: 1 },
    ])
    expect((await release(id, { count: 'some', reason: 'x' })).status).toBe(422)
    expect((await release(id, { count: 'all', review_ids: ids, reason: 'x' })).status).toBe(422)
    expect((await release(crypto.randomUUID(), { count: 'all', reason: 'x' })).status).toBe(404)
  })

  it('is released but for some: those named are rejected, all others count', async () => {
    const id = await settledTitle()
    const ids = await attack(id, 16)
    const reason = 'These two have seen nothing.'
    const wrong = await release(id, { count: 'all', except: [ids[0], crypto.randomUUID()], reason })
    expect(wrong.body.details).toMatchObject([{ field: 'body.except' }])
    for (const count of ['none', 'some'] as const) {
      const ofSome = count === 'some' ? { review_ids: [ids[1]] } : {}
      const refused = await release(id, { count, ...ofSome, except: [ids[0]], reason })
      expect(refused.body.details).toMatchObject([{ field: 'body.except' }])
    }
    expect((await score(id)).state).toBe('held')
    expect((await release(id, { count: 'all', except: ids.slice(0, 2), reason })).body).toMatchObject({
      counted: 14,
      rejected: 2,
    })
    expect((await statuses(ids)).slice(0, 3)).toEqual(['rejected null', 'rejected null', 'approved null'])
    expect(await score(id)).toMatchObject({ state: 'normal', count: 34 })
    const told = await eventsOf(ctx.db, 'review.moderated', id)
    expect(told.map(({ review_id, reason: why }) => [review_id, why]).sort()).toEqual(
      ids
        .slice(0, 2)
        .map((each) => [each, reason])
        .sort(),
    )
    const { decision } = await ctx.db
      .selectFrom('title_bursts')
      .select('decision')
      .where('movie_id', '=', id)
      .executeTakeFirstOrThrow()
    expect(decision).toBe('some')
  })

  it('of very many is released in parts, and by whoever takes up what was left', async () => {
    const id = await settledTitle()
    const ids = await attack(id, 17)
    const reason = 'Only the first has seen it.'
    const decided: ReleaseBody = { count: 'some', review_ids: [ids[0]!], reason }
    expect(await releaseTitle(ctx, moderator, id, decided, 4)).toEqual({ movie_id: id, counted: 1, rejected: 16 })
    expect(await score(id)).toMatchObject({ state: 'held', count: 21 })
    // Whoever goes on sees to five, and dies over the next.
    await sql`create function die() returns trigger language plpgsql as $$ begin raise 'it dies here'; end $$`.execute(
      ctx.db,
    )
    await sql`create trigger die before update on reviews for each row
      when (old.id = ${sql.lit(ids[12])}::uuid) execute function die()`.execute(ctx.db)
    await expect(releaseRest(ctx, await leftOf(id), 5)).rejects.toThrow('it dies here')
    await sql`drop trigger die on reviews`.execute(ctx.db)
    expect(await heldOf(ids)).toBe(7)
    expect((await score(id)).state).toBe('held')
    // It is decided: nobody decides it again, and what comes meanwhile was not meant.
    expect((await held()).map(({ movie }: { movie: { id: string } }) => movie.id)).not.toContain(id)
    expect((await release(id, { count: 'all', reason: 'x' })).status).toBe(409)
    const late = await post(id, 1)
    const own = await post(id, 1, moderator)
    expect([late.exclusion, own.exclusion]).toEqual(['held', 'held'])
    await drain(ctx)
    expect(await statuses([...ids.slice(0, 2), late.id, own.id])).toEqual([
      ...['approved null', 'rejected null'],
      ...['approved null', 'approved null'],
    ])
    expect(await score(id)).toMatchObject({ state: 'normal', count: 23 })
    const told = (await eventsOf(ctx.db, 'review.moderated', id)).map(({ review_id }) => review_id)
    expect(told.sort()).toEqual(ids.slice(1).sort())
    const looked = await ctx.db
      .selectFrom('reviews')
      .select('id')
      .where('id', 'in', [...ids, late.id, own.id])
      .where('moderated_by', '=', moderator.id)
      .execute()
    expect(looked.map((review) => review.id).sort()).toEqual([...ids].sort())
    const { rows } = await sql`
      select decision, count(distinct review_id)::int as reviews, count(*)::int as times from moderation_decisions
      where movie_id = ${id} group by decision order by decision`.execute(ctx.db)
    expect(rows).toEqual([
      { decision: 'count', reviews: 1, times: 1 },
      { decision: 'reject', reviews: 16, times: 16 },
      { decision: 'some', reviews: 0, times: 1 },
    ])
  })

  it('that is released in parts says nothing of the next one', async () => {
    const id = await settledTitle()
    await attack(id, 15)
    await releaseTitle(ctx, moderator, id, { count: 'none', reason: 'Together.' }, 4)
    await drain(ctx)
    const next = await attack(id, 15)
    expect(await heldOf(next)).toBe(15)
    await releaseRest(ctx, await leftOf(id))
    expect(await heldOf(next)).toBe(15)
  })

  it('that is released in parts comes to an end though its count says that some are left', async () => {
    const id = await settledTitle()
    const ids = await attack(id, 15)
    await releaseTitle(ctx, moderator, id, { count: 'all', reason: 'Fine.' }, 4)
    await sql`update movie_stats set held_count = held_count + 1 where movie_id = ${id}::uuid`.execute(ctx.db)
    await releaseRest(ctx, await leftOf(id), 4)
    expect(await heldOf(ids)).toBe(0)
  })

  it('is ended by nobody whose own review is held', async () => {
    const id = await settledTitle()
    const ids = await attack(id, 15)
    const own = await post(id, 9, moderator)
    expect(own.exclusion).toBe('held')
    for (const body of [
      { count: 'all' },
      { count: 'some', review_ids: [own.id] },
      { count: 'some', review_ids: [ids[0]] },
      { count: 'all', except: [own.id] },
      { count: 'none' },
    ]) {
      const answer = await release(id, { ...body, reason: 'Mine is fine.' })
      expect(answer).toMatchObject({ status: 409, body: { error: 'own_review' } })
    }
    expect(new Set(await statuses([...ids, own.id]))).toEqual(new Set(['approved held']))
    expect((await score(id)).state).toBe('held')
    const other = await makeAccount(ctx.db, 'moderator')
    expect((await release(id, { count: 'all', reason: 'Fine.' }, other)).body).toMatchObject({ counted: 16 })
  })

  it('may be seen to one by one: the last decision lifts the state, and what is approved is not held again', async () => {
    const id = await settledTitle()
    const ids = await attack(id, 15)
    const one = await send(app, moderator)('POST', `/admin/moderation/${ids[0]}`, { decision: 'approve' })
    expect(one.body).toMatchObject({ moderation_status: 'approved', exclusion: null })
    expect(await score(id)).toMatchObject({ state: 'held', count: 21 })
    const next = await post(id, 1)
    expect(await statuses([ids[0]!, next.id])).toEqual(['approved null', 'approved held'])
    const rest = { content_ids: [...ids.slice(1), next.id], decision: 'reject', reason: 'Posted together.' }
    await send(app, moderator)('POST', '/admin/moderation/bulk', rest)
    expect(await score(id)).toMatchObject({ state: 'normal', count: 21 })
    expect((await eventsOf(ctx.db, 'title.score_released', id)).length).toBe(1)
  })

  it('does not hold the score again when the author of a rejected one edits it', async () => {
    const id = await settledTitle()
    const author = await makeAccount(ctx.db)
    const own = await post(id, 1, author)
    const ids = [own.id, ...(await attack(id, 14))]
    const rejection = { content_ids: ids, decision: 'reject', reason: 'Posted together.' }
    await send(app, moderator)('POST', '/admin/moderation/bulk', rejection)
    const edited = await send(app, author)('PUT', `/reviews/${own.id}`, { review_text: someText() })
    expect(edited.body).toMatchObject({ moderation_status: 'pending', exclusion: null })
    expect((await score(id)).state).toBe('normal')
    expect(await post(id, 8)).toMatchObject({ exclusion: null })
  })

  it('leaves out those from before a release that was corrected meanwhile, whoever lets them count', async () => {
    const id = await settledTitle()
    const ids = await attack(id, 15)
    await ctx.db
      .updateTable('movies')
      .set({ release_date: '2090-01-01', release_year: 2090 })
      .where('id', '=', id)
      .execute()
    await send(app, moderator)('POST', `/admin/moderation/${ids[0]}`, { decision: 'approve' })
    await release(id, { count: 'all', reason: 'Fine.' })
    expect(new Set(await statuses(ids))).toEqual(new Set(['approved before_release']))
    expect(await score(id)).toMatchObject({ count: 0 })
  })

  it('is no longer listed once the authors of all held reviews have deleted them', async () => {
    const id = await settledTitle()
    const authors = await Promise.all(Array.from({ length: 15 }, () => makeAccount(ctx.db)))
    const ids: string[] = []
    for (const author of authors) ids.push((await post(id, 1, author)).id)
    const isListed = async () => (await held()).some((each: { movie: { id: string } }) => each.movie.id === id)
    expect(await isListed()).toBe(true)
    for (const [index, author] of authors.entries()) await send(app, author)('DELETE', `/reviews/${ids[index]}`)
    expect(await isListed()).toBe(false)
    expect((await score(id)).state).toBe('normal')
  })

  it('is ended by one of two moderators at once', async () => {
    const id = await settledTitle()
    await attack(id, 15)
    const other = await makeAccount(ctx.db, 'moderator')
    const answers = await Promise.all([
      release(id, { count: 'all', reason: 'Fine.' }),
      release(id, { count: 'none', reason: 'Not fine.' }, other),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  })

  it('is seen when its reviews come all at once', async () => {
    const id = await settledTitle()
    const before = await score(id)
    const authors = await Promise.all(Array.from({ length: 25 }, () => makeAccount(ctx.db)))
    await Promise.all(authors.map((author) => post(id, 1, author)))
    expect(await score(id)).toEqual({ ...before, state: 'held' })
    const { held_count } = await ctx.db
      .selectFrom('movie_stats')
      .select('held_count')
      .where('movie_id', '=', id)
      .executeTakeFirstOrThrow()
    expect(held_count).toBe(25)
    const drift = await sql<{ n: number }>`select refresh_review_stats(array[${id}::uuid]) as n`.execute(ctx.db)
    expect(drift.rows[0]!.n).toBe(0)
  })

  it('of tens is one too', async () => {
    const id = await settledTitle()
    const before = await score(id)
    await attack(id, 16, 10)
    expect(await score(id)).toEqual({ ...before, state: 'held' })
  })
})

describe('honest reviews', () => {
  it('of an evening are not held', async () => {
    const id = await settledTitle()
    for (let index = 0; index < 24; index += 1) await post(id, [1, 4, 6, 7, 8, 8, 9, 10][index % 8]!)
    expect(await score(id)).toMatchObject({ state: 'normal', count: 44 })
    const handful = await settledTitle(3)
    await attack(handful, 10, 1)
    expect(await score(handful)).toMatchObject({ count: 13, state: 'normal' })
  })
})
