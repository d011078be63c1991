import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import webPush from 'web-push'
import { unsubscribeToken } from '../../../src/domains/notifications/unsubscribe.service.ts'
import { sendDigests } from '../../../src/domains/notifications/upkeep.jobs.ts'
import type { App } from '../../../src/http/app-type.ts'
import { retryAfter } from '../../../src/infra/web-push.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { policyOf } from '../../../src/lib/queue-table.ts'
import { subscribers } from '../../../src/worker/subscribers.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { drain } from '../../support/events.ts'
import { sentMails } from '../../support/mail.ts'
import { browser, startPushService, vapidClaims } from '../../support/push-service.ts'
import { byHeader, makeAuthor } from '../../support/review-factory.ts'
import { type Ask, ask } from '../../support/social-factory.ts'

const { publicKey, privateKey } = webPush.generateVAPIDKeys()
let ctx: TestContext
let app: App
let asks: Ask
let service: Awaited<ReturnType<typeof startPushService>>
beforeAll(async () => {
  service = await startPushService()
  ctx = await testContext({
    env: { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey, PUSH_SERVICES: service.origin },
  })
  app = await testApp(ctx, { authenticate: byHeader })
  asks = ask(app)
  return async () => {
    await ctx[Symbol.asyncDispose]()
    await service.stop()
  }
})

const person = (name: string, more = {}): Promise<Actor> => makeAuthor(ctx.db, { name, ...more })
const follow = (who: Actor, whom: Actor) => asks(who, 'POST', `/users/${whom.id}/follow`)
const prefer = (who: Actor, patch: object) => asks(who, 'PUT', '/users/notification-preferences', patch)
async function mailsTo(who: Actor) {
  await drain(ctx)
  const { email } = await ctx.db.selectFrom('users').select('email').where('id', '=', who.id).executeTakeFirstOrThrow()
  return (await sentMails(ctx)).filter(({ to }) => to.includes(email))
}
const due = (who: Actor) =>
  sql`update notification_counters set digest_due_at = now() - interval '1 hour' where user_id = ${who.id} and digest_due_at is not null`.execute(
    ctx.db,
  )
const counters = (who: Actor) =>
  ctx.db.selectFrom('notification_counters').selectAll().where('user_id', '=', who.id).executeTakeFirstOrThrow()

describe('preferences', () => {
  it('are the defaults until somebody says otherwise, by type and channel', async () => {
    const ada = await person('Ada')
    const before = (await asks(ada, 'GET', '/users/notification-preferences')).json()
    expect([before.time_zone, before.digest_hour, before.types.new_follower]).toEqual([
      'Africa/Lagos',
      8,
      { in_app: 'on', realtime: 'on', email: 'daily', web_push: 'on' },
    ])
    const after = (await prefer(ada, { digest_hour: 18, types: { new_follower: { email: 'off' } } })).json()
    expect(after).toEqual({
      ...before,
      digest_hour: 18,
      types: { ...before.types, new_follower: { ...before.types.new_follower, email: 'off' } },
    })
    expect((await asks(ada, 'GET', '/users/notification-preferences')).json()).toEqual(after)
  })

  it('that are none change nothing', async () => {
    const ada = await person('Ada')
    const wrong = [
      { time_zone: 'Africa/Lagos1' },
      { time_zone: 'Mars/Olympus' },
      { time_zone: '+01:00' },
      { digest_hour: 24 },
      { types: { new_follower: { email: 'on' } } },
      { types: { new_follower: { pigeon: 'on' } } },
      { types: { system: { in_app: 'off' }, new_follower: { email: 'off' } } },
    ]
    for (const patch of wrong) expect((await prefer(ada, patch)).statusCode, JSON.stringify(patch)).toBe(422)
    expect((await asks(ada, 'GET', '/users/notification-preferences')).json().types.new_follower.email).toBe('daily')
    for (const time_zone of ['Europe/London', 'America/Port-au-Prince', 'Etc/GMT+3'])
      expect((await prefer(ada, { time_zone })).statusCode, time_zone).toBe(200)
  })

  it('keep what is wanted by no channel from being told at all, and off the list what is wanted live only', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    await prefer(ada, { types: { new_follower: { in_app: 'off', realtime: 'off', email: 'off', web_push: 'off' } } })
    await prefer(bola, { types: { new_follower: { in_app: 'off', email: 'off' } } })
    await follow(bola, ada)
    await follow(ada, bola)
    await drain(ctx)
    const rows = await ctx.db
      .selectFrom('notifications')
      .select(['in_app', 'live'])
      .where('user_id', 'in', [ada.id, bola.id])
      .execute()
    expect(rows).toEqual([{ in_app: false, live: true }])
    expect((await asks(bola, 'GET', '/notifications')).json()).toMatchObject({ data: [], unread_count: 0 })
  })
})

