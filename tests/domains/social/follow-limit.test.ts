import { sql } from 'kysely'
import { beforeAll, expect, it } from 'vitest'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { byHeader, makeAuthor } from '../../support/review-factory.ts'
import { type Ask, ask, makeCrowd } from '../../support/social-factory.ts'

let ctx: TestContext
let asks: Ask
beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  return () => ctx[Symbol.asyncDispose]()
})

const limit = 5_000

/** Somebody who follows so many, and some of them. */
async function followerOf(count: number) {
  const ada = await makeAuthor(ctx.db)
  const followed = await makeCrowd(ctx.db, count)
  await sql`insert into follows (follower_id, followee_id) select ${ada.id}::uuid, id from unnest(${followed}::uuid[]) f (id)`.execute(
    ctx.db,
  )
  return { ada, followed }
}

it('50 follows at once for the last place are one follow and 49 times 409', async () => {
  const { ada, followed } = await followerOf(limit - 1)
  const others = await makeCrowd(ctx.db, 50)
  const answers = await Promise.all(others.map((id) => asks(ada, 'POST', `/users/${id}/follow`)))
  const refused = answers.filter(({ statusCode }) => statusCode === 409)
  expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
  expect(new Set(refused.map((answer) => answer.json().error))).toEqual(new Set(['follow_limit']))
  expect(refused).toHaveLength(49)
  const { rows } = await sql`
    select c.following_count, (select count(*) from follows f where f.follower_id = c.user_id) as follows
    from user_counts c where c.user_id = ${ada.id}`.execute(ctx.db)
  expect(rows).toEqual([{ following_count: limit, follows: limit }])
  // Whom one follows one goes on following, and who unfollows one may follow another.
  expect((await asks(ada, 'POST', `/users/${followed[0]}/follow`)).statusCode).toBe(200)
  await asks(ada, 'DELETE', `/users/${followed[0]}/follow`)
  expect((await asks(ada, 'POST', `/users/${followed[0]}/follow`)).statusCode).toBe(200)
  expect((await asks(ada, 'POST', `/users/${(await makeCrowd(ctx.db, 1))[0]}/follow`)).statusCode).toBe(409)
})

it('is for who follows, not for who is followed, and clients are told it', async () => {
  const [star, fan] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db)]
  const fans = await makeCrowd(ctx.db, limit)
  await sql`insert into follows (follower_id, followee_id) select id, ${star.id}::uuid from unnest(${fans}::uuid[]) f (id)`.execute(
    ctx.db,
  )
  expect((await asks(fan, 'POST', `/users/${star.id}/follow`)).json().followers_count).toBe(limit + 1)
  expect((await asks(null, 'GET', '/meta')).json().limits.followees_max).toBe(limit)
  const { rows } = await sql`select follow_limit() as most`.execute(ctx.db)
  expect(rows).toEqual([{ most: limit }])
})
