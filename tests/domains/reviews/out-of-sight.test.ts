import { beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { byHeader, makeAuthor, makeReview, someText } from '../../support/review-factory.ts'
import { type Ask, ask, walk } from '../../support/social-factory.ts'

let ctx: TestContext
let asks: Ask
beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  return () => ctx[Symbol.asyncDispose]()
})

/** Two accounts of which one has blocked the other. */
async function apart(): Promise<[blocker: Actor, blocked: Actor]> {
  const [blocker, blocked] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db)]
  await ctx.db.insertInto('blocks').values({ blocker_id: blocker.id, blocked_id: blocked.id }).execute()
  return [blocker, blocked]
}
const both = ([one, other]: [Actor, Actor]) =>
  [
    [one, other],
    [other, one],
  ] as const
const suspend = ({ id }: Actor, until: string | null = null) =>
  ctx.db
    .updateTable('users')
    .set({ suspended_at: '2026-01-01T00:00:00Z', suspended_until: until })
    .where('id', '=', id)
    .execute()
const votesOn = (id: string) =>
  ctx.db
    .selectFrom('reviews')
    .select(['helpful_votes', 'unhelpful_votes', 'helpful_votes_ever'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

describe('the total of reviews', () => {
  const totalOf = async (who: Actor | null, path: string) => {
    const answer = await asks(who, 'GET', `${path}${path.includes('?') ? '&' : '?'}include_total=true&limit=1`)
    expect(answer.statusCode, answer.body).toBe(200)
    return answer.json().page.total
  }

  it('by somebody across a block is none, as the list has none, whatever was kept or has changed since', async () => {
    const pair = await apart()
    for (const [who, whom] of both(pair)) {
      const reviews = [await makeReview(ctx.db, { user_id: whom.id }), await makeReview(ctx.db, { user_id: whom.id })]
      const path = `/reviews?user_id=${whom.id}`
      expect(await totalOf(null, path)).toBe(2)
      await ctx.db.deleteFrom('reviews').where('id', '=', reviews[0]!.id).execute()
      expect((await asks(who, 'GET', path)).json().data).toEqual([])
      expect(await totalOf(who, path)).toBe(0)
    }
  })

  it.each(['/movies/{slug}/reviews', '/reviews?movie_id={id}', '/reviews?movie_id={id}&rating_min=7'])(
    'at %s is what paging yields, for whoever asks',
    async (form) => {
      const { id, slug } = await makeTitle(ctx.db)
      const path = form.replace('{id}', id).replace('{slug}', slug)
      const [ada, bisi] = await apart()
      const [chi, stranger] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db)]
      for (const { id: user_id } of [ada, bisi, chi]) await makeReview(ctx.db, { user_id, movie_id: id })
      await makeReview(ctx.db, { user_id: stranger.id, movie_id: id, moderation_status: 'pending' })
      for (const [who, total] of [
        [null, 3],
        [ada, 2],
        [bisi, 2],
        [chi, 3],
        [stranger, 4],
      ] as const) {
        const joint = path.includes('?') ? '&' : '?'
        expect(await walk(asks, who, `${path}${joint}limit=1`)).toHaveLength(total)
        expect(await totalOf(who, path), JSON.stringify(who)).toBe(total)
      }
    },
  )

  it('of a list that fits on its page is never late', async () => {
    const { id } = await makeTitle(ctx.db)
    const path = `/reviews?movie_id=${id}&include_total=true`
    expect((await asks(null, 'GET', path)).json().page.total).toBe(0)
    const ada = await makeAuthor(ctx.db)
    await asks(ada, 'POST', '/reviews', { movie_id: id, lemon_pie_rating: 8, review_text: someText() })
    for (const who of [ada, null]) {
      const { data, page } = (await asks(who, 'GET', path)).json()
      expect([data.length, page.total]).toEqual([1, 1])
    }
  })
})

