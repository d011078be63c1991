import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { goOn } from '../../../src/domains/notifications/fan-out.service.ts'
import { pruneNotifications } from '../../../src/domains/notifications/keeping.service.ts'
import type { NotificationView } from '../../../src/domains/notifications/notification.schemas.ts'
import { liveState, notificationsAfter } from '../../../src/domains/notifications/notification-read.service.ts'
import { settleReview } from '../../../src/domains/notifications/stale.service.ts'
import { tellOfReleases } from '../../../src/domains/notifications/upkeep.jobs.ts'
import { suspendUser } from '../../../src/domains/users/suspension.service.ts'
import { publish } from '../../../src/infra/outbox.ts'
import { inTx } from '../../../src/infra/tx.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { drain } from '../../support/events.ts'
import { makeTitle } from '../../support/factories.ts'
import { as, byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'
import { type Ask, ask, walk } from '../../support/social-factory.ts'
import { actorOfUser, makeUser, userPassword } from '../../support/user-factory.ts'

let ctx: TestContext
let asks: Ask
beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  return () => ctx[Symbol.asyncDispose]()
})

const person = (name: string, more = {}): Promise<Actor> => makeAuthor(ctx.db, { name, ...more })
const follow = (who: Actor, whom: Actor) => asks(who, 'POST', `/users/${whom.id}/follow`)
const unfollow = (who: Actor, whom: Actor) => asks(who, 'DELETE', `/users/${whom.id}/follow`)
const vote = (who: Actor, review: { id: string }, vote_type = 'helpful') =>
  asks(who, 'POST', `/reviews/${review.id}/vote`, { vote_type })
async function told(who: Actor, query = ''): Promise<{ data: NotificationView[]; unread_count: number }> {
  await drain(ctx)
  const answer = await asks(who, 'GET', `/notifications${query}`)
  if (answer.statusCode !== 200) throw new Error(answer.body)
  return answer.json()
}
const messages = async (who: Actor, query = '') => (await told(who, query)).data.map(({ message }) => message)
/** The count that is kept, and the rows. */
async function counts(who: Actor) {
  const { rows } = await sql<{ kept: number; counted: number }>`
    select c.unread_count as kept, (select count(*)::int from notifications n
      where n.user_id = c.user_id and n.in_app and n.read_at is null) as counted
    from notification_counters c where c.user_id = ${who.id}`.execute(ctx.db)
  return rows[0]
}
const write = (who: Actor, movie_id: string, review_text = 'A film that nobody in Surulere will forget.') =>
  asks(who, 'POST', '/reviews', { movie_id, lemon_pie_rating: 8, review_text })

