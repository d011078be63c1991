import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { reconcileFollows } from '../../../src/domains/social/social-counts.jobs.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { published } from '../../support/events.ts'
import { byHeader, makeAuthor } from '../../support/review-factory.ts'
import { type Ask, ask, walk } from '../../support/social-factory.ts'

let ctx: TestContext
let asks: Ask
beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  return () => ctx[Symbol.asyncDispose]()
})

const people = (count: number): Promise<Actor[]> => Promise.all(Array.from({ length: count }, () => makeAuthor(ctx.db)))
const follow = (who: Actor | null, whom: { id: string }) => asks(who, 'POST', `/users/${whom.id}/follow`)
const unfollow = (who: Actor, whom: { id: string }) => asks(who, 'DELETE', `/users/${whom.id}/follow`)
const suspend = (whom: Actor) =>
  ctx.db.updateTable('users').set({ suspended_at: new Date().toISOString() }).where('id', '=', whom.id).execute()
const countsOf = ({ id }: Actor) =>
  ctx.db
    .selectFrom('user_counts')
    .select(['followers_count', 'following_count'])
    .where('user_id', '=', id)
    .executeTakeFirstOrThrow()
const followsBetween = (one: Actor, other: Actor) =>
  ctx.db
    .selectFrom('follows')
    .select(['follower_id', 'followee_id'])
    .where('follower_id', 'in', [one.id, other.id])
    .where('followee_id', 'in', [one.id, other.id])
    .execute()

interface Listed {
  readonly id: string
  readonly since: string
  readonly viewer: { readonly is_following: boolean; readonly follows_you: boolean } | null
}

