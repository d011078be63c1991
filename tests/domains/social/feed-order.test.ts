import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { type FeedForm, type FeedOptions, listFeed } from '../../../src/domains/social/feed.queries.ts'
import { compileHot } from '../../../src/infra/hot-query.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { plannedRows } from '../../../src/lib/page-size.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { byHeader, makeAuthor } from '../../support/review-factory.ts'
import { type Ask, ask, makeCrowd, walk } from '../../support/social-factory.ts'

let ctx: TestContext
let asks: Ask
let fan: Actor

/** Follows 250, of which 10 are suspended, and who do all kinds of things, some at this moment and most long ago. */
beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  fan = await makeAuthor(ctx.db)
  const followees = await makeCrowd(ctx.db, 250)
  const [seen, gone, foe] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db), await makeAuthor(ctx.db)]
  await asks(foe, 'POST', `/users/${fan.id}/block`)
  const movies = []
  for (let index = 0; index < 3; index += 1) movies.push((await makeTitle(ctx.db)).id)
  await sql`insert into follows (follower_id, followee_id) select ${fan.id}::uuid, id from unnest(${followees}::uuid[]) f (id)`.execute(
    ctx.db,
  )
  // Followees one after the other have followed whom the fan sees, whom nobody sees, and whom the fan alone does not.
  await sql`insert into follows (follower_id, followee_id, created_at)
    select f.id, (array[${seen.id}, ${gone.id}, ${foe.id}]::uuid[])[1 + f.n % 3], now() - make_interval(hours => 20 + (random() * 500)::integer)
    from unnest(${followees}::uuid[]) with ordinality f (id, n)`.execute(ctx.db)
  await sql`insert into reviews (user_id, movie_id, lemon_pie_rating, review_text, review_language, created_at)
    select f.id, m.id, 7, 'A film of Surulere by ' || f.id || m.id, 'en',
      now() - make_interval(mins => case when f.n <= 5 then f.n::integer else 1200 + (random() * 30000)::integer end)
    from unnest(${followees}::uuid[]) with ordinality f (id, n)
    cross join unnest(${movies}::uuid[]) m (id)`.execute(ctx.db)
  await sql`insert into list_titles (user_id, movie_id, list, added_at)
    select f.id, m.id, 'favorites', now() - make_interval(hours => 20 + (random() * 500)::integer)
    from unnest(${followees}::uuid[]) f (id) cross join unnest(${movies}::uuid[]) m (id)`.execute(ctx.db)
  // 3,300 acts of strangers lie between the newest acts of followees and the others: more than are looked through.
  await sql`insert into list_titles (user_id, movie_id, list, added_at)
    select s.id, m.id, 'favorites', now() - make_interval(hours => 2 * m.n::integer)
    from unnest(${await makeCrowd(ctx.db, 1_100)}::uuid[]) s (id)
    cross join unnest(${movies}::uuid[]) with ordinality m (id, n)`.execute(ctx.db)
  await ctx.db
    .updateTable('users')
    .set({ suspended_at: new Date().toISOString() })
    .where('id', 'in', [gone.id, ...followees.slice(3, 13)])
    .execute()
  return () => ctx[Symbol.asyncDispose]()
})

/** All that the fan may see, by types, sorted. */
async function sorted(types: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select a.id
    from activities a
    join users u on u.id = a.user_id and u.suspended_at is null
    where a.user_id in (select followee_id from follows where follower_id = ${fan.id}::uuid)
      and a.type = any (${types}::activity_type[])
      and (a.type <> 'followed' or exists (
        select from follows g
        join users s on s.id = g.followee_id and s.suspended_at is null
        where g.follower_id = a.user_id and activity_hour(g.created_at) = a.hour
          and not exists (
            select from blocks b
            where (b.blocker_id, b.blocked_id) in ((${fan.id}::uuid, s.id), (s.id, ${fan.id}::uuid)))))
    order by a.created_at desc, a.id desc`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

describe('a feed of 250 followees, some of them suspended', () => {
  it.each([
    ['all of it', ['reviewed', 'rated', 'watched', 'watchlisted', 'favourited', 'followed'], 1_200],
    ['by one type', ['reviewed'], 600],
    ['by one that is seen in part', ['followed'], 60],
    ['by several', ['favourited', 'followed'], 500],
    ['by one that there is nothing of', ['watchlisted'], 0],
  ])('is what sorting everything gives: %s', async (_, types, atLeast) => {
    const expected = await sorted(types)
    expect(expected.length).toBeGreaterThanOrEqual(atLeast)
    for (const limit of [20, 100]) {
      const items = await walk<{ id: string }>(asks, fan, `/users/feed?limit=${limit}&types=${types.join()}`)
      expect(items.map(({ id }) => id)).toEqual(expected)
    }
  })

  it('has the newest of them on its first page, above what took longer to find', async () => {
    const { data } = (await asks(fan, 'GET', '/users/feed?limit=20')).json()
    const recent = data.filter(
      ({ created_at }: { created_at: string }) => Date.now() - Date.parse(created_at) < 3_600_000,
    )
    // Five followees reviewed three films each just now, and two of those are suspended.
    expect([recent.length, data.length]).toEqual([9, 20])
  })

  it.each(
    (['usual', 'most'] as const).flatMap((size) =>
      [true, false].flatMap((typed) => [true, false].map((paged): FeedForm => ({ size, typed, paged }))),
    ),
  )('is not planned anew each time: $size, typed: $typed, paged: $paged', async (form) => {
    const query = compileHot('planned', (db, asked: FeedOptions) => listFeed(db, form, asked))
    const types = ['reviewed', 'followed'] as const
    const after = { after_at: new Date().toISOString(), after_id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }
    const values = query.bind({ viewer: fan.id, types, rows: plannedRows[form.size], ...after })
    const client = await ctx.pool.connect()
    try {
      for (let call = 0; call < 12; call += 1) await client.query({ name: query.name, text: query.text, values })
      const { rows } = await client.query(
        `select generic_plans::integer from pg_prepared_statements where name = 'planned'`,
      )
      // Five are planned for their parameters before the two ways are compared.
      expect(rows).toEqual([{ generic_plans: 7 }])
    } finally {
      client.release(true)
    }
  })

  it('goes on after an activity whose review cannot be shown', async () => {
    // Reviews take their activities along; here one is made to stay.
    const setStatus = (status: string) =>
      ctx.db.transaction().execute(async (tx) => {
        await sql`set local session_replication_role = replica`.execute(tx)
        await sql`update reviews set moderation_status = ${status}::moderation_status
          where id = (select review_id from activities where type = 'reviewed'
            and user_id in (select followee_id from follows where follower_id = ${fan.id}::uuid)
            and user_id not in (select id from users where suspended_at is not null)
            order by created_at desc, id desc limit 1)`.execute(tx)
      })
    await setStatus('pending')
    const { data, page } = (await asks(fan, 'GET', '/users/feed?types=reviewed&limit=1')).json()
    await setStatus('approved')
    expect(data).toEqual([])
    expect(page.next_cursor).not.toBeNull()
  })
})
