import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { goOn } from '../../../src/domains/notifications/fan-out.service.ts'
import { settleReview } from '../../../src/domains/notifications/stale.service.ts'
import {
  mendHeldNotifications,
  pruneOldNotifications,
  tellOfReleases,
} from '../../../src/domains/notifications/upkeep.jobs.ts'
import { suspendUser } from '../../../src/domains/users/suspension.service.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { until } from '../../support/delivery.ts'
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
const decide = (review: { id: string }, decision: object) =>
  asks(admin, 'POST', `/admin/moderation/${review.id}`, { reopen: true, ...decision })
const rowsOf = (who: Actor) =>
  ctx.db.selectFrom('notifications').select(['review_id', 'type']).where('user_id', '=', who.id).execute()
async function counters(who: Actor) {
  const { rows } = await sql<{ unread_count: number; last_position: string; counted: number }>`
    select c.unread_count, c.last_position::text, (select count(*)::int from notifications n
      where n.user_id = c.user_id and n.in_app and n.read_at is null) as counted
    from notification_counters c where c.user_id = ${who.id}`.execute(ctx.db)
  return rows[0]!
}
const fanOutOf = async ({ id }: { id: string }) =>
  (await ctx.db.selectFrom('notification_fan_outs').selectAll().where('subject_id', '=', id).execute())[0]
const beginFanOut = ({ id }: { id: string }) =>
  sql`insert into notification_fan_outs (kind, subject_id, after_id, created_at)
    values ('review', ${id}, 'ffffffff-ffff-ffff-ffff-ffffffffffff', now() - interval '1 minute')`.execute(ctx.db)

/** Whether a statement of this database waits for a lock. */
async function waits(name: string): Promise<boolean> {
  const { rows } = await sql`select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like ${`%${name}%`} and pid <> pg_backend_pid()`.execute(
    ctx.db,
  )
  return rows.length > 0
}

/** Holds the counter of an account while something is done. */
const holding = (who: Actor, work: () => Promise<unknown>) =>
  ctx.db.transaction().execute(async (db) => {
    await sql`select from notification_counters where user_id = ${who.id} for update`.execute(db)
    await work()
  })

/** A follower who has been told something already, and a review of whom they follow. */
async function follower() {
  const [ada, bola] = [await person('Ada'), await person('Bola')]
  await follow(bola, ada)
  await makeNotification(ctx.db, { user_id: bola.id })
  const review = await makeReview(ctx.db, { user_id: ada.id, movie_id: (await makeTitle(ctx.db)).id })
  await drain(ctx)
  return { ada, bola, review }
}

describe('a review', () => {
  it('that is held and approved again is told to nobody a second time', async () => {
    const { bola, review } = await follower()
    await settleReview(ctx, review.id)
    expect((await counters(bola)).last_position).toBe('2')
    expect((await decide(review, { decision: 'reject', reason: 'It insults.' })).statusCode).toBe(200)
    await drain(ctx)
    expect(await rowsOf(bola)).toEqual([{ type: 'system', review_id: null }])
    expect((await decide(review, { decision: 'approve' })).statusCode).toBe(200)
    await drain(ctx)
    expect(await counters(bola)).toEqual({ last_position: '2', unread_count: 1, counted: 1 })
  })

  it('that was told to nobody, since nobody might see it, is told once they may', async () => {
    const { bola, review } = await follower()
    await sql`update reviews set moderation_status = 'pending' where id = ${review.id}`.execute(ctx.db)
    await beginFanOut(review)
    await goOn(ctx, { kind: 'review', subject_id: review.id })
    expect(await fanOutOf(review)).toBeUndefined()
    await decide(review, { decision: 'approve' })
    await drain(ctx)
    expect((await counters(bola)).last_position).toBe('2')
  })

  it('that cannot be told keeps no other from being told', async () => {
    const [first, second] = [await follower(), await follower()]
    await sql`create function fail() returns trigger language plpgsql as $$ begin raise 'broken'; end $$`.execute(
      ctx.db,
    )
    await sql`create trigger fail before insert on notifications for each row
      when (new.review_id = ${sql.lit(first.review.id)}::uuid) execute function fail()`.execute(ctx.db)
    await beginFanOut(first.review)
    await beginFanOut(second.review)
    await tellOfReleases(ctx)
    expect((await counters(first.bola)).last_position).toBe('1')
    expect((await counters(second.bola)).last_position).toBe('2')
    await sql`drop trigger fail on notifications`.execute(ctx.db)
    await tellOfReleases(ctx)
    expect((await counters(first.bola)).last_position).toBe('2')
  })
})

describe('while a review is being told', () => {
  type Scene = Awaited<ReturnType<typeof follower>>
  const ends: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
    'a block': ({ ada, bola }) => asks(bola, 'POST', `/users/${ada.id}/block`),
    'a suspension': ({ ada }) => suspendUser(ctx, admin, ada.id, { reason: 'spam', until: null }),
    'the end of its title': ({ review }) => asks(admin, 'DELETE', `/movies/${review.movie_id}`),
  }

  it.each(Object.keys(ends))('%s leaves nothing behind', async (name) => {
    const scene = await follower()
    const { bola, review } = scene
    await beginFanOut(review)
    let telling: Promise<void> | undefined
    let forgetting: Promise<unknown> | undefined
    await holding(bola, async () => {
      // The batch knows whom to tell, and waits to.
      telling = goOn(ctx, { kind: 'review', subject_id: review.id })
      await until(() => waits('insertNotifications'))
      await ends[name]!(scene)
      forgetting = drain(ctx)
      await Promise.race([forgetting, until(() => waits('awaitFanOuts'))])
    })
    await telling
    await forgetting
    expect(await rowsOf(bola)).toEqual([{ type: 'system', review_id: null }])
    expect(await counters(bola)).toMatchObject({ unread_count: 1, counted: 1 })
  })
})