describe('groups', () => {
  it('name the latest and count each once, in one unread notification', async () => {
    const ada = await person('Ada')
    const review = await makeReview(ctx.db, {
      user_id: ada.id,
      movie_id: (await makeTitle(ctx.db, { title: 'Osuofia' })).id,
    })
    const voters = await Promise.all(Array.from({ length: 12 }, (_, n) => person(`Voter ${n}`)))
    for (const voter of voters) {
      await vote(voter, review)
      await drain(ctx)
    }
    const { data, unread_count } = await told(ada)
    expect(unread_count).toBe(1)
    expect(data.map(({ message, actor_count, position }) => [message, actor_count, position])).toEqual([
      ['Voter 11 and 11 others found your review of Osuofia helpful.', 12, '12'],
    ])
    expect(data[0]!.actors.map(({ name }) => name)).toEqual(['Voter 11', 'Voter 10', 'Voter 9'])
  })

  it('that were read are closed: who comes later begins another', async () => {
    const [ada, bola, chi] = [await person('Ada'), await person('Bola'), await person('Chi')]
    await follow(bola, ada)
    const [first] = (await told(ada)).data
    await asks(ada, 'PUT', `/notifications/${first!.id}/read`)
    await follow(chi, ada)
    expect(await messages(ada)).toEqual(['Chi started following you.', 'Bola started following you.'])
    expect(await counts(ada)).toEqual({ kept: 1, counted: 1 })
  })

  it('lose who takes it back, and tell nobody twice', async () => {
    const [ada, bola, chi] = [await person('Ada'), await person('Bola'), await person('Chi')]
    await follow(bola, ada)
    await follow(chi, ada)
    expect(await messages(ada)).toEqual(['Chi and Bola started following you.'])
    await unfollow(chi, ada)
    expect(await messages(ada)).toEqual(['Bola started following you.'])
    await unfollow(bola, ada)
    expect(await told(ada)).toMatchObject({ data: [], unread_count: 0 })
    const before = await liveState(ctx.db, ada.id)
    await follow(bola, ada)
    const after = await told(ada)
    expect(after).toMatchObject({ data: [{ message: 'Bola started following you.' }], unread_count: 0 })
    expect((await liveState(ctx.db, ada.id)).last_position).toBe(before.last_position)
    expect(await counts(ada)).toEqual({ kept: 0, counted: 0 })
  })

  it('hold a vote only while it says helpful, and never one’s own or that of somebody blocked', async () => {
    const [ada, bola, chi] = [await person('Ada'), await person('Bola'), await person('Chi')]
    const review = await makeReview(ctx.db, { user_id: ada.id })
    await vote(bola, review)
    await vote(chi, review)
    expect((await told(ada)).data[0]!.actor_count).toBe(2)
    await vote(bola, review, 'unhelpful')
    expect((await told(ada)).data[0]!.actors.map(({ name }) => name)).toEqual(['Chi'])
    await asks(ada, 'POST', `/users/${chi.id}/block`)
    expect(await told(ada)).toMatchObject({ data: [], unread_count: 0 })
  })

  it('leave out who is suspended or erased, also from the count', async () => {
    const [ada, bola, chi, admin] = [
      await person('Ada'),
      await person('Bola'),
      await person('Chi'),
      await person('Admin', { role: 'admin' }),
    ]
    await follow(bola, ada)
    await follow(chi, ada)
    await drain(ctx)
    await suspendUser(ctx, admin, chi.id, { reason: 'spam', until: null })
    expect((await told(ada)).data).toMatchObject([{ actor_count: 1, message: 'Bola started following you.' }])
    expect(await messages(chi)).toEqual(['Your account is suspended.'])
    const dayo = actorOfUser(await makeUser(ctx.db, { name: 'Dayo' }))
    await follow(dayo, ada)
    await follow(ada, dayo)
    const review = await makeReview(ctx.db, { user_id: dayo.id })
    await settleReview(ctx, review.id)
    expect(
      (await told(ada)).data.map(({ message, actor_count }) => [message.split(' reviewed')[0], actor_count]),
    ).toEqual([
      ['Dayo and Bola started following you.', 2],
      ['Dayo', 1],
    ])
    expect((await asks(dayo, 'DELETE', '/users/profile', { password: userPassword })).statusCode).toBe(204)
    expect((await told(ada)).data).toMatchObject([{ actor_count: 1, message: 'Bola started following you.' }])
    expect(await counts(ada)).toEqual({ kept: 1, counted: 1 })
  })
})