describe('following', () => {
  it('counts once, however often it is asked for, and says so to both', async () => {
    const [ada, bisi] = (await people(2)) as [Actor, Actor]
    const first = await follow(ada, bisi)
    expect([first.statusCode, first.json()]).toEqual([
      200,
      { user_id: bisi.id, followers_count: 1, viewer: { is_following: true, follows_you: false } },
    ])
    expect((await follow(ada, bisi)).json().followers_count).toBe(1)
    expect(await countsOf(ada)).toEqual({ followers_count: 0, following_count: 1 })
    expect((await published(ctx, 'user.followed')).filter(({ follower_id }) => follower_id === ada.id)).toEqual([
      { follower_id: ada.id, followee_id: bisi.id },
    ])
    const profile = (await asks(bisi, 'GET', `/users/${ada.id}`)).json()
    expect(profile.viewer).toEqual({ is_following: false, follows_you: true })
    expect(profile.stats).toMatchObject({ followers_count: 0, following_count: 1 })
    expect((await asks(null, 'GET', `/users/${ada.id}`)).json().viewer).toBeNull()
  })

  it('ends once, however often that is asked for', async () => {
    const [ada, bisi] = (await people(2)) as [Actor, Actor]
    await follow(ada, bisi)
    for (let time = 0; time < 3; time += 1) expect((await unfollow(ada, bisi)).statusCode).toBe(204)
    expect(await countsOf(bisi)).toEqual({ followers_count: 0, following_count: 0 })
  })

  it('of oneself is a 409, of nobody and of the suspended a 404, of a malformed id a 422', async () => {
    const [ada, gone] = (await people(2)) as [Actor, Actor]
    await suspend(gone)
    for (const method of ['POST', 'DELETE'] as const) {
      const answers = await Promise.all([
        asks(ada, method, `/users/${ada.id}/follow`),
        asks(ada, method, `/users/${ada.id.toUpperCase()}/follow`),
        asks(ada, method, `/users/${randomUUID()}/follow`),
        asks(ada, method, `/users/${gone.id}/follow`),
        asks(ada, method, '/users/ada/follow'),
        asks(null, method, `/users/${gone.id}/follow`),
      ])
      expect(answers.map((answer) => [answer.statusCode, answer.json().error])).toEqual([
        [409, 'self_follow'],
        [409, 'self_follow'],
        [404, 'not_found'],
        [404, 'not_found'],
        [422, 'validation_error'],
        [401, 'unauthorized'],
      ])
    }
    expect(await countsOf(ada)).toEqual({ followers_count: 0, following_count: 0 })
  })

  it('is counted exactly in a storm of follows and unfollows', async () => {
    const crowd = await people(6)
    const acts = Array.from({ length: 150 }, (_, turn) => {
      const who = crowd[turn % 6]!
      const whom = crowd[(turn + 1 + (turn % 5)) % 6]!
      return turn % 3 === 2 ? unfollow(who, whom) : follow(who, whom)
    })
    const answers = await Promise.all(acts)
    expect(answers.filter(({ statusCode }) => statusCode !== 200 && statusCode !== 204 && statusCode !== 409)).toEqual(
      [],
    )
    for (const one of crowd) {
      const followers = await ctx.db
        .selectFrom('follows')
        .select('follower_id')
        .where('followee_id', '=', one.id)
        .execute()
      const following = await ctx.db
        .selectFrom('follows')
        .select('follower_id')
        .where('follower_id', '=', one.id)
        .execute()
      expect(await countsOf(one)).toEqual({ followers_count: followers.length, following_count: following.length })
    }
  })

  it('of one by many at once counts every one of them', async () => {
    const [star, ...fans] = await people(41)
    await Promise.all(fans.map((fan) => follow(fan, star!)))
    expect((await countsOf(star!)).followers_count).toBe(40)
    await Promise.all(fans.flatMap((fan) => [unfollow(fan, star!), unfollow(fan, star!)]))
    expect((await countsOf(star!)).followers_count).toBe(0)
  })

  it('ends with the account, and the counts of the others with it', async () => {
    const [ada, bisi, chi] = (await people(3)) as [Actor, Actor, Actor]
    await Promise.all([follow(ada, bisi), follow(bisi, chi)])
    await ctx.db.deleteFrom('users').where('id', '=', bisi.id).execute()
    expect([await countsOf(ada), await countsOf(chi)]).toEqual([
      { followers_count: 0, following_count: 0 },
      { followers_count: 0, following_count: 0 },
    ])
  })

  it('that was miscounted is put right, and reported', async () => {
    const [ada, bisi] = (await people(2)) as [Actor, Actor]
    await follow(ada, bisi)
    await ctx.db.updateTable('user_counts').set({ followers_count: 99 }).where('user_id', '=', bisi.id).execute()
    await reconcileFollows(ctx)
    expect((await countsOf(bisi)).followers_count).toBe(1)
    const { values } = await ctx.metrics.counterDrift.get()
    expect(values.find(({ labels }) => labels.table === 'user_counts')?.value).toBe(1)
  })
})

