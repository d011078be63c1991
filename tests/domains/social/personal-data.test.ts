import { beforeAll, describe, expect, it } from 'vitest'
import { madePassword, makeAccount } from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { byHeader, makeAuthor } from '../../support/review-factory.ts'
import { type Ask, ask } from '../../support/social-factory.ts'

let ctx: TestContext
let asks: Ask
beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  return () => ctx[Symbol.asyncDispose]()
})

async function livelyPerson() {
  const { id } = await makeAccount(ctx.db)
  const ada = { id, role: 'user', isVerified: true } as const
  const [friend, foe, title] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db), await makeTitle(ctx.db)]
  await asks(ada, 'POST', `/users/${friend.id}/follow`)
  await asks(friend, 'POST', `/users/${id}/follow`)
  await asks(ada, 'POST', `/users/${foe.id}/block`)
  await asks(ada, 'POST', `/users/favorites/${title.id}`)
  await asks(ada, 'POST', `/users/watched/${title.id}`, { watched_on: '2021-01-02' })
  await asks(ada, 'PUT', '/users/list-privacy', { watched: 'private' })
  return { ada, friend, foe, title }
}

describe('what is held of a person', () => {
  it('is all in their export', async () => {
    const { ada, friend, foe, title } = await livelyPerson()
    const exported = (await asks(ada, 'GET', '/users/profile/export')).json()
    expect(exported).toMatchObject({
      follows: [
        { follower_id: ada.id, followee_id: friend.id },
        { follower_id: friend.id, followee_id: ada.id },
      ],
      blocks: [{ blocked_id: foe.id }],
      list_titles: [
        { list: 'favorites', movie_id: title.id },
        { list: 'watched', movie_id: title.id },
      ],
      viewings: [{ movie_id: title.id, watched_on: '2021-01-02' }],
      list_privacy: [{ list: 'watched', visibility: 'private' }],
    })
  })

  it('goes with them, and is counted for nobody any more', async () => {
    const { ada, friend } = await livelyPerson()
    const erased = await asks(ada, 'DELETE', '/users/profile', { password: madePassword })
    expect(erased.statusCode, erased.body).toBe(204)
    for (const table of ['list_titles', 'viewings', 'list_privacy', 'activities', 'user_counts'] as const) {
      expect(await ctx.db.selectFrom(table).selectAll().where('user_id', '=', ada.id).execute(), table).toEqual([])
    }
    const { stats } = (await asks(null, 'GET', `/users/${friend.id}`)).json()
    expect(stats).toMatchObject({ followers_count: 0, following_count: 0 })
    expect((await asks(friend, 'GET', '/users/feed')).json().data).toEqual([])
  })
})