describe('reviews', () => {
  it('are told to followers, masked, and taken away when they go', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    await follow(bola, ada)
    const title = await makeTitle(ctx.db, { title: 'Living in Bondage' })
    const made = await write(ada, title.id, 'Nobody forgets this. ||Andy kills his wife.||')
    expect(made.statusCode).toBe(201)
    const { data } = await told(bola, '?type=followed_user_review')
    expect(data).toMatchObject([
      { message: 'Ada reviewed Living in Bondage.', actors: [{ name: 'Ada' }], movie: { id: title.id } },
    ])
    expect(JSON.stringify(data)).not.toContain('Andy')
    expect(data[0]!.review!.review_text).toContain('||…||')
    await asks(ada, 'DELETE', `/reviews/${made.json().id}`)
    // At once, before any job has run.
    expect((await asks(bola, 'GET', '/notifications?type=followed_user_review')).json().data).toEqual([])
    expect(await told(bola)).toMatchObject({ data: [], unread_count: 0 })
    expect(await counts(bola)).toEqual({ kept: 0, counted: 0 })
  })

  it('that wait for a moderator are told once they are approved, and their author what was decided', async () => {
    const [ada, bola, moderator] = [
      await person('Ada'),
      await person('Bola'),
      await person('Mo', { role: 'moderator' }),
    ]
    await follow(bola, ada)
    await drain(ctx)
    const title = await makeTitle(ctx.db)
    const review = await makeReview(ctx.db, { user_id: ada.id, movie_id: title.id, moderation_status: 'pending' })
    expect(await messages(bola)).toEqual([])
    await asks(moderator, 'POST', `/admin/moderation/${review.id}`, { decision: 'approve' })
    expect(await messages(bola)).toEqual([`Ada reviewed ${title.title}.`])
    await asks(moderator, 'POST', `/admin/moderation/${review.id}`, {
      decision: 'reject',
      reason: 'It insults.',
      reopen: true,
    })
    expect(await messages(bola)).toEqual([])
    const { data } = await told(ada, '?type=review_moderated')
    expect(data.map(({ decision, reason }) => [decision, reason])).toEqual([
      ['reject', 'It insults.'],
      ['approve', null],
    ])
  })

  it('carry the reason of the decision that they are of, whatever the review became meanwhile', async () => {
    const [ada, moderator] = [await person('Ada'), await person('Mo', { role: 'moderator' })]
    const review = await makeReview(ctx.db, { user_id: ada.id, moderation_status: 'pending' })
    await asks(moderator, 'POST', `/admin/moderation/${review.id}`, { decision: 'reject', reason: 'It insults.' })
    await asks(ada, 'PUT', `/reviews/${review.id}`, { review_text: 'A film that I did not like, to say it kindly.' })
    const { data } = await told(ada, '?type=review_moderated')
    expect(data.map(({ decision, reason }) => [decision, reason])).toEqual([['reject', 'It insults.']])
  })

  it('take the reason from the review where the event is from before it carried one', async () => {
    const [ada, moderator] = [await person('Ada'), await person('Mo', { role: 'moderator' })]
    const columns = { user_id: ada.id, moderation_status: 'rejected', moderation_reason: 'As it was told.' } as const
    const { id: review_id, movie_id } = await makeReview(ctx.db, columns)
    const payload = { review_id, movie_id, author_id: ada.id, actor_id: moderator.id, decision: 'reject' } as const
    await inTx(ctx, (tx) => publish(tx, 'review.moderated', payload))
    const { data } = await told(ada, '?type=review_moderated')
    expect(data.map(({ decision, reason }) => [decision, reason])).toEqual([['reject', 'As it was told.']])
  })

  it('go on to be told after a crash in the middle, each follower once, and no one who came later', async () => {
    const ada = await person('Ada')
    const followers = await Promise.all(Array.from({ length: 7 }, (_, n) => person(`Follower ${n}`)))
    await ctx.db
      .insertInto('follows')
      .values(followers.map(({ id }) => ({ follower_id: id, followee_id: ada.id })))
      .execute()
    const review = await makeReview(ctx.db, { user_id: ada.id })
    const fanOut = { kind: 'review', subject_id: review.id } as const
    await sql`insert into notification_fan_outs (kind, subject_id, after_id)
      values ('review', ${review.id}, 'ffffffff-ffff-ffff-ffff-ffffffffffff')`.execute(ctx.db)
    let batches = 0
    const dying = {
      ...ctx,
      pubsub: {
        ...ctx.pubsub,
        publishWords: async () => {
          batches += 1
          if (batches === 2) throw new Error('killed')
          return true
        },
      },
    }
    await expect(goOn(dying, fanOut, 2)).rejects.toThrow('killed')
    const late = await person('Late')
    await follow(late, ada)
    await Promise.all([goOn(ctx, fanOut, 2), goOn(ctx, fanOut, 2)])
    await goOn(ctx, fanOut, 2)
    const rows = await ctx.db.selectFrom('notifications').select('user_id').where('review_id', '=', review.id).execute()
    expect(rows.map(({ user_id }) => user_id).sort()).toEqual(followers.map(({ id }) => id).sort())
  })
})

