import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { pruneOldNotifications, tellOfReleases } from '../../../src/domains/notifications/upkeep.jobs.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { drain } from '../../support/events.ts'
import { makeTitle } from '../../support/factories.ts'
import { makeNotification } from '../../support/notification-factory.ts'
import { byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'
import { type Ask, ask } from '../../support/social-factory.ts'
import { actorOfUser, makeUser, userPassword } from '../../support/user-factory.ts'

let ctx: TestContext
let asks: Ask
let admin: Actor
beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  admin = await makeAuthor(ctx.db, { name: 'Admin', role: 'admin' })
  return () => ctx[Symbol.asyncDispose]()
})

const person = (name: string): Promise<Actor> => makeAuthor(ctx.db, { name })
const follow = (who: Actor, whom: Actor) => asks(who, 'POST', `/users/${whom.id}/follow`)
const unfollow = (who: Actor, whom: Actor) => asks(who, 'DELETE', `/users/${whom.id}/follow`)
const vote = (who: Actor, review: { id: string }, vote_type = 'helpful') =>
  asks(who, 'POST', `/reviews/${review.id}/vote`, { vote_type })
async function told(who: Actor): Promise<{ messages: string[]; unread: number }> {
  await drain(ctx)
  const { data, unread_count: unread } = (await asks(who, 'GET', '/notifications')).json()
  const { rows } = await sql<{ counted: number }>`select count(*)::int as counted from notifications n
    where n.user_id = ${who.id} and n.in_app and n.read_at is null and not n.is_held`.execute(ctx.db)
  expect(rows).toEqual([{ counted: unread }])
  return { messages: data.map(({ message }: { message: string }) => message), unread }
}
const positionOf = async (who: Actor) =>
  (
    await ctx.db
      .selectFrom('notification_counters')
      .select('last_position')
      .where('user_id', '=', who.id)
      .executeTakeFirstOrThrow()
  ).last_position as unknown as number
const forget = async (who: Actor) => {
  const { data } = (await asks(who, 'GET', '/notifications')).json()
  for (const { id } of data) expect((await asks(who, 'DELETE', `/notifications/${id}`)).statusCode).toBe(204)
}
const decide = async (review: { id: string }, decision: object) => {
  const answer = await asks(admin, 'POST', `/admin/moderation/${review.id}`, { reopen: true, ...decision })
  if (answer.statusCode !== 200) throw new Error(answer.body)
}
/** As an edit does that automatic moderation stops at. */
async function sendBack(review: { id: string; movie_id: string; user_id: string | null }) {
  await sql`update reviews set moderation_status = 'pending' where id = ${review.id}`.execute(ctx.db)
  const payload = JSON.stringify({ review_id: review.id, movie_id: review.movie_id, author_id: review.user_id })
  await sql`insert into outbox_events (name, payload) values ('review.updated', ${payload}::jsonb)`.execute(ctx.db)
}
/** As an edit does that makes another text of it. */
const rewrite = (review: { id: string }) =>
  sql`update reviews set revision = revision + 1, helpful_votes = 0, unhelpful_votes = 0 where id = ${review.id}`.execute(
    ctx.db,
  )

describe('a review that an edit sends back to a moderator', () => {
  it('is neither shown nor counted until it is approved, and then is what it was', async () => {
    const [ada, bola, chi] = [await person('Ada'), await person('Bola'), await person('Chi')]
    await follow(bola, ada)
    await drain(ctx)
    await asks(ada, 'PUT', '/notifications/read-all')
    const movie = await makeTitle(ctx.db, { title: 'Living in Bondage' })
    const { id } = (
      await asks(ada, 'POST', '/reviews', {
        movie_id: movie.id,
        lemon_pie_rating: 8,
        review_text: 'A film that nobody in Surulere will forget, ever.',
      })
    ).json()
    const review = { id, movie_id: movie.id, user_id: ada.id }
    await drain(ctx)
    await vote(chi, review)
    expect(await told(bola)).toEqual({ messages: ['Ada reviewed Living in Bondage.'], unread: 1 })
    expect((await told(ada)).unread).toBe(1)
    const before = [await positionOf(ada), await positionOf(bola)]
    await sendBack(review)
    // Readers look; the counts follow.
    expect((await asks(bola, 'GET', '/notifications')).json().data).toEqual([])
    expect(await told(bola)).toEqual({ messages: [], unread: 0 })
    expect((await told(ada)).messages).toEqual(['Bola started following you.'])
    expect((await told(ada)).unread).toBe(0)
    // Neither the day's work nor reading all changes that.
    await pruneOldNotifications(ctx)
    await asks(bola, 'PUT', '/notifications/read-all')
    expect(await told(bola)).toEqual({ messages: [], unread: 0 })
    await decide(review, { decision: 'approve' })
    expect(await told(bola)).toEqual({ messages: ['Ada reviewed Living in Bondage.'], unread: 1 })
    expect((await told(ada)).messages).toContain('Chi found your review of Living in Bondage helpful.')
    await vote(chi, review, 'unhelpful')
    await vote(chi, review)
    await drain(ctx)
    // The word of the moderator took one; the vote took none.
    expect([await positionOf(ada), await positionOf(bola)]).toEqual([before[0]! + 1, before[1]])
  })

  it('while it is being told is told to the others once it is approved, and to nobody twice', async () => {
    const [ada, bola, chi] = [await person('Ada'), await person('Bola'), await person('Chi')]
    await follow(bola, ada)
    await follow(chi, ada)
    const review = await makeReview(ctx.db, { user_id: ada.id })
    await drain(ctx)
    // Chi was told, and then the worker died.
    await makeNotification(ctx.db, {
      user_id: chi.id,
      type: 'followed_user_review',
      review_id: review.id,
      movie_id: review.movie_id,
      actor_id: ada.id,
    })
    await sql`insert into notification_fan_outs (kind, subject_id, after_at, after_id, told_count)
      select 'review', ${review.id}, f.created_at, f.follower_id, 1 from follows f
      where f.follower_id = ${chi.id} and f.followee_id = ${ada.id}`.execute(ctx.db)
    await sendBack(review)
    await drain(ctx)
    await tellOfReleases(ctx)
    expect([await told(bola), await told(chi)]).toEqual([
      { messages: [], unread: 0 },
      { messages: [], unread: 0 },
    ])
    await decide(review, { decision: 'approve' })
    expect([(await told(bola)).unread, (await told(chi)).unread]).toEqual([1, 1])
    expect([await positionOf(bola), await positionOf(chi)]).toEqual([1, 1])
  })

  it('loses them for good when it is rejected, and voters do not tell again', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    const review = await makeReview(ctx.db, { user_id: ada.id })
    await vote(bola, review)
    expect((await told(ada)).unread).toBe(1)
    await sendBack(review)
    await drain(ctx)
    await decide(review, { decision: 'reject', reason: 'It insults.' })
    expect((await told(ada)).messages).toHaveLength(1)
    await decide(review, { decision: 'approve' })
    await vote(bola, review, 'unhelpful')
    await vote(bola, review)
    expect((await told(ada)).messages.filter((message) => message.includes('helpful'))).toEqual([])
  })
})

