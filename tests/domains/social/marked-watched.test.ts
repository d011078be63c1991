import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { byHeader, makeAuthor, someText } from '../../support/review-factory.ts'
import { type Ask, ask, walk } from '../../support/social-factory.ts'

let ctx: TestContext
let asks: Ask
beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  return () => ctx[Symbol.asyncDispose]()
})

interface Item {
  readonly id: string
  readonly type: string
  readonly count: number
  readonly movies: ReadonlyArray<{ readonly id: string }>
  readonly created_at: string
}

const feedOf = (who: Actor) => walk<Item>(asks, who, '/users/feed')
const told = async (who: Actor) => (await feedOf(who)).map(({ type, count }) => [type, count])
const watch = (who: Actor, { id }: { id: string }, body?: object) => asks(who, 'POST', `/users/watched/${id}`, body)
const reviews = async (who: Actor, { id }: { id: string }, more: object = {}): Promise<string> => {
  const body = { movie_id: id, lemon_pie_rating: 8, review_text: someText(), ...more }
  const answer = await asks(who, 'POST', '/reviews', body)
  expect(answer.statusCode, answer.body).toBe(201)
  return answer.json().id
}
const decide = (id: string, moderation_status: 'pending' | 'rejected' | 'approved') =>
  ctx.db.updateTable('reviews').set({ moderation_status }).where('id', '=', id).execute()

/** Somebody who follows somebody, and a title. */
async function scene() {
  const [fan, ada, title] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db), await makeTitle(ctx.db)]
  await asks(fan, 'POST', `/users/${ada.id}/follow`)
  return { fan, ada, title }
}

/** What is told of an account, as it stands in the table. */
const activitiesOf = ({ id }: Actor) =>
  ctx.db.selectFrom('activities').select(['type', 'hour', 'act_count']).where('user_id', '=', id).execute()

describe('marking as watched what was reviewed', () => {
  it('tells nothing more while the review does, but keeps the day', async () => {
    const { fan, ada, title } = await scene()
    await reviews(ada, title)
    const marked = await watch(ada, title, { watched_on: '2021-05-01' })
    expect([marked.statusCode, marked.json().dates]).toEqual([200, ['2021-05-01']])
    expect(await told(fan)).toEqual([['reviewed', 1]])
  })

  it('is told once the review was deleted, as of the mark, however often it is made', async () => {
    const { fan, ada, title } = await scene()
    const review = await reviews(ada, title)
    await sql`update list_titles set added_at = '2024-01-01' where user_id = ${ada.id}`.execute(ctx.db)
    await asks(ada, 'DELETE', `/reviews/${review}`)
    expect(await told(fan)).toEqual([])
    const answers = await Promise.all(Array.from({ length: 50 }, () => watch(ada, title)))
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
    const [item, ...others] = await feedOf(fan)
    expect([item, others]).toMatchObject([{ type: 'watched', count: 1, movies: [{ id: title.id }] }, []])
    const added = answers.map((answer) => answer.json().added_at)
    expect(new Set(added)).toEqual(new Set([item!.created_at]))
    expect((await asks(ada, 'DELETE', `/users/watched/${title.id}`)).statusCode).toBe(204)
    expect(await told(fan)).toEqual([])
  })

  it.each(['pending', 'rejected'] as const)(
    'is told while the review is %s, and with it when it is approved',
    async (status) => {
      const { fan, ada, title } = await scene()
      const review = await reviews(ada, title)
      await decide(review, status)
      expect(await told(fan)).toEqual([])
      await watch(ada, title)
      expect(await told(fan)).toEqual([['watched', 1]])
      await decide(review, 'approved')
      expect(await told(fan)).toEqual([
        ['reviewed', 1],
        ['watched', 1],
      ])
    },
  )

  it('is told by all that tell: a list that is shown again, and a count from the beginning', async () => {
    const { fan, ada, title } = await scene()
    await asks(ada, 'DELETE', `/reviews/${await reviews(ada, title)}`)
    const show = (watched: string) => asks(ada, 'PUT', '/users/list-privacy', { watched })
    await show('private')
    await watch(ada, title)
    expect(await told(fan)).toEqual([])
    await show('public')
    const shown = await activitiesOf(ada)
    expect(shown).toMatchObject([{ type: 'watched', act_count: 1 }])
    await show('private')
    expect(await told(fan)).toEqual([])
    await show('followers')
    expect(await activitiesOf(ada)).toEqual(shown)
    await ctx.db.deleteFrom('activities').where('user_id', '=', ada.id).execute()
    await sql`select refresh_social()`.execute(ctx.db)
    expect(await activitiesOf(ada)).toEqual(shown)
  })

  it('keeps to a change of privacy at the same moment', async () => {
    const { fan, ada } = await scene()
    for (let round = 0; round < 6; round += 1) {
      const titles = [await makeTitle(ctx.db), await makeTitle(ctx.db), await makeTitle(ctx.db)]
      for (const title of titles) await decide(await reviews(ada, title), 'rejected')
      const last = round % 2 === 0 ? 'private' : 'public'
      await Promise.all([
        ...titles.map((title) => watch(ada, title)),
        asks(ada, 'PUT', '/users/list-privacy', { watched: last }),
      ])
      const marked = 3 * (round + 1)
      expect((await feedOf(fan)).reduce((sum, { count }) => sum + count, 0)).toBe(last === 'private' ? 0 : marked)
    }
  })
})

describe('a rewatch', () => {
  it('is in the diary, and is told to nobody', async () => {
    const { fan, ada, title } = await scene()
    await watch(ada, title, { watched_on: '2021-05-01' })
    await sql`update list_titles set added_at = added_at - interval '1 day' where user_id = ${ada.id}`.execute(ctx.db)
    await sql`update activities set hour = hour - interval '1 day', created_at = created_at - interval '1 day'
      where user_id = ${ada.id}`.execute(ctx.db)
    const before = await feedOf(fan)
    expect((await watch(ada, title, { watched_on: '2022-05-01' })).json().times).toBe(2)
    expect(await feedOf(fan)).toEqual(before)
  })
})

describe('reviewing', () => {
  it('takes the title off the watchlist, unless asked not to', async () => {
    const { ada, title } = await scene()
    const other = await makeTitle(ctx.db)
    for (const { id } of [title, other]) await asks(ada, 'POST', `/users/watchlist/${id}`)
    const body = { movie_id: title.id, lemon_pie_rating: 8, review_text: someText(), keep_on_watchlist: true }
    const kept = await asks(ada, 'POST', '/reviews', body)
    expect([kept.statusCode, kept.json().movie.viewer]).toMatchObject([201, { in_watchlist: true, watched: true }])
    await reviews(ada, other, { keep_on_watchlist: false })
    const listed = await walk<{ movie: { id: string } }>(asks, ada, '/users/watchlist')
    expect(listed.map(({ movie }) => movie.id)).toEqual([title.id])
    expect((await asks(ada, 'POST', '/reviews', { ...body, keep_on_watchlist: 'yes' })).statusCode).toBe(422)
  })
})