describe('lists of followers', () => {
  it('page through everybody, the latest first, with what each has to do with the viewer', async () => {
    const [star, ...fans] = await people(8)
    for (const fan of fans) await follow(fan, star!)
    await follow(star!, fans[2]!)
    const listed = await walk<Listed>(asks, star!, `/users/${star!.id}/followers?limit=3`)
    expect(listed.map(({ id }) => id)).toEqual(fans.map(({ id }) => id).reverse())
    expect(listed.map(({ viewer }) => viewer!.is_following)).toEqual(fans.map((_, index) => index === 2).reverse())
    expect(listed.every(({ viewer }) => viewer!.follows_you)).toBe(true)
    const following = await walk<Listed>(asks, fans[2]!, `/users/${star!.id}/following`)
    expect(following).toEqual([
      expect.objectContaining({ id: fans[2]!.id, viewer: null, role: 'user', avatar_url: null }),
    ])
    const anonymous = await walk<Listed>(asks, null, `/users/${star!.id}/followers`)
    expect(anonymous.map(({ viewer }) => viewer)).toEqual(fans.map(() => null))
  })

  it('lose nobody and double nobody while others come and go', async () => {
    const [star, ...fans] = await people(9)
    for (const fan of fans.slice(0, 6)) await follow(fan, star!)
    const seen: string[] = []
    let path = `/users/${star!.id}/followers?limit=2`
    for (let page = 0; ; page += 1) {
      const { data, page: info } = (await asks(null, 'GET', path)).json()
      seen.push(...data.map(({ id }: Listed) => id))
      if (page === 0) {
        await follow(fans[6]!, star!)
        await unfollow(fans[5]!, star!)
        await unfollow(fans[2]!, star!)
      }
      if (info.next_cursor === null) break
      path = `/users/${star!.id}/followers?limit=2&cursor=${info.next_cursor}`
    }
    expect(seen).toEqual([fans[5]!, fans[4]!, fans[3]!, fans[1]!, fans[0]!].map(({ id }) => id))
  })

  it('leave out who is suspended, in the total too, until the suspension ends', async () => {
    const [star, kept, gone, lapsed] = (await people(4)) as [Actor, Actor, Actor, Actor]
    await Promise.all([kept, gone, lapsed].map((fan) => follow(fan, star)))
    await suspend(gone)
    await ctx.db
      .updateTable('users')
      .set({ suspended_at: '2026-01-01T00:00:00Z', suspended_until: '2026-01-02T00:00:00Z' })
      .where('id', '=', lapsed.id)
      .execute()
    const { data, page } = (await asks(null, 'GET', `/users/${star.id}/followers?include_total=true`)).json()
    expect(new Set(data.map(({ id }: Listed) => id))).toEqual(new Set([kept.id, lapsed.id]))
    expect(page.total).toBe(2)
    expect((await asks(null, 'GET', `/users/${gone.id}/following`)).statusCode).toBe(404)
    await Promise.all([kept, lapsed].map((whom) => follow(star, whom)))
    await ctx.db.insertInto('follows').values({ follower_id: star.id, followee_id: gone.id }).execute()
    const following = (await asks(kept, 'GET', `/users/${star.id}/following?include_total=true`)).json()
    expect(new Set(following.data.map(({ id }: Listed) => id))).toEqual(new Set([kept.id, lapsed.id]))
    expect(following.page.total).toBe(2)
    // They are counted all the same: the suspension may end by itself.
    expect((await asks(null, 'GET', `/users/${star.id}`)).json().stats).toMatchObject({
      followers_count: 3,
      following_count: 3,
    })
  })

  it('of nobody are a 404, with bad parameters a 422, and their cursors are no other list’s', async () => {
    const [ada, bisi, chi] = (await people(3)) as [Actor, Actor, Actor]
    await Promise.all([follow(bisi, ada), follow(chi, ada)])
    expect((await asks(null, 'GET', `/users/${randomUUID()}/followers`)).statusCode).toBe(404)
    expect((await asks(null, 'GET', `/users/${chi.id}/followers`)).json().data).toEqual([])
    const { page } = (await asks(null, 'GET', `/users/${ada.id}/followers?limit=1`)).json()
    for (const path of [
      `/users/${ada.id}/following?cursor=${page.next_cursor}`,
      `/users/${bisi.id}/followers?cursor=${page.next_cursor}`,
      `/users/${ada.id}/followers?cursor=x${page.next_cursor}`,
      `/users/${ada.id}/followers?limit=0`,
      `/users/${ada.id}/followers?limit=101`,
    ]) {
      expect((await asks(null, 'GET', path)).statusCode, path).toBe(422)
    }
  })
})

