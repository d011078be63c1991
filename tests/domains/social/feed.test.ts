import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { byHeader, makeAuthor, makeReview, someText } from '../../support/review-factory.ts'
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
  readonly user: { readonly id: string }
  readonly count: number
  readonly movies: ReadonlyArray<{ readonly id: string; readonly viewer: object | null }>
  readonly users: ReadonlyArray<{ readonly id: string }>
  readonly review: {
    readonly id: string
    readonly review_text: string
    readonly spoiler_hidden: boolean
    readonly movie: { readonly viewer: object | null }
  } | null
  readonly created_at: string
}

const feedOf = (who: Actor, query = '') => walk<Item>(asks, who, `/users/feed${query}`)
const typesIn = async (who: Actor, query = '') => (await feedOf(who, query)).map(({ type }) => type)
const add = (who: Actor, list: string, { id }: { id: string }) => asks(who, 'POST', `/users/${list}/${id}`)
const publishes = async (who: Actor, movieId: string, more: object = {}): Promise<{ id: string }> => {
  const answer = await asks(who, 'POST', '/reviews', {
    movie_id: movieId,
    lemon_pie_rating: 8,
    review_text: someText(),
    ...more,
  })
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json()
}

/** Somebody who follows somebody. */
async function pair(): Promise<[fan: Actor, ada: Actor]> {
  const [fan, ada] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db, { name: 'Ada' })]
  await asks(fan, 'POST', `/users/${ada.id}/follow`)
  return [fan, ada]
}

/** An hour as if it were another one: all that somebody did moves there. */
const moveBack = async ({ id }: Actor, hours: number): Promise<void> => {
  for (const [table, column, owner] of [
    ['list_titles', 'added_at', 'user_id'],
    ['follows', 'created_at', 'follower_id'],
    ['activities', 'created_at', 'user_id'],
    ['activities', 'hour', 'user_id'],
  ]) {
    await sql`update ${sql.table(table!)} set ${sql.ref(column!)} = ${sql.ref(column!)} - ${`${hours} hours`}::interval
      where ${sql.ref(owner!)} = ${id}`.execute(ctx.db)
  }
}

