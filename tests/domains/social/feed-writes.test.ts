import { sql } from 'kysely'
import { beforeAll, expect, it } from 'vitest'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { byHeader, makeAuthor, someText } from '../../support/review-factory.ts'
import { type Ask, ask, makeCrowd } from '../../support/social-factory.ts'

let ctx: TestContext
let asks: Ask
beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  return () => ctx[Symbol.asyncDispose]()
})

/** Table → how many of its rows were written since a transaction, by any. */
async function writtenSince(transaction: string): Promise<Record<string, number>> {
  const tables = await sql<{ name: string }>`
    select c.relname as name from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`.execute(
    ctx.db,
  )
  const counts = tables.rows.map(
    ({ name }) => `select '${name}' as name, count(*) from "${name}" where xmin::text::bigint >= ${transaction}`,
  )
  const { rows } = await sql<{ name: string; count: number }>`${sql.raw(counts.join(' union all '))}`.execute(ctx.db)
  return Object.fromEntries(rows.filter(({ count }) => count > 0).map(({ name, count }) => [name, count]))
}

async function written(act: () => Promise<{ statusCode: number; body: string }>) {
  const { rows } = await sql<{ now: string }>`select pg_current_xact_id()::text as now`.execute(ctx.db)
  const answer = await act()
  expect(answer.statusCode, answer.body).toBe(201)
  return writtenSince(rows[0]!.now)
}

async function authorWith(followers: number): Promise<Actor> {
  const author = await makeAuthor(ctx.db)
  const fans = await makeCrowd(ctx.db, followers)
  await sql`insert into follows (follower_id, followee_id) select f.id, ${author.id}::uuid from unnest(${fans}::uuid[]) f (id)`.execute(
    ctx.db,
  )
  return author
}

it('who has 300 followers writes as many rows as who has none', async () => {
  const [quiet, star] = [await authorWith(0), await authorWith(300)]
  const acts = [
    async (who: Actor) => {
      const { id } = await makeTitle(ctx.db)
      const body = { movie_id: id, lemon_pie_rating: 8, review_text: someText() }
      return written(() => asks(who, 'POST', '/reviews', body))
    },
    async (who: Actor) => {
      const { id } = await makeTitle(ctx.db)
      return written(() => asks(who, 'POST', `/users/favorites/${id}`))
    },
  ]
  for (const act of acts) {
    const [byNobody, byStar] = [await act(quiet), await act(star)]
    expect(byNobody).toMatchObject({ activities: 1 })
    expect(byStar).toEqual(byNobody)
  }
})