describe('what else is told', () => {
  it('a release, once, to whoever waited for it', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Africa/Lagos' }).format(new Date())
    const title = await makeTitle(ctx.db, {
      title: 'Anikulapo',
      release_date: today,
      release_year: Number(today.slice(0, 4)),
      release_precision: 'day',
    })
    const add = (who: Actor, added_at: string) =>
      ctx.db
        .insertInto('list_titles')
        .values({ user_id: who.id, movie_id: title.id, list: 'watchlist', added_at })
        .execute()
    await add(ada, '2024-01-01T00:00:00Z')
    await add(bola, new Date().toISOString())
    await tellOfReleases(ctx)
    await tellOfReleases(ctx)
    expect(await messages(ada)).toEqual(['Anikulapo, which is on your watchlist, is out.'])
    expect(await messages(bola)).toEqual([])
  })

  it('a release of which only the month is known, at the end of that month', async () => {
    const ada = await person('Ada')
    const title = async (name: string, months: number) => {
      const { rows } = await sql<{ day: string; year: number }>`
        select d::date::text as day, extract(year from d)::int as year
        from (select date_trunc('month', now() at time zone 'Africa/Lagos') + make_interval(months => ${months})) t (d)`.execute(
        ctx.db,
      )
      const [{ day, year }] = rows as [{ day: string; year: number }]
      const made = await makeTitle(ctx.db, { title: name, release_date: day, release_year: year })
      await sql`update movies set release_precision = 'month' where id = ${made.id}`.execute(ctx.db)
      await ctx.db
        .insertInto('list_titles')
        .values({ user_id: ada.id, movie_id: made.id, list: 'watchlist', added_at: '2024-01-01T00:00:00Z' })
        .execute()
    }
    await title('This month', 0)
    await title('Last month', -1)
    await tellOfReleases(ctx)
    // The month before ended at most 30 days ago.
    expect(await messages(ada)).toEqual(['Last month, which is on your watchlist, is out.'])
  })

  it('a release again, on its day, when that turns out to be to come', async () => {
    const [ada, bola, admin] = [await person('Ada'), await person('Bola'), await person('Admin', { role: 'admin' })]
    const dayIn = async (days: number) =>
      (
        await sql<{ day: string }>`
          select ((now() at time zone 'Africa/Lagos')::date + ${days}::integer)::text as day`.execute(ctx.db)
      ).rows[0]!.day
    const title = await makeTitle(ctx.db, { title: 'Lisabi', release_date: await dayIn(-1) })
    const add = (who: Actor, days: number) =>
      sql`insert into list_titles (user_id, movie_id, list, added_at)
        values (${who.id}, ${title.id}, 'watchlist', now() + make_interval(days => ${days}))`.execute(ctx.db)
    const moveTo = async (days: number) => {
      const release_date = await dayIn(days)
      const patch = { release_date, release_year: Number(release_date.slice(0, 4)), release_precision: 'day' }
      const answer = await asks(admin, 'PUT', `/movies/${title.id}`, patch)
      if (answer.statusCode !== 200) throw new Error(answer.body)
    }
    const fanOuts = () =>
      ctx.db.selectFrom('notification_fan_outs').select('told_count').where('subject_id', '=', title.id).execute()
    // Nobody waits for it yet, which leaves no trace.
    await moveTo(-2)
    await drain(ctx)
    await tellOfReleases(ctx)
    expect(await fanOuts()).toEqual([])
    await add(ada, -10)
    await tellOfReleases(ctx)
    expect(await messages(ada)).toEqual(['Lisabi, which is on your watchlist, is out.'])
    expect(await fanOuts()).toEqual([{ told_count: 1 }])
    await moveTo(20)
    // Out of sight at once, and out of the count once it was handled.
    expect((await asks(ada, 'GET', '/notifications')).json().data).toEqual([])
    expect(await told(ada)).toMatchObject({ data: [], unread_count: 0 })
    expect(await fanOuts()).toEqual([])
    await add(bola, -1)
    await moveTo(0)
    const line = ['Lisabi, which is on your watchlist, is out.']
    expect([await messages(ada), await messages(bola)]).toEqual([line, line])
    expect(await counts(ada)).toEqual({ kept: 1, counted: 1 })
  })

  it('the end of a suspension in UTC, with whatever offset it was typed', async () => {
    const [ada, admin] = [await person('Ada'), await person('Admin', { role: 'admin' })]
    await suspendUser(ctx, admin, ada.id, { reason: 'spam', until: '2099-01-01T00:30:00+01:00' })
    await drain(ctx)
    const { rows } = await sql<{ until: string }>`
      select data ->> 'until' as until from notifications where user_id = ${ada.id}`.execute(ctx.db)
    expect(rows).toEqual([{ until: '2098-12-31T23:30:00.000Z' }])
    expect(await messages(ada)).toEqual(['Your account is suspended until 2098-12-31.'])
  })

  it('nobody of what they decided themselves', async () => {
    const [ada, moderator] = [await person('Ada'), await person('Mo', { role: 'moderator' })]
    const review = await makeReview(ctx.db, { user_id: ada.id })
    const report = (await asks(moderator, 'POST', `/reviews/${review.id}/report`, { reason: 'abuse' })).json()
    const answer = await asks(moderator, 'PUT', `/admin/reports/${report.id}/resolve`, { resolution: 'dismissed' })
    expect([answer.statusCode, await messages(moderator)]).toEqual([200, []])
  })

  it('an announcement no more once it was called off, whoever was told', async () => {
    const [critic, admin] = [await person('Critic', { role: 'critic' }), await person('Admin', { role: 'admin' })]
    const announce = async (title: string) =>
      (await asks(admin, 'POST', '/admin/notifications', { title, body: 'A word.', audience: 'critics' })).json().id
    const first = await announce('Told')
    expect(await messages(critic)).toEqual(['Told'])
    const callOff = (id: string, who = admin) => asks(who, 'DELETE', `/admin/notifications/${id}`)
    const late = await announce('Late')
    expect((await callOff(late)).statusCode).toBe(204)
    expect((await callOff(first, critic)).statusCode).toBe(403)
    expect((await callOff(first)).statusCode).toBe(204)
    // Out of sight at once, and out of the count once that was handled.
    expect((await asks(critic, 'GET', '/notifications')).json().data).toEqual([])
    expect(await told(critic)).toMatchObject({ data: [], unread_count: 0 })
    expect([
      (await callOff(first)).statusCode,
      (await asks(admin, 'GET', `/admin/notifications/${first}`)).statusCode,
    ]).toEqual([404, 404])
  })

  it('nobody more of what a dead job was telling, once that is dropped', async () => {
    const [ada, bola] = [await person('Ada'), await person('Bola')]
    await follow(bola, ada)
    await drain(ctx)
    const review = await makeReview(ctx.db, { user_id: ada.id })
    const begin = (kind: string, id: string) =>
      sql`insert into notification_fan_outs (kind, subject_id, after_id)
        values (${kind}::fan_out_kind, ${id}, 'ffffffff-ffff-ffff-ffff-ffffffffffff')`.execute(ctx.db)
    const title = await makeTitle(ctx.db)
    await begin('review', review.id)
    await begin('release', title.id)
    const payload = { review_id: review.id, movie_id: title.id, author_id: ada.id }
    await inTx(ctx, async (tx) => {
      await publish(tx, 'job.dropped', { job: 'notify-followers', event: 'review.published', payload })
      await publish(tx, 'job.dropped', { job: 'notify-watchers', event: 'title.updated', payload })
      // Of others there is nothing to give up.
      await publish(tx, 'job.dropped', { job: 'notify-role', event: 'user.role_changed', payload: null })
    })
    expect((await drain(ctx)).filter((name) => name === 'give-up-telling')).toHaveLength(2)
    await tellOfReleases(ctx)
    expect((await messages(bola)).filter((message) => message.includes('reviewed'))).toEqual([])
    const { rows } = await sql`select kind, completed_at is not null as is_over from notification_fan_outs
      where subject_id in (${review.id}, ${title.id})`.execute(ctx.db)
    expect(rows).toEqual([{ kind: 'release', is_over: true }])
  })

  it('an announcement for everybody to each account, and one for staff to moderators and admins', async () => {
    const people = await Promise.all([
      person('Member'),
      person('Critic', { role: 'critic' }),
      person('Mo', { role: 'moderator' }),
      person('Admin', { role: 'admin' }),
    ])
    for (const audience of ['everybody', 'staff']) {
      await asks(people[3], 'POST', '/admin/notifications', { title: `For ${audience}`, body: 'A word.', audience })
    }
    const told = []
    for (const who of people) told.push((await messages(who)).sort())
    const both = ['For everybody', 'For staff']
    expect(told).toEqual([['For everybody'], ['For everybody'], both, both])
  })

  it('a role that changed, by whatever means', async () => {
    const ada = await person('Ada')
    await sql`update users set role = 'critic' where id = ${ada.id}`.execute(ctx.db)
    expect((await told(ada)).data).toMatchObject([
      { type: 'role_changed', message: 'You are a critic now.', former_role: 'user' },
    ])
  })

  it('what came of a report, and a warning', async () => {
    const [ada, bola, moderator] = [
      await person('Ada'),
      await person('Bola'),
      await person('Mo', { role: 'moderator' }),
    ]
    const review = await makeReview(ctx.db, { user_id: ada.id })
    const report = (await asks(bola, 'POST', `/reviews/${review.id}/report`, { reason: 'abuse' })).json()
    const answer = await asks(moderator, 'PUT', `/admin/reports/${report.id}/resolve`, {
      resolution: 'user_warned',
      reason: 'No insults.',
      note: 'Thank you.',
      keep_content: true,
    })
    expect(answer.statusCode).toBe(200)
    expect((await told(bola)).data).toMatchObject([
      { type: 'report_resolved', resolution: 'user_warned', reason: 'Thank you.', report_id: report.id },
    ])
    expect((await told(ada)).data).toMatchObject([{ type: 'system', notice: 'warning', reason: 'No insults.' }])
  })

  it('an announcement, to whom it is for', async () => {
    const [critic, member, admin] = [
      await person('Critic', { role: 'critic' }),
      await person('Member'),
      await person('Admin', { role: 'admin' }),
    ]
    const made = await asks(admin, 'POST', '/admin/notifications', {
      title: 'A new desk',
      body: 'For critics.',
      audience: 'critics',
    })
    expect(made.statusCode).toBe(201)
    expect((await told(critic)).data).toMatchObject([
      { type: 'system', title: 'A new desk', body: 'For critics.', message: 'A new desk' },
    ])
    expect(await messages(member)).toEqual([])
    const state = (await asks(admin, 'GET', `/admin/notifications/${made.json().id}`)).json()
    expect(state.completed_at).not.toBeNull()
    expect(state.told_count).toBeGreaterThan(0)
    expect(
      (await asks(member, 'POST', '/admin/notifications', { title: 'x', body: 'y', audience: 'staff' })).statusCode,
    ).toBe(403)
  })
})