describe('a feed', () => {
  it('has all that one’s followees do, newest first, and nothing of anybody else', async () => {
    const [fan, ada] = await pair()
    const [one, two, three, reviewed] = [
      await makeTitle(ctx.db),
      await makeTitle(ctx.db),
      await makeTitle(ctx.db),
      await makeTitle(ctx.db),
    ]
    const stranger = await makeAuthor(ctx.db)
    await add(stranger, 'watchlist', one)
    await add(ada, 'watchlist', one)
    await add(ada, 'favorites', two)
    await add(ada, 'watched', three)
    await asks(ada, 'POST', `/users/${stranger.id}/follow`)
    const review = await publishes(ada, reviewed.id)
    await add(fan, 'favorites', one)
    const items = await feedOf(fan)
    expect(items.map(({ type }) => type)).toEqual(['reviewed', 'followed', 'watched', 'favourited', 'watchlisted'])
    expect(new Set(items.map(({ user }) => user.id))).toEqual(new Set([ada.id]))
    expect(items.map(({ movies }) => movies.map(({ id }) => id))).toEqual([[], [], [three.id], [two.id], [one.id]])
    expect(items[0]!.review).toMatchObject({ id: review.id, movie: { id: reviewed.id, viewer: { watched: false } } })
    expect(items[1]!.users.map(({ id }) => id)).toEqual([stranger.id])
    expect(items[4]!.movies[0]!.viewer).toMatchObject({ in_favorites: true, in_watchlist: false })
    expect(items.every(({ count }) => count === 1)).toBe(true)
    expect(await feedOf(stranger)).toEqual([])
  })

  it('is narrowed by types, by commas or one each, page by page', async () => {
    const [fan, ada] = await pair()
    for (let index = 0; index < 3; index += 1) await publishes(ada, (await makeTitle(ctx.db)).id)
    await add(ada, 'favorites', await makeTitle(ctx.db))
    await add(ada, 'watchlist', await makeTitle(ctx.db))
    expect(await typesIn(fan, '?types=favourited,reviewed&limit=1')).toEqual([
      'favourited',
      'reviewed',
      'reviewed',
      'reviewed',
    ])
    expect(await typesIn(fan, '?types=favourited&types=watchlisted&limit=1')).toEqual(['watchlisted', 'favourited'])
    expect(await typesIn(fan, '?types=reviewed,rated,watched,watchlisted,favourited,followed')).toHaveLength(5)
    for (const query of [
      'types=',
      'types=liked',
      'types=reviewed,liked',
      'types=reviewed,',
      'limit=101',
      'cursor=x',
      'sort=old',
      // A feed has no total.
      'include_total=true',
    ]) {
      expect((await asks(fan, 'GET', `/users/feed?${query}`)).statusCode, query).toBe(422)
    }
    const { page } = (await asks(fan, 'GET', '/users/feed?limit=1')).json()
    expect((await asks(fan, 'GET', `/users/feed?limit=1&types=reviewed&cursor=${page.next_cursor}`)).statusCode).toBe(
      422,
    )
    expect((await asks(ada, 'GET', `/users/feed?limit=1&cursor=${page.next_cursor}`)).statusCode).toBe(422)
    expect((await asks(null, 'GET', '/users/feed')).statusCode).toBe(401)
  })

  it('makes one activity of small acts within an hour, which stays where it began', async () => {
    const [fan, ada] = await pair()
    const titles = []
    for (let index = 0; index < 7; index += 1) titles.push(await makeTitle(ctx.db))
    await add(ada, 'watchlist', titles[0]!)
    await moveBack(ada, 3)
    for (const title of titles.slice(1)) await add(ada, 'watchlist', title)
    await add(ada, 'favorites', titles[0]!)
    const [favourited, group, older] = (await feedOf(fan)) as [Item, Item, Item]
    expect([favourited.type, group.type, group.count, older.count]).toEqual(['favourited', 'watchlisted', 6, 1])
    expect(group.movies.map(({ id }) => id)).toEqual(
      titles
        .slice(3)
        .map(({ id }) => id)
        .reverse(),
    )
    await asks(ada, 'DELETE', `/users/watchlist/${titles[1]!.id}`)
    await asks(ada, 'DELETE', `/users/watchlist/${titles[6]!.id}`)
    await asks(ada, 'DELETE', `/users/watchlist/${titles[0]!.id}`)
    const after = await feedOf(fan)
    expect(after.map(({ id, count }) => [id, count])).toEqual([
      [favourited.id, 1],
      [group.id, 4],
    ])
    expect(after[1]!.created_at).toBe(group.created_at)
  })

  it('counts a group exactly while titles are added and taken off at once', async () => {
    const [fan, ada] = await pair()
    const titles = []
    for (let index = 0; index < 10; index += 1) titles.push(await makeTitle(ctx.db))
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(
        titles.map((title, index) =>
          asks(ada, (index + round) % 2 === 0 ? 'POST' : 'DELETE', `/users/watchlist/${title.id}`),
        ),
      )
    }
    const left = (await walk(asks, ada, '/users/watchlist')).length
    expect((await feedOf(fan)).map(({ count }) => count)).toEqual(left === 0 ? [] : [left])
    await Promise.all(titles.map((title) => asks(ada, 'DELETE', `/users/watchlist/${title.id}`)))
    expect(await feedOf(fan)).toEqual([])
  })

  it('loses a review at once when it is deleted or rejected, and has it when it is approved', async () => {
    const [fan, ada] = await pair()
    const [one, two] = [
      await publishes(ada, (await makeTitle(ctx.db)).id),
      await publishes(ada, (await makeTitle(ctx.db)).id),
    ]
    const set = (id: string, moderation_status: 'pending' | 'approved' | 'rejected') =>
      ctx.db.updateTable('reviews').set({ moderation_status }).where('id', '=', id).execute()
    const reviewsSeen = async () => (await feedOf(fan)).map(({ review }) => review!.id)
    expect(await reviewsSeen()).toEqual([two.id, one.id])
    await set(one.id, 'rejected')
    expect(await reviewsSeen()).toEqual([two.id])
    await asks(ada, 'DELETE', `/reviews/${two.id}`)
    expect(await reviewsSeen()).toEqual([])
    await set(one.id, 'pending')
    expect(await reviewsSeen()).toEqual([])
    await set(one.id, 'approved')
    expect(await reviewsSeen()).toEqual([one.id])
  })

  it('tells of a rating that was changed, but not of one that slipped', async () => {
    const [fan, ada] = await pair()
    const review = await publishes(ada, (await makeTitle(ctx.db)).id, { lemon_pie_rating: 8 })
    const rate = (rating: number) => asks(ada, 'PUT', `/reviews/${review.id}`, { lemon_pie_rating: rating })
    await rate(9)
    expect(await typesIn(fan)).toEqual(['reviewed'])
    await moveBack(ada, 2)
    await rate(4)
    await rate(5)
    expect((await feedOf(fan)).map((item) => [item.type, item.review])).toMatchObject([
      ['rated', { lemon_pie_rating: 5 }],
      ['reviewed', { lemon_pie_rating: 5 }],
    ])
    await asks(ada, 'DELETE', `/reviews/${review.id}`)
    expect(await typesIn(fan)).toEqual([])
  })

  it('masks spoilers until the title was watched', async () => {
    const [fan, ada] = await pair()
    const title = await makeTitle(ctx.db)
    await publishes(ada, title.id, { review_text: 'What a film it is. ||She dies in the end.||' })
    const shown = async () => (await feedOf(fan))[0]!.review!
    expect(await shown()).toMatchObject({ review_text: 'What a film it is. ||…||', spoiler_hidden: true })
    await add(fan, 'watched', title)
    expect(await shown()).toMatchObject({ spoiler_hidden: false, movie: { viewer: { watched: true } } })
  })

  it('leaves private lists out at once, has them again when they are shown, and those for followers always', async () => {
    const [fan, ada] = await pair()
    const title = await makeTitle(ctx.db)
    const show = (visibility: string) => asks(ada, 'PUT', '/users/list-privacy', { watchlist: visibility })
    await add(ada, 'watchlist', title)
    await add(ada, 'favorites', title)
    const [, before] = await feedOf(fan)
    await show('private')
    await add(ada, 'watchlist', await makeTitle(ctx.db))
    expect(await typesIn(fan)).toEqual(['favourited'])
    await asks(ada, 'DELETE', `/users/watchlist/${title.id}`)
    await show('followers')
    const after = await feedOf(fan)
    expect(after.map(({ type, count }) => [type, count])).toEqual([
      ['watchlisted', 1],
      ['favourited', 1],
    ])
    expect(after.map(({ id }) => id)).not.toContain(before!.id)
  })

  it('has what was watched only while that is shown', async () => {
    const [fan, ada] = await pair()
    await add(ada, 'watched', await makeTitle(ctx.db))
    await add(ada, 'favorites', await makeTitle(ctx.db))
    const show = (watched: string) => asks(ada, 'PUT', '/users/list-privacy', { watched })
    expect(await typesIn(fan)).toEqual(['favourited', 'watched'])
    await show('private')
    await add(ada, 'watched', await makeTitle(ctx.db))
    expect(await typesIn(fan)).toEqual(['favourited'])
    await show('public')
    expect((await feedOf(fan)).map(({ type, count }) => [type, count])).toEqual([
      ['favourited', 1],
      ['watched', 2],
    ])
  })

  it('keeps to a change of privacy while titles are added', async () => {
    const [fan, ada] = await pair()
    for (let round = 0; round < 6; round += 1) {
      const titles = [await makeTitle(ctx.db), await makeTitle(ctx.db), await makeTitle(ctx.db)]
      const last = round % 2 === 0 ? 'private' : 'public'
      await Promise.all([
        ...titles.map((title) => add(ada, 'favorites', title)),
        asks(ada, 'PUT', '/users/list-privacy', { favorites: last }),
        ...titles.slice(1).map((title) => asks(ada, 'DELETE', `/users/favorites/${title.id}`)),
      ])
      const kept = (await walk(asks, ada, '/users/favorites')).length
      expect((await feedOf(fan)).map(({ count }) => count)).toEqual(last === 'private' ? [] : [kept])
    }
  })

  it('has nothing of a followee who is suspended, nor of whom one of both has blocked', async () => {
    const [fan, ada] = await pair()
    const [suspended, blocking, blocked] = [
      await makeAuthor(ctx.db),
      await makeAuthor(ctx.db),
      await makeAuthor(ctx.db),
    ]
    const seen = await makeAuthor(ctx.db)
    for (const whom of [suspended, blocking, blocked, seen]) await asks(ada, 'POST', `/users/${whom.id}/follow`)
    await asks(blocking, 'POST', `/users/${fan.id}/block`)
    await asks(fan, 'POST', `/users/${blocked.id}/block`)
    await ctx.db
      .updateTable('users')
      .set({ suspended_at: new Date().toISOString() })
      .where('id', '=', suspended.id)
      .execute()
    const followed = async () => (await feedOf(fan)).map(({ count, users }) => [count, users.map(({ id }) => id)])
    expect(await followed()).toEqual([[1, [seen.id]]])
    await asks(ada, 'DELETE', `/users/${seen.id}/follow`)
    expect(await followed()).toEqual([])
    await add(ada, 'favorites', await makeTitle(ctx.db))
    expect(await typesIn(fan)).toEqual(['favourited'])
    await ctx.db.updateTable('users').set({ suspended_at: new Date().toISOString() }).where('id', '=', ada.id).execute()
    expect(await typesIn(fan)).toEqual([])
    await ctx.db.updateTable('users').set({ suspended_at: null }).where('id', '=', ada.id).execute()
    await asks(fan, 'DELETE', `/users/${ada.id}/follow`)
    expect(await typesIn(fan)).toEqual([])
  })

  it('loses a title’s acts, and an account’s, with the title and the account', async () => {
    const [fan, ada] = await pair()
    const [kept, gone] = [await makeTitle(ctx.db), await makeTitle(ctx.db)]
    for (const title of [kept, gone]) await add(ada, 'watchlist', title)
    await publishes(ada, gone.id)
    await makeReview(ctx.db, { user_id: ada.id, movie_id: kept.id })
    await ctx.db.deleteFrom('movies').where('id', '=', gone.id).execute()
    expect((await feedOf(fan)).map(({ type, count }) => [type, count])).toEqual([['reviewed', 1]])
    await ctx.db.deleteFrom('users').where('id', '=', ada.id).execute()
    expect(await feedOf(fan)).toEqual([])
  })

  it('loses and doubles nothing while followees go on and take back', async () => {
    const [fan, ada] = await pair()
    const reviews: Array<{ id: string }> = []
    for (let index = 0; index < 6; index += 1) reviews.push(await publishes(ada, (await makeTitle(ctx.db)).id))
    const first = (await asks(fan, 'GET', '/users/feed?limit=2')).json()
    await publishes(ada, (await makeTitle(ctx.db)).id)
    await asks(ada, 'DELETE', `/reviews/${reviews[4]!.id}`)
    await asks(ada, 'DELETE', `/reviews/${reviews[1]!.id}`)
    const rest = await walk<Item>(asks, fan, `/users/feed?limit=2`, first.page.next_cursor)
    const seen = [...first.data, ...rest].map(({ review }: Item) => review!.id)
    expect(seen).toEqual([5, 4, 3, 2, 0].map((index) => reviews[index]!.id))
  })
})