describe('a mail at once', () => {
  it('says it, and can be ended with one click', async () => {
    const ada = await person('Ada')
    await sql`update users set role = 'critic' where id = ${ada.id}`.execute(ctx.db)
    const [mail] = await mailsTo(ada)
    expect(mail).toMatchObject({ subject: 'Something for you on LemonNPie' })
    expect(mail!.text).toContain('You are a critic now.')
    expect(mail!.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click')
    const url = new URL(/<(.+)>/.exec(mail!.headers['list-unsubscribe'] as string)![1] as string)
    const click = (query: string) =>
      app.inject({
        method: 'POST',
        url: url.pathname + query,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: 'List-Unsubscribe=One-Click',
      })
    expect((await click(`${url.search}x`)).statusCode).toBe(422)
    expect((await click('')).statusCode).toBe(422)
    expect((await click(url.search)).statusCode).toBe(204)
    expect((await click(url.search)).statusCode).toBe(204)
    const { types } = (await asks(ada, 'GET', '/users/notification-preferences')).json()
    expect([types.role_changed.email, types.system.email]).toEqual(['off', 'instant'])
    await sql`update users set role = 'user' where id = ${ada.id}`.execute(ctx.db)
    expect(await mailsTo(ada)).toHaveLength(1)
  })

  it('can be ended with the other form that mail programs send, if it is short', async () => {
    const ada = await person('Ada')
    const click = (filler: string) =>
      app.inject({
        method: 'POST',
        url: `/api/v1/notifications/unsubscribe?token=${unsubscribeToken(ctx.config, ada.id, 'role_changed')}`,
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        payload: `--x\r\ncontent-disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click${filler}\r\n--x--\r\n`,
      })
    const mode = async () => (await asks(ada, 'GET', '/users/notification-preferences')).json().types.role_changed.email
    expect((await click('k'.repeat(1_024))).statusCode).toBe(413)
    expect(await mode()).toBe('instant')
    expect((await click('')).statusCode).toBe(204)
    expect(await mode()).toBe('off')
  })

  it('and push messages wait in queues of their own, and no link to sign in with behind them', () => {
    const queues = (event: keyof typeof subscribers) => subscribers[event].map(({ queue }) => queue)
    expect(queues('password.reset_wanted')).toEqual(['mail'])
    expect(queues('notification.created')).toEqual(['notice-mail', 'push'])
    // Nobody who is told something alone waits behind what everybody is told, nor behind the mails of the day.
    expect(queues('notification.created_for_many')).toEqual(['bulk-mail', 'push'])
    expect(queues('digest.due')).toEqual(['bulk-mail'])
    expect(policyOf('bulk-mail').rate!.jobs).toBeLessThan(policyOf('mail').rate!.jobs)
  })

  it('of an announcement stands behind those of one person', async () => {
    const admin = await person('Admin', { role: 'admin' })
    await asks(admin, 'POST', '/admin/notifications', { title: 'A word', body: 'To staff.', audience: 'staff' })
    await sql`update users set role = 'critic' where id = ${(await person('Ada')).id}`.execute(ctx.db)
    await drain(ctx)
    const names = async (who: Actor) => {
      const { rows } = await sql<{ name: string }>`
        select name from outbox_events where payload ->> 'user_id' = ${who.id} and name like 'notification.%'`.execute(
        ctx.db,
      )
      return rows.map(({ name }) => name)
    }
    expect(await names(admin)).toEqual(['notification.created_for_many'])
  })

  it('and a push message are jobs only where they are wanted, so that none spends the rate of another', async () => {
    const [ada, bola] = [await person('Ada', { isVerified: false }), await person('Bola')]
    const endpoint = `${service.origin}/only-push`
    expect((await asks(ada, 'POST', '/users/push-subscriptions', { endpoint, keys: browser().keys })).statusCode).toBe(
      201,
    )
    await drain(ctx)
    await follow(bola, ada)
    expect(await drain(ctx)).toEqual(['notify-followed', 'carry-web-push'])
    await sql`update users set role = 'critic' where id = ${bola.id}`.execute(ctx.db)
    expect(await drain(ctx)).toEqual(['notify-role', 'carry-email'])
    const { rows } = await sql`select relayed_to from outbox_events
      where name = 'notification.created' and payload ->> 'user_id' = any (${[ada.id, bola.id]}) order by id`.execute(
      ctx.db,
    )
    expect(rows).toEqual([{ relayed_to: ['carry-web-push'] }, { relayed_to: ['carry-email'] }])
  })

  it('goes to no address that was not verified', async () => {
    const ada = await person('Ada', { isVerified: false })
    await sql`update users set role = 'critic' where id = ${ada.id}`.execute(ctx.db)
    expect(await mailsTo(ada)).toEqual([])
  })
})

describe('the mail of the day', () => {
  it('tells what is unread, once a day, also when nobody was at work at its hour', async () => {
    const [ada, bola, chi] = [await person('Ada'), await person('evil.example'), await person('Chi')]
    await follow(bola, ada)
    await drain(ctx)
    expect((await counters(ada)).digest_due_at).not.toBeNull()
    await sendDigests(ctx)
    expect(await mailsTo(ada)).toEqual([])
    await due(ada)
    await Promise.all([sendDigests(ctx), sendDigests(ctx)])
    const mails = await mailsTo(ada)
    expect(mails).toHaveLength(1)
    expect(mails[0]!.text).toContain('* Somebody started following you.')
    expect(mails[0]!.text).not.toContain('evil.example')
    await follow(chi, ada)
    await drain(ctx)
    const after = await counters(ada)
    const tomorrow = await sql<{
      day: string
    }>`select (${after.digest_due_at}::timestamptz at time zone 'Africa/Lagos')::date::text as day`.execute(ctx.db)
    expect(tomorrow.rows[0]!.day > (after.digested_on as string)).toBe(true)
    await due(ada)
    await asks(ada, 'PUT', '/notifications/read-all')
    await sendDigests(ctx)
    expect(await mailsTo(ada)).toHaveLength(1)
  })

  it('is no job for an account without a verified address, or one that is suspended', async () => {
    const people = [
      await person('Ada', { isVerified: false }),
      await person('Bola'),
      await person('Chi', { isVerified: true }),
    ] as const
    const [ada, bola, chi] = people
    for (const who of people) await follow(await person('Dayo'), who)
    await drain(ctx)
    await sql`update users set suspended_at = now() where id = ${bola.id}`.execute(ctx.db)
    for (const who of people) await due(who)
    await sendDigests(ctx)
    const { rows } = await sql`select payload ->> 'user_id' as user_id from outbox_events
      where name = 'digest.due' and payload ->> 'user_id' = any (${people.map(({ id }) => id)})`.execute(ctx.db)
    expect(rows).toEqual([{ user_id: chi.id }])
    expect((await counters(ada)).digest_due_at).toBeNull()
  })

  it('is due at its hour where its reader lives, across changes of the clocks', async () => {
    const next = async (now: string, zone: string, hour: number, told: string | null) => {
      const { rows } = await sql<{ at: string }>`
        select next_digest(${now}, ${zone}, ${hour}::smallint, ${told}::date)::text as at`.execute(ctx.db)
      return rows[0]!.at
    }
    expect(await next('2027-03-27T12:00:00Z', 'Europe/London', 8, null)).toContain('2027-03-28 07:00:00')
    expect(await next('2027-03-27T12:00:00Z', 'Europe/London', 1, null)).toContain('2027-03-28 01:00:00')
    expect(await next('2027-10-30T23:30:00Z', 'Europe/London', 1, '2027-10-30')).toContain('2027-10-31 01:00:00')
    expect(await next('2027-10-31T01:30:00Z', 'Europe/London', 1, '2027-10-31')).toContain('2027-11-01 01:00:00')
    // Who moves from the first time zone to the last has had the mail of the day after tomorrow.
    expect(await next('2027-06-15T10:30:00Z', 'Etc/GMT+12', 8, '2027-06-16')).toContain('2027-06-17 20:00:00')
  })
})

describe('Web Push', () => {
  const subscribe = (who: Actor, keys: object, path: string) =>
    asks(who, 'POST', '/users/push-subscriptions', { endpoint: service.origin + path, keys })
  const at = (path: string) => service.received.filter((one) => one.path === path)

  it('reaches each browser, sealed for it and signed by us, and forgets those that are gone', async () => {
    const [ada, bola, chi] = [await person('Ada'), await person('Bola'), await person('Chi')]
    const phone = browser()
    expect((await asks(null, 'GET', '/notifications/push-key')).json()).toEqual({ public_key: publicKey })
    expect((await subscribe(ada, phone.keys, '/phone')).statusCode).toBe(201)
    expect((await subscribe(ada, phone.keys, '/phone')).statusCode).toBe(200)
    await follow(bola, ada)
    await drain(ctx)
    const [message] = at('/phone')
    expect(phone.open(message!.body)).toMatchObject({ type: 'new_follower', message: 'Bola started following you.' })
    expect(message!.body.includes('Bola')).toBe(false)
    expect(vapidClaims(message!.headers.authorization as string, publicKey)).toMatchObject({ aud: service.origin })
    expect(message!.headers).toMatchObject({ 'content-encoding': 'aes128gcm' })
    // A day, of which some seconds may have gone by.
    expect(Number(message!.headers.ttl)).toBeGreaterThan(86_000)
    expect(Number(message!.headers.ttl)).toBeLessThanOrEqual(86_400)
    await asks(ada, 'PUT', '/notifications/read-all')
    service.answers.push(410)
    await follow(chi, ada)
    await drain(ctx)
    expect(at('/phone')).toHaveLength(2)
    expect((await asks(ada, 'GET', '/users/push-subscriptions')).json().data).toEqual([])
  })

  it('is tried again when its service is busy, and follows no redirect', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    await subscribe(ada, browser().keys, '/busy')
    service.answers.push(503)
    await follow(bola, ada)
    await expect(drain(ctx)).rejects.toThrow('did not take')
    await sql`update outbox_events set published_at = null, relayed_to = null, recheck_at = null where name = 'notification.created' and payload ->> 'user_id' = ${ada.id}`.execute(
      ctx.db,
    )
    service.answers.push(307)
    await drain(ctx)
    expect(at('/busy')).toHaveLength(2)
    expect(at('/elsewhere')).toEqual([])
  })

  it('waits for as long as its service says, which is no attempt', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    await subscribe(ada, browser().keys, '/limited')
    service.answers.push({ status: 429, retryAfter: '120' })
    await follow(bola, ada)
    await expect(drain(ctx)).rejects.toMatchObject({ name: 'Postponed', milliseconds: 120_000 })
    await sql`update outbox_events set published_at = null, relayed_to = null, recheck_at = null where name = 'notification.created' and payload ->> 'user_id' = ${ada.id}`.execute(
      ctx.db,
    )
    await drain(ctx)
    expect(at('/limited')).toHaveLength(2)
    const now = Date.parse('2026-11-25T12:00:00Z')
    const said = ['30', 'Wed, 25 Nov 2026 12:01:00 GMT', '9999999', '0', 'soon', 'Wed, 25 Nov 2026 11:00:00 GMT', null]
    expect(said.map((header) => retryAfter(header, now))).toEqual([30_000, 60_000, 21_600_000, null, null, null, null])
  })

  it('lives for a day, with us and at its service together', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    await subscribe(ada, browser().keys, '/late')
    service.answers.push({ status: 429, retryAfter: '120' })
    await follow(bola, ada)
    await expect(drain(ctx)).rejects.toMatchObject({ name: 'Postponed' })
    const age = async (hours: number) => {
      await sql`update notifications set updated_at = now() - make_interval(hours => ${hours}) where user_id = ${ada.id}`.execute(
        ctx.db,
      )
      await sql`update outbox_events set published_at = null, relayed_to = null, recheck_at = null where name = 'notification.created' and payload ->> 'user_id' = ${ada.id}`.execute(
        ctx.db,
      )
    }
    await age(23)
    service.answers.push({ status: 429, retryAfter: '120' })
    await expect(drain(ctx)).rejects.toMatchObject({ name: 'Postponed' })
    expect(at('/late')).toHaveLength(2)
    const left = Number(at('/late')[1]!.headers.ttl)
    expect(left).toBeGreaterThan(3_000)
    expect(left).toBeLessThanOrEqual(3_600)
    await age(24)
    await drain(ctx)
    expect(at('/late')).toHaveLength(2)
  })

  it('is sent to all browsers at once, and tried again at those alone that did not take it', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    for (const path of ['/one', '/two', '/three']) await subscribe(ada, browser().keys, path)
    // As one that was kept before keys were looked at.
    await sql`update push_subscriptions set p256dh = ${`B${'A'.repeat(86)}`} where endpoint = ${`${service.origin}/three`}`.execute(
      ctx.db,
    )
    service.gather(2)
    service.answers.push(503)
    await follow(bola, ada)
    await expect(drain(ctx)).rejects.toThrow('did not take')
    await sql`update outbox_events set published_at = null, relayed_to = null, recheck_at = null where name = 'notification.created' and payload ->> 'user_id' = ${ada.id}`.execute(
      ctx.db,
    )
    await drain(ctx)
    expect([at('/one').length, at('/two').length].sort()).toEqual([1, 2])
    expect((await asks(ada, 'GET', '/users/push-subscriptions')).json().data).toHaveLength(2)
  })

  it('forgets a browser that its service has refused for a week, and none that it took again', async () => {
    const ada = await person('Ada')
    await subscribe(ada, browser().keys, '/refused')
    const tell = async (answer: number, daysAgo: number) => {
      await sql`update push_subscriptions set refused_since = refused_since - make_interval(days => ${daysAgo})
        where user_id = ${ada.id}`.execute(ctx.db)
      await asks(ada, 'PUT', '/notifications/read-all')
      service.answers.push(answer)
      await follow(await person('Bola'), ada)
      await drain(ctx)
      const rows = await ctx.db
        .selectFrom('push_subscriptions')
        .select('refused_since')
        .where('user_id', '=', ada.id)
        .execute()
      return rows.map(({ refused_since }) => refused_since !== null)
    }
    expect(await tell(403, 0)).toEqual([true])
    expect(await tell(400, 6)).toEqual([true])
    expect(await tell(201, 2)).toEqual([false])
    expect(await tell(403, 0)).toEqual([true])
    expect(await tell(403, 8)).toEqual([])
  })

  it('takes no key that no message can be sealed for', async () => {
    const ada = await person('Ada')
    const { keys } = browser()
    const off = Buffer.from(keys.p256dh, 'base64url')
    off[64] = off[64]! ^ 1
    for (const p256dh of [off.toString('base64url'), `B${'A'.repeat(86)}`, 'A'.repeat(87)]) {
      const answer = await subscribe(ada, { ...keys, p256dh }, '/off')
      expect([answer.statusCode, answer.json().error?.details ?? answer.json().details]).toMatchObject([
        422,
        [{ field: 'body.keys.p256dh' }],
      ])
    }
  })

  it('goes nowhere that a caller could choose, and to few browsers of one account', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    const { keys } = browser()
    const wrong = [
      'http://169.254.169.254/latest',
      'https://localhost/',
      `${service.origin}0/x`,
      `http://x@${service.origin.slice(7)}/`,
      'https://fcm.googleapis.com.evil.example/',
    ]
    for (const endpoint of wrong)
      expect((await asks(ada, 'POST', '/users/push-subscriptions', { endpoint, keys })).statusCode, endpoint).toBe(422)
    for (let n = 0; n < 12; n += 1) await subscribe(ada, keys, `/many/${n}`)
    const { data } = (await asks(ada, 'GET', '/users/push-subscriptions')).json()
    expect(data).toHaveLength(10)
    expect((await asks(bola, 'DELETE', `/users/push-subscriptions/${data[0].id}`)).statusCode).toBe(404)
    expect((await asks(ada, 'DELETE', `/users/push-subscriptions/${data[0].id}`)).statusCode).toBe(204)
    // A browser belongs to whoever subscribed with it last.
    expect((await subscribe(bola, keys, '/many/5')).statusCode).toBe(201)
    expect((await asks(ada, 'GET', '/users/push-subscriptions')).json().data).toHaveLength(8)
  })
})