describe('an announcement that is sent twice', () => {
  it('is made once under its key', async () => {
    const app = await testApp(ctx, { authenticate: byHeader })
    const admin = await person('Admin', { role: 'admin' })
    const send = (body: string) =>
      app.inject({
        method: 'POST',
        url: '/api/v1/admin/notifications',
        headers: { ...as(admin), 'idempotency-key': 'a-double-click' },
        payload: { title: 'Once', body, audience: 'staff' },
      })
    const [first, second] = await Promise.all([send('And once only.'), send('And once only.')])
    expect([first.statusCode, second.statusCode]).toEqual([201, 201])
    expect(second.json().id).toBe(first.json().id)
    expect([first, second].filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(1)
    expect((await send('Something else.')).statusCode).toBe(422)
    expect(await ctx.db.selectFrom('announcements').select('id').where('created_by', '=', admin.id).execute()).toEqual([
      { id: first.json().id },
    ])
  })
})

describe('the list', () => {
  it('is paged by position, filtered, read, and counted exactly', async () => {
    const ada = await person('Ada')
    for (let n = 0; n < 5; n += 1) {
      await inTx(ctx, (tx) => sql`select 1`.execute(tx.db))
      await sql`update users set role = ${n % 2 === 0 ? 'critic' : 'user'}::user_role where id = ${ada.id}`.execute(
        ctx.db,
      )
    }
    await drain(ctx)
    const all = await walk<NotificationView>(asks, ada, '/notifications?limit=2')
    expect(all.map(({ position }) => position)).toEqual(['5', '4', '3', '2', '1'])
    expect(await notificationsAfter(ctx.db, ada.id, '3', 10)).toMatchObject([{ position: '4' }, { position: '5' }])
    expect(await liveState(ctx.db, ada.id)).toEqual({ last_position: '5', unread_count: 5 })
    const reads = await Promise.all(
      all.slice(0, 3).flatMap(({ id }) => [1, 2, 3].map(() => asks(ada, 'PUT', `/notifications/${id}/read`))),
    )
    expect(reads.every(({ statusCode }) => statusCode === 200)).toBe(true)
    expect(await told(ada, '?unread=true')).toMatchObject({
      data: [{ position: '2' }, { position: '1' }],
      unread_count: 2,
    })
    const gone = await Promise.all([1, 2].map(() => asks(ada, 'DELETE', `/notifications/${all[4]!.id}`)))
    expect(gone.map(({ statusCode }) => statusCode).sort()).toEqual([204, 404])
    expect(await counts(ada)).toEqual({ kept: 1, counted: 1 })
    expect((await asks(ada, 'PUT', '/notifications/read-all')).json()).toEqual({ marked: 1, unread_count: 0 })
    expect((await asks(ada, 'PUT', '/notifications/read-all')).json()).toEqual({ marked: 0, unread_count: 0 })
    const other = await person('Other')
    for (const method of ['PUT', 'DELETE'] as const) {
      const path = `/notifications/${all[0]!.id}${method === 'PUT' ? '/read' : ''}`
      expect((await asks(other, method, path)).statusCode).toBe(404)
    }
  })

  it('stays exact while others write to it', async () => {
    const ada = await person('Ada')
    const review = await makeReview(ctx.db, { user_id: ada.id })
    const voters = await Promise.all(Array.from({ length: 8 }, (_, n) => person(`V${n}`)))
    await Promise.all([
      ...voters.flatMap((voter) => [vote(voter, review), follow(voter, ada)]),
      ...Array.from({ length: 4 }, () => drain(ctx)),
      ...Array.from({ length: 4 }, () => asks(ada, 'PUT', '/notifications/read-all')),
    ])
    await drain(ctx)
    const { kept, counted } = (await counts(ada))!
    expect(kept).toBe(counted)
    const { rows } = await sql<{ told: number }>`select count(*)::int as told from notification_actors a
      join notifications n on n.id = a.notification_id where n.user_id = ${ada.id}`.execute(ctx.db)
    expect(rows[0]!.told).toBe(16)
  })

  it('loses what is kept long enough', async () => {
    const ada = await person('Ada')
    await sql`insert into notification_counters (user_id, last_position, unread_count) values (${ada.id}, 1105, 1104)`.execute(
      ctx.db,
    )
    await sql`insert into notifications (id, user_id, type, position, read_at, updated_at)
      select case when n = 1 then uuidv7(interval '-400 days') else uuidv7() end, ${ada.id}, 'system', n,
        case when n = 1105 then now() - interval '91 days' end, case when n = 1 then now() - interval '400 days' else now() end
      from generate_series(1, 1105) n`.execute(ctx.db)
    await pruneNotifications(ctx)
    const { rows } = await sql<{ least: number; most: number; all: number }>`
      select min(position)::int as least, max(position)::int as most, count(*)::int as all from notifications where user_id = ${ada.id}`.execute(
      ctx.db,
    )
    expect(rows[0]).toEqual({ least: 105, most: 1104, all: 1000 })
    expect(await counts(ada)).toEqual({ kept: 1000, counted: 1000 })
  })
})
