import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import webPush from 'web-push'
import { subscribe } from '../../../src/domains/notifications/push-subscription.service.ts'
import type { App } from '../../../src/http/app-type.ts'
import { madePassword, makeSession } from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { drain } from '../../support/events.ts'
import { sentMails } from '../../support/mail.ts'
import { browser, startPushService } from '../../support/push-service.ts'

const { publicKey, privateKey } = webPush.generateVAPIDKeys()
let ctx: TestContext
let app: App
let service: Awaited<ReturnType<typeof startPushService>>
beforeAll(async () => {
  service = await startPushService()
  ctx = await testContext({
    env: { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey, PUSH_SERVICES: service.origin },
  })
  app = await testApp(ctx)
  return async () => {
    await ctx[Symbol.asyncDispose]()
    await service.stop()
  }
})

type Session = Awaited<ReturnType<typeof makeSession>>
let last = 0
const newEndpoint = () => {
  last += 1
  return `${service.origin}/browser/${last}`
}
const send = (session: Session, method: 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) =>
  app.inject({ method, url: `/api/v1${url}`, headers: session.headers, ...(payload && { payload }) })
async function subscribeAs(session: Session, endpoint = newEndpoint()): Promise<string> {
  const answer = await send(session, 'POST', '/users/push-subscriptions', { endpoint, keys: browser().keys })
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return endpoint
}
const left = async ({ account }: Session) =>
  (await ctx.db.selectFrom('push_subscriptions').select('endpoint').where('user_id', '=', account.id).execute()).map(
    ({ endpoint }) => endpoint,
  )

describe('a browser', () => {
  const ends: Readonly<Record<string, (one: Session, other: Session) => Promise<unknown>>> = {
    'signs out': (one) => send(one, 'POST', '/auth/logout'),
    'is signed out from another': (one, other) => send(other, 'DELETE', `/auth/sessions/${one.session}`),
    'is another when the password is changed': (_one, other) =>
      send(other, 'PUT', '/auth/password', {
        current_password: madePassword,
        new_password: 'Amala by the lagoon 2026',
      }),
  }

  it.each(Object.keys(ends))('that %s is told nothing more, and the other is', async (name) => {
    const one = await makeSession(ctx, app)
    const other = await makeSession(ctx, app, one.account)
    await subscribeAs(one)
    const stays = await subscribeAs(other)
    expect(((await ends[name]!(one, other)) as { statusCode: number }).statusCode).toBeLessThan(300)
    expect(await left(one)).toEqual([stays])
  })

  it('is told nothing more once everybody of the account is signed out', async () => {
    const one = await makeSession(ctx, app)
    const other = await makeSession(ctx, app, one.account)
    await subscribeAs(one)
    await subscribeAs(other)
    expect((await send(one, 'POST', '/auth/logout?everywhere=true')).statusCode).toBe(204)
    expect(await left(one)).toEqual([])
  })

  it('is told nothing more once the password was reset', async () => {
    const one = await makeSession(ctx, app)
    await subscribeAs(one)
    const post = (url: string, payload: object) => app.inject({ method: 'POST', url: `/api/v1/auth/${url}`, payload })
    await post('forgot-password', { email: one.account.email })
    await drain(ctx)
    const mail = (await sentMails(ctx)).find(({ to }) => to.includes(one.account.email))!
    const token = /#token=([\w-]+)/.exec(mail.text)![1]
    const reset = await post('reset-password', { token, password: 'Amala by the lagoon 2026' })
    expect(reset.statusCode).toBe(204)
    expect(await left(one)).toEqual([])
  })

  it('goes with a session that is removed, and belongs to the one that subscribed it last', async () => {
    const one = await makeSession(ctx, app)
    const other = await makeSession(ctx, app, one.account)
    const endpoint = await subscribeAs(one)
    const again = await send(other, 'POST', '/users/push-subscriptions', { endpoint, keys: browser().keys })
    expect(again.statusCode).toBe(200)
    await ctx.db.deleteFrom('sessions').where('id', '=', one.session).execute()
    expect(await left(one)).toEqual([endpoint])
    await ctx.db.deleteFrom('sessions').where('id', '=', other.session).execute()
    expect(await left(one)).toEqual([])
  })

  it('is not kept for a session that has just ended', async () => {
    const { account, session } = await makeSession(ctx, app)
    await sql`update sessions set ended_at = now(), end_reason = 'signed_out' where id = ${session}`.execute(ctx.db)
    const actor = { id: account.id, role: 'user', isVerified: true, sessionId: session } as const
    const input = { endpoint: newEndpoint(), keys: browser().keys }
    await expect(subscribe(ctx, actor, input)).rejects.toMatchObject({ status: 401 })
    expect(await left({ account } as Session)).toEqual([])
  })
})