describe('a review across a block', () => {
  it('is a 404 for who would read, change, delete or vote on it, from either side', async () => {
    for (const [who, whom] of both(await apart())) {
      const { id } = await makeReview(ctx.db, { user_id: whom.id })
      const answers = [
        await asks(who, 'GET', `/reviews/${id}`),
        await asks(who, 'PUT', `/reviews/${id}`, { lemon_pie_rating: 1 }),
        await asks(who, 'DELETE', `/reviews/${id}`),
        await asks(who, 'POST', `/reviews/${id}/vote`, { vote_type: 'helpful' }),
        await asks(who, 'DELETE', `/reviews/${id}/vote`),
        await asks(who, 'POST', `/reviews/${id}/report`, { reason: 'spam' }),
      ]
      expect(answers.map((answer) => [answer.statusCode, answer.json().error])).toEqual(
        answers.map(() => [404, 'not_found']),
      )
      expect((await asks(null, 'GET', `/reviews/${id}`)).json().lemon_pie_rating).toBe(7)
    }
  })

  it('is refused to others with a 403, as before', async () => {
    const [review, stranger] = [await makeReview(ctx.db), await makeAuthor(ctx.db)]
    expect((await asks(stranger, 'PUT', `/reviews/${review.id}`, { lemon_pie_rating: 1 })).statusCode).toBe(403)
    expect((await asks(stranger, 'DELETE', `/reviews/${review.id}`)).statusCode).toBe(403)
  })

  it('keeps the vote that was cast before, and its count', async () => {
    const [author, voter] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db)]
    const { id } = await makeReview(ctx.db, { user_id: author.id })
    await asks(voter, 'POST', `/reviews/${id}/vote`, { vote_type: 'helpful' })
    await asks(author, 'POST', `/users/${voter.id}/block`)
    expect((await asks(voter, 'DELETE', `/reviews/${id}/vote`)).statusCode).toBe(404)
    expect(await votesOn(id)).toEqual({ helpful_votes: 1, unhelpful_votes: 0, helpful_votes_ever: 1 })
    await asks(author, 'DELETE', `/users/${voter.id}/block`)
    expect((await asks(voter, 'DELETE', `/reviews/${id}/vote`)).statusCode).toBe(204)
    expect((await votesOn(id)).helpful_votes).toBe(0)
  })

  it('is there for moderators all the same, who may delete it', async () => {
    const [moderator, author] = [await makeAuthor(ctx.db, { role: 'moderator' }), await makeAuthor(ctx.db)]
    await asks(author, 'POST', `/users/${moderator.id}/block`)
    const { id } = await makeReview(ctx.db, { user_id: author.id })
    expect((await asks(moderator, 'GET', `/reviews/${id}`)).statusCode).toBe(200)
    expect((await asks(moderator, 'PUT', `/reviews/${id}`, { lemon_pie_rating: 1 })).statusCode).toBe(403)
    expect((await asks(moderator, 'DELETE', `/reviews/${id}`)).statusCode).toBe(204)
  })
})

describe('a suspended author', () => {
  it('has no list of reviews, with reviews and without, until the suspension ends', async () => {
    const [writes, silent, reader] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db), await makeAuthor(ctx.db)]
    const { id } = await makeReview(ctx.db, { user_id: writes.id })
    const statusFor = async (who: Actor | null, whom: Actor) =>
      (await asks(who, 'GET', `/users/${whom.id}/reviews`)).statusCode
    for (const whom of [writes, silent]) {
      expect(await statusFor(null, whom)).toBe(200)
      await suspend(whom)
      for (const who of [null, reader]) expect(await statusFor(who, whom)).toBe(404)
    }
    await suspend(writes, '2026-01-02T00:00:00Z')
    const { data } = (await asks(reader, 'GET', `/users/${writes.id}/reviews`)).json()
    expect(data.map((review: { id: string }) => review.id)).toEqual([id])
  })

  it('is read where reviews are, since these are judged by themselves', async () => {
    const author = await makeAuthor(ctx.db)
    const { id, movie_id } = await makeReview(ctx.db, { user_id: author.id })
    await suspend(author)
    for (const path of [`/reviews?user_id=${author.id}`, `/reviews?movie_id=${movie_id}`]) {
      const { data, page } = (await asks(null, 'GET', `${path}&include_total=true`)).json()
      expect([data.map((review: { id: string }) => review.id), page.total]).toEqual([[id], 1])
    }
    expect((await asks(null, 'GET', `/reviews/${id}`)).statusCode).toBe(200)
  })
})