describe('a group', () => {
  it('of nobody whom its owner sees is not shown, though the event of the block is yet to come', async () => {
    const [ada, bola, chi] = [await person('Ada'), await person('Bola'), await person('Chi')]
    const review = await makeReview(ctx.db, { user_id: bola.id })
    await follow(ada, bola)
    await asks(ada, 'POST', `/reviews/${review.id}/vote`, { vote_type: 'helpful' })
    await drain(ctx)
    const seen = async () => {
      const { data } = (await asks(bola, 'GET', '/notifications')).json()
      return data.map(({ message }: { message: string }) => message.replace(/ your review.*/, '')).sort()
    }
    expect(await seen()).toEqual(['Ada found', 'Ada started following you.'])
    await follow(chi, bola)
    await drain(ctx)
    await asks(ada, 'POST', `/users/${bola.id}/block`)
    expect(await seen()).toEqual([expect.stringMatching(/^Chi .*started following you/)])
    await drain(ctx)
    expect(await seen()).toEqual(['Chi started following you.'])
  })
})

describe('an event that comes late', () => {
  it('takes nothing away that is to be seen again', async () => {
    const { ada, bola, review } = await follower()
    await follow(ada, bola)
    await settleReview(ctx, review.id)
    await drain(ctx)
    await suspendUser(ctx, admin, ada.id, { reason: 'spam', until: null })
    await sql`update users set suspended_at = null, suspended_until = null, suspension_reason = null where id = ${ada.id}`.execute(
      ctx.db,
    )
    expect((await asks(bola, 'POST', `/users/${ada.id}/block`)).statusCode).toBeLessThan(300)
    expect((await asks(bola, 'DELETE', `/users/${ada.id}/block`)).statusCode).toBeLessThan(300)
    await sql`insert into follows (follower_id, followee_id) values (${ada.id}, ${bola.id})`.execute(ctx.db)
    await drain(ctx)
    const { data } = (await asks(bola, 'GET', '/notifications')).json()
    expect(data.map(({ type, actor_count }: { type: string; actor_count: number }) => [type, actor_count])).toEqual([
      ['new_follower', 1],
      ['followed_user_review', 1],
      ['system', 0],
    ])
  })
})

describe('an account that is erased', () => {
  it('waits for nobody whom something was told of it, and is out of all of it soon', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    const dayo = actorOfUser(await makeUser(ctx.db, { name: 'Dayo' }))
    await follow(bola, ada)
    await follow(dayo, ada)
    await drain(ctx)
    await holding(ada, async () => {
      expect((await asks(dayo, 'DELETE', '/users/profile', { password: userPassword })).statusCode).toBe(204)
    })
    await drain(ctx)
    expect((await asks(ada, 'GET', '/notifications')).json().data).toMatchObject([
      { actor_count: 1, message: 'Bola started following you.' },
    ])
    const left = await ctx.db
      .selectFrom('notification_actors')
      .select('actor_id')
      .where('actor_id', '=', dayo.id)
      .execute()
    expect(left).toEqual([])
  })
})

describe('what is held', () => {
  const is = (review: { id: string }, status: string) =>
    sql`update reviews set moderation_status = ${status}::moderation_status where id = ${review.id}`.execute(ctx.db)
  /** One that a moderator is to decide, which `decided` does without a word to any job. */
  async function held(decided: (review: { id: string }) => Promise<unknown>) {
    const { bola, review } = await follower()
    await settleReview(ctx, review.id)
    expect((await counters(bola)).unread_count).toBe(2)
    await is(review, 'pending')
    await settleReview(ctx, review.id)
    expect((await counters(bola)).unread_count).toBe(1)
    await decided(review)
    return bola
  }

  it('for no reason any more is put back or taken away, and nothing else is', async () => {
    const waiting = await held(async () => {})
    const approved = await held((review) => is(review, 'approved'))
    const rejected = await held((review) => is(review, 'rejected'))
    const deleted = await held(({ id }) => ctx.db.deleteFrom('reviews').where('id', '=', id).execute())
    const nobodys = await held(({ id }) =>
      sql`update reviews set moderation_status = 'approved', user_id = null where id = ${id}`.execute(ctx.db),
    )
    await mendHeldNotifications(ctx)
    expect(await counters(nobodys)).toMatchObject({ unread_count: 1, counted: 1 })
    expect(await counters(waiting)).toMatchObject({ unread_count: 1, counted: 2 })
    expect(await counters(approved)).toMatchObject({ unread_count: 2, counted: 2 })
    expect(await counters(rejected)).toMatchObject({ unread_count: 1, counted: 1 })
    expect(await counters(deleted)).toMatchObject({ unread_count: 1, counted: 1 })
  })
})

describe('what no job took away', () => {
  it('is found by the day’s work, and goes out of the count', async () => {
    const { ada, bola } = await follower()
    await makeNotification(ctx.db, {
      user_id: bola.id,
      type: 'followed_user_review',
      review_id: '0192e4a0-0000-7000-8000-000000000001',
      actor_id: ada.id,
    })
    expect(await counters(bola)).toMatchObject({ unread_count: 2, counted: 2 })
    await pruneOldNotifications(ctx)
    expect(await counters(bola)).toMatchObject({ unread_count: 1, counted: 1 })
  })
})
