import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { byHeader, makeAuthor } from '../../support/review-factory.ts'
import { type Ask, ask } from '../../support/social-factory.ts'

let ctx: TestContext
let asks: Ask
let ada: Actor
let star: Actor

/** How many statements this context has run. */
async function queries(): Promise<number> {
  const { values } = await ctx.metrics.queryDuration.get()
  return values
    .filter(({ metricName }) => metricName?.endsWith('_count'))
    .reduce((total, { value }) => total + Number(value), 0)
}

async function queriesOf(path: string): Promise<{ statements: number; rows: number; next: string | null }> {
  const before = await queries()
  const answer = await asks(ada, 'GET', path.replace('{star}', star.id))
  expect(answer.statusCode, answer.body).toBe(200)
  const { data, page } = answer.json()
  return { statements: (await queries()) - before, rows: data?.length ?? 1, next: page?.next_cursor ?? null }
}

const titleCount = 40

beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  ada = await makeAuthor(ctx.db)
  star = await makeAuthor(ctx.db)
  await asks(ada, 'POST', `/users/${star.id}/follow`)
  await sql`
    with made as (
      insert into users (email, email_key, password_hash, name)
      select 'fan' || n || '@lemonnpie.test', 'fan' || n || '@lemonnpie.test', repeat('x', 60), 'Fan ' || n
      from generate_series(1, ${titleCount}) n
      returning id
    ), fans as (
      insert into follows (follower_id, followee_id) select id, ${star.id}::uuid from made
    ), followed as (
      insert into follows (follower_id, followee_id, created_at)
      select ${star.id}::uuid, id, now() - make_interval(hours => row_number() over ()::integer) from made
    )
    select count(*) from made`.execute(ctx.db)
  await sql`
    with made as (
      insert into users (email, email_key, password_hash, name)
      select 'blocked' || n || '@lemonnpie.test', 'blocked' || n || '@lemonnpie.test', repeat('x', 60), 'Blocked ' || n
      from generate_series(1, ${titleCount}) n
      returning id
    )
    insert into blocks (blocker_id, blocked_id) select ${ada.id}::uuid, id from made`.execute(ctx.db)
  for (let index = 0; index < titleCount; index += 1) {
    const { id } = await makeTitle(ctx.db, {
      genres: ['drama', 'crime'],
      languages: ['en', 'yo'],
      directors: ['Tireless'],
    })
    for (const list of ['watchlist', 'favorites', 'watched'] as const) {
      const added_at = new Date(Date.now() - index * 3_600_000).toISOString()
      await ctx.db.insertInto('list_titles').values({ user_id: star.id, movie_id: id, list, added_at }).execute()
      await ctx.db.insertInto('list_titles').values({ user_id: ada.id, movie_id: id, list, added_at }).execute()
    }
    await sql`insert into reviews (user_id, movie_id, lemon_pie_rating, review_text, review_language)
      values (${star.id}, ${id}, 7, ${`A film of Surulere, number ${index}`}, 'en')`.execute(ctx.db)
  }
  return () => ctx[Symbol.asyncDispose]()
})

describe('the number of statements', () => {
  it.each([
    ['/users/{star}/followers', 1],
    ['/users/{star}/following', 1],
    ['/users/{star}/followers?include_total=true', 1],
    ['/users/blocks', 1],
    ['/users/watchlist', 1],
    ['/users/favorites?sort=title&include_total=true', 1],
    ['/users/watched?sort=watched_on', 1],
    ['/users/{star}/watched', 1],
    ['/users/feed', 1],
    ['/users/feed?types=watchlisted,followed', 1],
    // Kept for everybody, and one for what of it is the caller's.
    ['/users/{star}/reviews', 2],
    ['/movies/search?q=film', 1],
  ])('of %s is %i, however long it is', async (path, statements) => {
    const joint = path.includes('?') ? '&' : '?'
    await queriesOf(`${path}${joint}limit=1`)
    await queriesOf(`${path}${joint}limit=${titleCount}`)
    const small = await queriesOf(`${path}${joint}limit=1`)
    const large = await queriesOf(`${path}${joint}limit=${titleCount}`)
    expect([small.statements, large.statements]).toEqual([statements, statements])
    expect([small.rows, large.rows > 20]).toEqual([1, true])
  })

  it.each([
    ['/users/{star}/followers', 1],
    ['/users/{star}/following?include_total=true', 1],
    ['/users/blocks', 1],
    ['/users/watchlist', 1],
    ['/users/{star}/watched?sort=watched_on', 1],
    ['/users/feed', 1],
    ['/users/feed?types=watchlisted,followed', 1],
    ['/users/{star}/reviews', 2],
  ])('of a later page of %s is %i too', async (path, statements) => {
    const joint = path.includes('?') ? '&' : '?'
    for (const [limit, rows] of [
      [1, 1],
      [19, 19],
    ]) {
      const page = async () => {
        const { next } = await queriesOf(`${path}${joint}limit=${limit}`)
        return queriesOf(`${path}${joint}limit=${limit}&cursor=${next}`)
      }
      await page()
      expect(await page()).toMatchObject({ statements, rows })
    }
  })

  it.each(['/users/{star}', '/users/{star}/statistics'])('of %s is 1', async (path) => {
    await queriesOf(path)
    expect(await queriesOf(path)).toMatchObject({ statements: 1 })
  })

  it('of a page of titles for who signed in is one more than for anybody', async () => {
    for (const [limit, rows] of [
      [1, 1],
      [30, 30],
    ]) {
      const path = `/movies?limit=${limit}`
      await queriesOf(path)
      expect(await queriesOf(path)).toMatchObject({ statements: 1, rows })
    }
  })
})
