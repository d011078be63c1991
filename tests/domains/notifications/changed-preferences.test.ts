import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { unsubscribeToken } from '../../../src/domains/notifications/unsubscribe.service.ts'
import { sendDigests } from '../../../src/domains/notifications/upkeep.jobs.ts'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { subscribers } from '../../../src/worker/subscribers.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { drain } from '../../support/events.ts'
import { sentMails } from '../../support/mail.ts'
import { byHeader, makeAuthor } from '../../support/review-factory.ts'
import { type Ask, ask } from '../../support/social-factory.ts'

let ctx: TestContext
let app: App
let asks: Ask
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  asks = ask(app)
  return () => ctx[Symbol.asyncDispose]()
})

const person = (name: string): Promise<Actor> => makeAuthor(ctx.db, { name })
const people = (...names: readonly string[]): Promise<Actor[]> => Promise.all(names.map(person))
const prefer = (who: Actor, new_follower: object) =>
  asks(who, 'PUT', '/users/notification-preferences', { types: { new_follower } })
async function follow(who: Actor, whom: Actor): Promise<void> {
  await asks(who, 'POST', `/users/${whom.id}/follow`)
  await drain(ctx)
}
async function mailsTo(who: Actor) {
  await drain(ctx)
  const { email } = await ctx.db.selectFrom('users').select('email').where('id', '=', who.id).executeTakeFirstOrThrow()
  return (await sentMails(ctx)).filter(({ to }) => to.includes(email)).map(({ text }) => text)
}
const dueAt = async (who: Actor) =>
  (
    await ctx.db
      .selectFrom('notification_counters')
      .select('digest_due_at')
      .where('user_id', '=', who.id)
      .executeTakeFirstOrThrow()
  ).digest_due_at
/** Brings the hour of the mail of the day, of one that is to be sent. */
async function digest(who: Actor) {
  await sql`update notification_counters set digest_due_at = now() - interval '1 hour'
    where user_id = ${who.id} and digest_due_at is not null`.execute(ctx.db)
  await sendDigests(ctx)
  return mailsTo(who)
}
const click = (who: Actor) =>
  app.inject({
    method: 'POST',
    url: `/api/v1/notifications/unsubscribe?token=${unsubscribeToken(ctx.config, who.id, 'new_follower')}`,
  })

describe('mails that are ended', () => {
  it('leave out what was told before, and what a group that is open grows by', async () => {
    for (const end of [click, (who: Actor) => prefer(who, { email: 'off' })]) {
      const [ada, bola, chi] = await people('Ada', 'Bola', 'Chi')
      await follow(bola!, ada!)
      expect((await end(ada!)).statusCode).toBeLessThan(300)
      expect(await digest(ada!)).toEqual([])
      await follow(chi!, ada!)
      expect(await dueAt(ada!)).toBeNull()
      // What was told while there were none is not mailed when there are some again.
      await prefer(ada!, { email: 'daily' })
      expect(await digest(ada!)).toEqual([])
    }
  })

  it('are not sent although they were written already', async () => {
    const [ada, bola, chi] = await people('Ada', 'Bola', 'Chi')
    await prefer(ada!, { email: 'instant' })
    await asks(bola!, 'POST', `/users/${ada!.id}/follow`)
    // Up to the carriers, as where the mail server is away.
    await drain(ctx, { ...subscribers, 'notification.created': [] })
    await sql`update outbox_events set published_at = null, relayed_to = null, recheck_at = null
      where name = 'notification.created' and payload ->> 'user_id' = ${ada!.id}`.execute(ctx.db)
    await click(ada!)
    expect(await drain(ctx)).toContain('carry-email')
    expect(await mailsTo(ada!)).toEqual([])
    await follow(chi!, ada!)
    expect(await mailsTo(ada!)).toEqual([])
  })

  it('begin again for a group that is open, once they are wanted', async () => {
    const [ada, bola, chi] = await people('Ada', 'Bola', 'Chi')
    await prefer(ada!, { email: 'off', realtime: 'off' })
    await follow(bola!, ada!)
    expect(await dueAt(ada!)).toBeNull()
    await prefer(ada!, { email: 'daily' })
    await follow(chi!, ada!)
    const [row] = await ctx.db
      .selectFrom('notifications')
      .select(['live', 'mail'])
      .where('user_id', '=', ada!.id)
      .execute()
    expect(row).toEqual({ live: false, mail: 'daily' })
    expect((await digest(ada!)).join()).toContain('Chi and Bola started following you.')
  })
})

describe('a type that is off the list', () => {
  it('is told of each time, since nobody can mark its group as read', async () => {
    const [ada, bola, chi, dayo] = await people('Ada', 'Bola', 'Chi', 'Dayo')
    await prefer(ada!, { in_app: 'off', email: 'instant' })
    await follow(bola!, ada!)
    await follow(chi!, ada!)
    const mails = await mailsTo(ada!)
    expect(mails).toHaveLength(2)
    expect(mails[1]).toContain('Chi and Bola started following you.')
    await sql`update notifications set created_at = now() - interval '2 days' where user_id = ${ada!.id}`.execute(
      ctx.db,
    )
    await follow(dayo!, ada!)
    expect((await mailsTo(ada!))[2]).toContain('Dayo started following you.')
    expect((await asks(ada!, 'GET', '/notifications')).json()).toMatchObject({ data: [], unread_count: 0 })
  })

  it('leaves what is on the list as it is, and comes back to it when it is wanted there', async () => {
    const [ada, bola, chi, dayo] = await people('Ada', 'Bola', 'Chi', 'Dayo')
    const listed = async () =>
      (await asks(ada!, 'GET', '/notifications')).json().data.map(({ message }: { message: string }) => message)
    await follow(bola!, ada!)
    await prefer(ada!, { in_app: 'off' })
    await follow(chi!, ada!)
    expect(await listed()).toEqual(['Bola started following you.'])
    await prefer(ada!, { in_app: 'on' })
    await follow(dayo!, ada!)
    expect(await listed()).toEqual(['Dayo and Bola started following you.'])
    expect((await asks(ada!, 'GET', '/notifications')).json().unread_count).toBe(1)
  })
})
