import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { makeSession } from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { type LiveClient, listen, openLive } from '../../support/live-client.ts'
import { readAll, tell } from '../../support/live-factory.ts'

let ctx: TestContext
let app: App
let url: string
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  url = await listen(app)
  return () => ctx[Symbol.asyncDispose]()
})

const range = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, n) => String(from + n))

/** A socket of somebody who is signed in. */
async function join(access: string, after?: string): Promise<LiveClient> {
  const client = await openLive(url)
  client.say({ type: 'auth', token: access })
  if (after !== undefined) client.say({ type: 'resume', after })
  return client
}

describe('a live socket', () => {
  it('says ready, then every notification once, in order, with the count of what is unread', async () => {
    const { access, account } = await makeSession(ctx, app)
    await tell(ctx, [account.id], { count: 2 })
    const client = await join(access)
    expect(await client.next('ready')).toEqual({
      type: 'ready',
      last: '2',
      after: '2',
      reset: false,
      unread_count: 2,
      expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    for (let n = 0; n < 5; n += 1) await tell(ctx, [account.id], { count: 3 })
    await client.next('unread_count', ({ unread_count }) => unread_count === 17)
    expect(client.positions()).toEqual(range(3, 17))
    const [first] = client.frames.filter(({ type }) => type === 'notification')
    expect(first).toMatchObject({ id: '3', notification: { position: '3', type: 'system', reason: 'a word' } })
    client.socket.close()
  })

  it('resumes: what was missed in order, then what is new, without gaps or repeats, while more is told', async () => {
    const { access, account } = await makeSession(ctx, app)
    await tell(ctx, [account.id], { count: 120 })
    const telling = (async () => {
      for (let n = 0; n < 30; n += 1) await tell(ctx, [account.id])
    })()
    const client = await join(access, '7')
    expect(await client.next('ready')).toMatchObject({ after: '7', reset: false })
    await telling
    await client.next('unread_count', ({ unread_count }) => unread_count === 150)
    expect(client.positions()).toEqual(range(8, 150))
    client.socket.close()
  })
})