describe('doing it again', () => {
  it('tells nobody twice whose notification was deleted', async () => {
    const [ada, bola, chi] = [await person('Ada'), await person('Bola'), await person('Chi')]
    await follow(bola, ada)
    expect((await told(ada)).messages).toEqual(['Bola started following you.'])
    await forget(ada)
    await unfollow(bola, ada)
    await drain(ctx)
    await follow(bola, ada)
    expect(await told(ada)).toEqual({ messages: [], unread: 0 })
    await follow(chi, ada)
    expect((await told(ada)).messages).toEqual(['Chi started following you.'])
  })

  it('nor where it was pruned', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    await follow(bola, ada)
    await drain(ctx)
    await asks(ada, 'PUT', '/notifications/read-all')
    await sql`update notifications set read_at = now() - interval '91 days' where user_id = ${ada.id}`.execute(ctx.db)
    await pruneOldNotifications(ctx)
    await unfollow(bola, ada)
    await drain(ctx)
    await follow(bola, ada)
    expect(await told(ada)).toEqual({ messages: [], unread: 0 })
  })

  it('is forgotten with the account that did it, and with the review', async () => {
    const ada = await person('Ada')
    const dayo = actorOfUser(await makeUser(ctx.db, { name: 'Dayo' }))
    const review = await makeReview(ctx.db, { user_id: ada.id })
    await follow(dayo, ada)
    await vote(await person('Bola'), review)
    await drain(ctx)
    await forget(ada)
    const kept = async () =>
      (await ctx.db.selectFrom('notification_acts_told').select('type').where('user_id', '=', ada.id).execute()).map(
        ({ type }) => type,
      )
    expect((await kept()).sort()).toEqual(['new_follower', 'review_helpful'])
    expect((await asks(dayo, 'DELETE', '/users/profile', { password: userPassword })).statusCode).toBe(204)
    await drain(ctx)
    expect(await kept()).toEqual(['review_helpful'])
    await asks(ada, 'DELETE', `/reviews/${review.id}`)
    await drain(ctx)
    expect(await kept()).toEqual([])
  })
})

describe('another text', () => {
  it('is another act: who finds it helpful too is told of anew, and a vote on the former is none', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    const review = await makeReview(ctx.db, { user_id: ada.id })
    await vote(bola, review)
    // It was told late: by then the text was another.
    await rewrite(review)
    expect(await told(ada)).toEqual({ messages: [], unread: 0 })
    await vote(bola, review)
    expect((await told(ada)).messages).toHaveLength(1)
    await asks(ada, 'PUT', '/notifications/read-all')
    await rewrite(review)
    await vote(bola, review)
    expect(await told(ada)).toMatchObject({ messages: { length: 2 }, unread: 1 })
    await rewrite(review)
    await vote(bola, review)
    const { data } = (await asks(ada, 'GET', '/notifications')).json()
    await drain(ctx)
    const after = (await asks(ada, 'GET', '/notifications')).json().data
    // In the group that is open they are one still, and it moves to the top.
    expect(after.map(({ actor_count }: { actor_count: number }) => actor_count)).toEqual([1, 1])
    expect(Number(after[0].position)).toBe(Number(data[0].position) + 1)
    await forget(ada)
    await vote(bola, review, 'unhelpful')
    await drain(ctx)
    await vote(bola, review)
    expect((await told(ada)).messages).toEqual([])
    await rewrite(review)
    await vote(bola, review)
    expect((await told(ada)).messages).toHaveLength(1)
  })
})
