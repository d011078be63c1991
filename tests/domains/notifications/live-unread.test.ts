import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openLiveFeeds } from '../../../src/domains/notifications/live.service.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { drain } from '../../support/events.ts'
import { byHeader, makeAuthor } from '../../support/review-factory.ts'
import { type Ask, ask } from '../../support/social-factory.ts'

let ctx: TestContext
let asks: Ask
beforeAll(async () => {
  ctx = await testContext()
  asks = ask(await testApp(ctx, { authenticate: byHeader }))
  return () => ctx[Symbol.asyncDispose]()
})

const hour = 3_600_000

/** A tab on a server of its own, which looks for nothing that is not signalled. @returns the unread counts that it was told */
function openTab({ id }: Actor): (number | undefined)[] {
  const feeds = openLiveFeeds(ctx, hour)
  onTestFinished(() => feeds.close())
  const counts: (number | undefined)[] = []
  feeds.join({
    userId: id,
    expiresAt: () => Date.now() + hour,
    isFull: () => false,
    send: (type, text) => {
      const { unread_count } = JSON.parse(text)
      if (type === 'ready' || type === 'unread_count') counts.push(unread_count)
    },
  })
  return counts
}

describe('the unread count of every tab', () => {
  it('follows what is told, read, deleted and taken back, by nothing but the signal of what did it', async () => {
    const ada = await makeAuthor(ctx.db, { name: 'Ada' })
    const [bola, chidi] = [await makeAuthor(ctx.db, { name: 'Bola' }), await makeAuthor(ctx.db, { name: 'Chidi' })]
    const tabs = [openTab(ada), openTab(ada)]
    const last = () => tabs.map((counts) => counts.at(-1))
    const become = (count: number) => expect.poll(last, { timeout: 5_000 }).toEqual([count, count])
    const listed = async (): Promise<string> => (await asks(ada, 'GET', '/notifications')).json().data[0].id
    const follow = async (who: Actor, method: 'POST' | 'DELETE' = 'POST') => {
      await asks(who, method, `/users/${ada.id}/follow`)
      await drain(ctx)
    }
    await become(0)
    await follow(bola)
    await become(1)
    expect((await asks(ada, 'PUT', `/notifications/${await listed()}/read`)).statusCode).toBeLessThan(300)
    await become(0)
    // Another one joins no group that was read.
    await follow(chidi)
    await become(1)
    await follow(chidi, 'DELETE')
    await become(0)
    await follow(await makeAuthor(ctx.db, { name: 'Dayo' }))
    await become(1)
    expect((await asks(ada, 'PUT', '/notifications/read-all')).statusCode).toBeLessThan(300)
    await become(0)
    await follow(await makeAuthor(ctx.db, { name: 'Efe' }))
    await become(1)
    expect((await asks(ada, 'DELETE', `/notifications/${await listed()}`)).statusCode).toBe(204)
    await become(0)
  })
})