describe('a feed of hundreds of followees', () => {
  it('is the same, however far down, as sorting all that they did', async () => {
    const fan = await makeAuthor(ctx.db)
    await sql`
      with made as (
        insert into users (email, email_key, password_hash, name)
        select 'crowd' || n || '@lemonnpie.test', 'crowd' || n || '@lemonnpie.test', repeat('x', 60), 'Crowd ' || n
        from generate_series(1, 300) n
        returning id
      )
      insert into follows (follower_id, followee_id) select ${fan.id}::uuid, id from made`.execute(ctx.db)
    const movies = []
    for (let index = 0; index < 3; index += 1) movies.push((await makeTitle(ctx.db)).id)
    // Four of five acts are of strangers; the hours make positions that no two rows share but by chance.
    await sql`insert into list_titles (user_id, movie_id, list, added_at)
      select f.followee_id, m.id, 'favorites', now() - make_interval(hours => (random() * 2000)::integer)
      from follows f cross join unnest(${movies}::uuid[]) m (id) where f.follower_id = ${fan.id}::uuid`.execute(ctx.db)
    await sql`
      with made as (
        insert into users (email, email_key, password_hash, name)
        select 'noise' || n || '@lemonnpie.test', 'noise' || n || '@lemonnpie.test', repeat('x', 60), 'Noise ' || n
        from generate_series(1, 1200) n
        returning id
      )
      insert into list_titles (user_id, movie_id, list, added_at)
      select made.id, m.id, 'favorites', now() - make_interval(hours => (random() * 1000)::integer)
      from made cross join unnest(${movies}::uuid[]) m (id)`.execute(ctx.db)
    const { rows } = await sql<{ id: string }>`
      select a.id from activities a join follows f on f.followee_id = a.user_id
      where f.follower_id = ${fan.id}::uuid order by a.created_at desc, a.id desc`.execute(ctx.db)
    const expected = rows.map(({ id }) => id)
    expect(expected.length).toBeGreaterThan(700)
    expect((await feedOf(fan, '?limit=100')).map(({ id }) => id)).toEqual(expected)
    expect((await feedOf(fan, '?limit=100&types=favourited,watched')).map(({ id }) => id)).toEqual(expected)
  })
})
