import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import webPush from 'web-push'
import { sendDigests } from '../../../src/domains/notifications/upkeep.jobs.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { makeSession } from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { drain } from '../../support/events.ts'
import { makeTitle } from '../../support/factories.ts'
import { type LiveClient, listen, openLive } from '../../support/live-client.ts'
import { sentMails } from '../../support/mail.ts'
import { browser, startPushService } from '../../support/push-service.ts'
import { byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'
import { type Ask, ask } from '../../support/social-factory.ts'

const { publicKey, privateKey } = webPush.generateVAPIDKeys()
const phone = browser()
let ctx: TestContext
let asks: Ask
let service: Awaited<ReturnType<typeof startPushService>>
let live: LiveClient
let author: Actor
/** Follows the author and wants all there is, at once; the other one wants the mail of the day. */
let fan: Actor
let daily: Actor
let movieId: string

const text = 'A slow start, then ||SECRET dies|| and ||SECRET\nreturns||.'

beforeAll(async () => {
  service = await startPushService()
  ctx = await testContext({
    env: { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey, PUSH_SERVICES: service.origin },
  })
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  const signedIn = await testApp(ctx)
  const { account, access } = await makeSession(ctx, signedIn)
  fan = { id: account.id, role: 'user', isVerified: true }
  daily = await makeAuthor(ctx.db)
  author = await makeAuthor(ctx.db, { name: 'Ada' })
  movieId = (await makeTitle(ctx.db, { title: 'Osuofia' })).id
  live = await openLive(await listen(signedIn))
  live.say({ type: 'auth', token: access })
  await live.next('ready')
  for (const who of [fan, daily]) await asks(who, 'POST', `/users/${author.id}/follow`)
  const types = { followed_user_review: { in_app: 'on', realtime: 'on', email: 'instant', web_push: 'on' } }
  expect((await asks(fan, 'PUT', '/users/notification-preferences', { types })).statusCode).toBe(200)
  const later = { followed_user_review: { email: 'daily' } }
  await asks(daily, 'PUT', '/users/notification-preferences', { types: later })
  const endpoint = `${service.origin}/phone`
  expect((await asks(fan, 'POST', '/users/push-subscriptions', { endpoint, keys: phone.keys })).statusCode).toBe(201)
  const body = { movie_id: movieId, lemon_pie_rating: 7, review_text: text }
  const answer = await asks(author, 'POST', '/reviews', body)
  expect(answer.statusCode, answer.body).toBe(201)
  const whole = {
    movie_id: (await makeTitle(ctx.db)).id,
    spoiler_warning: true,
    review_text: 'All of it is SECRET from here.',
  }
  expect((await asks(author, 'POST', '/reviews', { lemon_pie_rating: 7, ...whole })).statusCode).toBe(201)
  await drain(ctx)
  await sql`update notification_counters set digest_due_at = now() - interval '1 hour' where digest_due_at is not null`.execute(
    ctx.db,
  )
  await sendDigests(ctx)
  await drain(ctx)
  return async () => {
    live.socket.close()
    await ctx[Symbol.asyncDispose]()
    await service.stop()
  }
})

const mailsTo = async ({ id }: Actor) => {
  const { email } = await ctx.db.selectFrom('users').select('email').where('id', '=', id).executeTakeFirstOrThrow()
  return (await sentMails(ctx)).filter(({ to }) => to.includes(email))
}

describe('what tells somebody of a review that would spoil a title for them', () => {
  it('masks it in the feed, and shows it there to who has watched the title', async () => {
    const feed = (await asks(fan, 'GET', '/users/feed')).body
    expect(feed).toContain('||…||')
    expect(feed).not.toContain('SECRET')
    const watcher = await makeAuthor(ctx.db)
    await asks(watcher, 'POST', `/users/${author.id}/follow`)
    await makeReview(ctx.db, { user_id: watcher.id, movie_id: movieId })
    expect((await asks(watcher, 'GET', '/users/feed')).body).toContain('||SECRET dies||')
  })

  it('says nothing of it in notifications', async () => {
    const { body } = await asks(fan, 'GET', '/notifications')
    expect(JSON.parse(body).data.map(({ type }: { type: string }) => type)).toEqual(
      Array(2).fill('followed_user_review'),
    )
    expect(body).toContain('Ada reviewed Osuofia.')
    expect(body).not.toContain('SECRET')
  })

  it('says nothing of it on an open connection', async () => {
    await live.next('notification', ({ notification }) =>
      JSON.stringify(notification).includes('Ada reviewed Osuofia.'),
    )
    expect(JSON.stringify(live.frames)).not.toContain('SECRET')
  })

  it('says nothing of it in a push message', () => {
    const messages = service.received.map(({ body }) => JSON.stringify(phone.open(body)))
    expect(messages).toHaveLength(2)
    expect(messages.join()).toContain('Ada reviewed Osuofia.')
    expect(messages.join()).not.toContain('SECRET')
  })

  it('says nothing of it in a mail, at once or of the day', async () => {
    const [atOnce, ofTheDay] = [await mailsTo(fan), await mailsTo(daily)]
    expect(atOnce.length).toBe(2)
    expect(ofTheDay.length).toBe(1)
    for (const mails of [atOnce, ofTheDay]) {
      const all = mails.map(({ subject, text: plain, html }) => [subject, plain, html].join('\n')).join('\n')
      expect(all).toContain('Ada reviewed Osuofia.')
      expect(all).not.toContain('SECRET')
    }
  })

  it('says nothing of it in what is kept to be told: no row and no event holds a text', async () => {
    const { rows } = await sql<{ n: number }>`
      select (select count(*) from notifications n where n::text like '%SECRET%')
        + (select count(*) from outbox_events e where e::text like '%SECRET%')
        + (select count(*) from activities a where a::text like '%SECRET%') as n`.execute(ctx.db)
    expect(rows[0]!.n).toBe(0)
  })
})