describe('a block', () => {
  const block = (who: Actor, whom: Actor) => asks(who, 'POST', `/users/${whom.id}/block`)
  const unblock = (who: Actor, whom: Actor) => asks(who, 'DELETE', `/users/${whom.id}/block`)

  it('ends follows both ways, and lets neither find the other', async () => {
    const [ada, bisi] = (await people(2)) as [Actor, Actor]
    await Promise.all([follow(ada, bisi), follow(bisi, ada)])
    for (let time = 0; time < 2; time += 1) expect((await block(ada, bisi)).statusCode).toBe(204)
    expect(await followsBetween(ada, bisi)).toEqual([])
    expect([await countsOf(ada), await countsOf(bisi)]).toEqual([
      { followers_count: 0, following_count: 0 },
      { followers_count: 0, following_count: 0 },
    ])
    for (const [who, whom] of [
      [ada, bisi],
      [bisi, ada],
    ] as const) {
      for (const path of ['', '/followers', '/following', '/statistics', '/watchlist', '/reviews']) {
        expect((await asks(who, 'GET', `/users/${whom.id}${path}`)).statusCode, path).toBe(404)
      }
      expect((await follow(who, whom)).statusCode).toBe(404)
      expect((await unfollow(who, whom)).statusCode).toBe(404)
    }
    // A block does not show: blocking back would tell who is there.
    expect((await block(bisi, ada)).statusCode).toBe(404)
    expect((await asks(null, 'GET', `/users/${ada.id}`)).statusCode).toBe(200)
    expect(await published(ctx, 'user.blocked')).toContainEqual({ blocker_id: ada.id, blocked_id: bisi.id })
  })

  it('hides each from the other in lists of third people, and from their totals', async () => {
    const [star, ada, bisi] = (await people(3)) as [Actor, Actor, Actor]
    await Promise.all([follow(ada, star), follow(bisi, star), follow(star, ada), follow(star, bisi)])
    await block(ada, bisi)
    for (const side of ['followers', 'following']) {
      for (const [who, seen] of [
        [ada, [ada.id]],
        [bisi, [bisi.id]],
      ] as const) {
        const { data, page } = (await asks(who, 'GET', `/users/${star.id}/${side}?include_total=true`)).json()
        expect([data.map(({ id }: Listed) => id), page.total]).toEqual([seen, 1])
      }
      for (const who of [star, null]) {
        const { data, page } = (await asks(who, 'GET', `/users/${star.id}/${side}?include_total=true`)).json()
        expect([data.length, page.total]).toEqual([2, 2])
      }
    }
  })

  it('is listed to who blocked alone, and ends when they say so', async () => {
    const [ada, bisi, chi] = (await people(3)) as [Actor, Actor, Actor]
    await block(ada, bisi)
    await block(ada, chi)
    const { data, page } = (await asks(ada, 'GET', '/users/blocks?limit=1&include_total=true')).json()
    expect([data.map(({ id }: Listed) => id), page.total]).toEqual([[chi.id], 2])
    expect((await walk<Listed>(asks, ada, '/users/blocks?limit=1')).map(({ id }) => id)).toEqual([chi.id, bisi.id])
    expect(await walk<Listed>(asks, bisi, '/users/blocks')).toEqual([])
    for (let time = 0; time < 2; time += 1) expect((await unblock(ada, bisi)).statusCode).toBe(204)
    expect((await follow(bisi, ada)).statusCode).toBe(200)
  })

  it('of oneself is a 409, of nobody and of the suspended a 404', async () => {
    const [ada, gone] = (await people(2)) as [Actor, Actor]
    await suspend(gone)
    for (const method of ['POST', 'DELETE'] as const) {
      const answers = await Promise.all([
        asks(ada, method, `/users/${ada.id}/block`),
        asks(ada, method, `/users/${randomUUID()}/block`),
        asks(ada, method, `/users/${gone.id}/block`),
      ])
      expect(answers.map((answer) => [answer.statusCode, answer.json().error])).toEqual([
        [409, 'self_block'],
        [404, 'not_found'],
        [404, 'not_found'],
      ])
    }
  })

  it('and a follow at the same moment never leave both', async () => {
    for (let round = 0; round < 12; round += 1) {
      const [ada, bisi] = (await people(2)) as [Actor, Actor]
      const answers = await Promise.all([follow(bisi, ada), block(ada, bisi), follow(ada, bisi), follow(bisi, ada)])
      expect(answers.map(({ statusCode }) => statusCode).filter((status) => ![200, 204, 404].includes(status))).toEqual(
        [],
      )
      expect(await followsBetween(ada, bisi)).toEqual([])
      expect(await countsOf(ada)).toEqual({ followers_count: 0, following_count: 0 })
      expect(await countsOf(bisi)).toEqual({ followers_count: 0, following_count: 0 })
    }
  })
})
