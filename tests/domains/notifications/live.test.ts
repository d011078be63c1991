import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { openLiveFeeds } from '../../../src/domains/notifications/live.service.ts'
import type { App } from '../../../src/http/app-type.ts'
import { announce } from '../../../src/infra/live-signal.ts'
import { inTx } from '../../../src/infra/tx.ts'
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

/** A socket of somebody who is signed in; `after` is sent right behind `auth`. */
async function join(access: string, after?: string): Promise<LiveClient> {
  const client = await openLive(url)
  client.say({ type: 'auth', token: access })
  if (after !== undefined) client.say({ type: 'resume', after })
  return client
}

const unread = (client: LiveClient, count: number) =>
  client.next('unread_count', ({ unread_count }) => unread_count === count)

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
      expires_in_ms: expect.any(Number),
    })
    for (let n = 0; n < 5; n += 1) await tell(ctx, [account.id], { count: 3 })
    await unread(client, 17)
    expect(client.positions()).toEqual(range(3, 17))
    const [first] = client.frames.filter(({ type }) => type === 'notification')
    expect(first).toMatchObject({ id: '3', notification: { position: '3', type: 'system', reason: 'a word' } })
    client.socket.close()
  })

  it('tells only its own account, and what was never told to anybody is a list from 0', async () => {
    const [ada, bola] = [await makeSession(ctx, app), await makeSession(ctx, app)]
    const client = await join(ada.access)
    expect(await client.next('ready')).toMatchObject({ last: '0', unread_count: 0 })
    await tell(ctx, [bola.account.id], { reason: 'for Bola alone' })
    await tell(ctx, [ada.account.id], { reason: 'for Ada' })
    await unread(client, 1)
    expect(JSON.stringify(client.frames)).not.toContain('Bola')
    client.socket.close()
  })

  it('leaves out what is not wanted live, and goes on behind it', async () => {
    const { access, account } = await makeSession(ctx, app)
    const client = await join(access)
    await client.next('ready')
    await tell(ctx, [account.id], { count: 2, live: false })
    await tell(ctx, [account.id])
    await unread(client, 3)
    expect(client.positions()).toEqual(['3'])
    client.socket.close()
  })
})

describe('resuming', () => {
  it('brings what was missed in order, then what is new, without gaps or repeats, while more is told', async () => {
    const { access, account } = await makeSession(ctx, app)
    await tell(ctx, [account.id], { count: 120 })
    const telling = (async () => {
      for (let n = 0; n < 30; n += 1) await tell(ctx, [account.id])
    })()
    const client = await join(access, '7')
    expect(await client.next('ready')).toMatchObject({ after: '7', reset: false })
    await telling
    await unread(client, 150)
    expect(client.positions()).toEqual(range(8, 150))
    expect(client.frames.filter(({ type }) => type === 'ready')).toHaveLength(1)
    client.socket.close()
  })

  it('goes back when it comes late, and says so before', async () => {
    const { access, account } = await makeSession(ctx, app)
    const client = await join(access)
    await client.next('ready')
    await tell(ctx, [account.id], { count: 12 })
    await unread(client, 12)
    client.say({ type: 'resume', after: '9' })
    expect(await client.next('ready')).toMatchObject({ last: '12', after: '9', reset: false })
    await client.next('notification', ({ id }) => id === '12')
    expect(client.positions()).toEqual([...range(1, 12), ...range(10, 12)])
    client.socket.close()
  })

  it('says plainly when what was missed was pruned, and goes on with what is new', async () => {
    const { access, account } = await makeSession(ctx, app)
    await tell(ctx, [account.id], { count: 30 })
    await sql`update notifications set updated_at = now() - interval '400 days'
      where user_id = ${account.id}::uuid and position <= 20`.execute(ctx.db)
    await sql`delete from notifications where user_id = ${account.id}::uuid and position <= 20`.execute(ctx.db)
    const old = await join(access, '19')
    expect(await old.next('ready')).toMatchObject({ last: '30', after: '30', reset: true })
    const recent = await join(access, '20')
    expect(await recent.next('ready')).toMatchObject({ after: '20', reset: false })
    await tell(ctx, [account.id])
    await Promise.all([unread(old, 31), unread(recent, 31)])
    expect(old.positions()).toEqual(['31'])
    expect(recent.positions()).toEqual(range(21, 31))
    for (const client of [old, recent]) client.socket.close()
  })

  it('takes what a person deletes for no gap', async () => {
    const { access, account } = await makeSession(ctx, app)
    await tell(ctx, [account.id], { count: 5 })
    await sql`delete from notifications where user_id = ${account.id}::uuid and position in (2, 4)`.execute(ctx.db)
    const client = await join(access, '0')
    expect(await client.next('ready')).toMatchObject({ after: '0', reset: false })
    await client.next('notification', ({ id }) => id === '5')
    expect(client.positions()).toEqual(['1', '3', '5'])
    client.socket.close()
  })

  it('begins anew where a position was never given', async () => {
    const { access, account } = await makeSession(ctx, app)
    await tell(ctx, [account.id], { count: 3 })
    for (const after of ['4', '9223372036854775807']) {
      const client = await join(access, after)
      expect(await client.next('ready')).toMatchObject({ last: '3', after: '3', reset: true })
      client.socket.close()
    }
  })
})

describe('several tabs', () => {
  it('are told the same, and reading in one brings the count to the others', async () => {
    const { access, account } = await makeSession(ctx, app)
    const tabs = await Promise.all([join(access), join(access), join(access)])
    await Promise.all(tabs.map((tab) => tab.next('ready')))
    await tell(ctx, [account.id], { count: 4 })
    await Promise.all(tabs.map((tab) => unread(tab, 4)))
    await readAll(ctx, account.id)
    await Promise.all(tabs.map((tab) => unread(tab, 0)))
    for (const tab of tabs) expect(tab.positions()).toEqual(range(1, 4))
    for (const tab of tabs) tab.socket.close()
  })
})

describe('many accounts at once', () => {
  it('are read together, and an account once for all of its sockets', async () => {
    const people = await Promise.all(Array.from({ length: 40 }, () => makeSession(ctx, app)))
    const clients = await Promise.all(people.flatMap(({ access }) => [join(access), join(access)]))
    await Promise.all(clients.map((client) => client.next('ready')))
    const count = async () => {
      const { values } = await ctx.metrics.queryDuration.get()
      return values.find(({ metricName, labels }) => metricName?.endsWith('_count') && labels.query === 'readFeeds')!
        .value
    }
    const before = await count()
    await tell(
      ctx,
      people.map(({ account }) => account.id),
    )
    await Promise.all(clients.map((client) => unread(client, 1)))
    // 10 at a time.
    expect((await count()) - before).toBe(4)
    for (const client of clients) client.socket.close()
  })
})

describe('the lag', () => {
  it('is from when a notification was told to its frame, once for each, and not of what was missed', async () => {
    const observed = async () => {
      const { values } = await ctx.metrics.liveLag.get()
      const of = (end: string) => values.find(({ metricName }) => metricName?.endsWith(end))?.value ?? 0
      return { count: of('_count'), sum: of('_sum') }
    }
    const { access, account } = await makeSession(ctx, app)
    const tabs = [await join(access), await join(access)]
    for (const tab of tabs) await tab.next('ready')
    const before = await observed()
    const began = Date.now()
    await tell(ctx, [account.id], { count: 3, signalled: false })
    // As if nothing had signalled it for so long.
    await sql`update notifications set updated_at = now() - interval '100 seconds' where user_id = ${account.id}`.execute(
      ctx.db,
    )
    await inTx(ctx, async (tx) => announce(tx, [account.id]))
    for (const tab of tabs) await unread(tab, 3)
    const late = await join(access, '0')
    await late.next('notification', ({ id }) => id === '3')
    const after = await observed()
    const took = (Date.now() - began) / 1_000
    expect(after.count - before.count).toBe(3)
    expect(after.sum - before.sum).toBeGreaterThan(299)
    expect(after.sum - before.sum).toBeLessThan(3 * (100 + took) + 1)
    for (const { socket } of [...tabs, late]) socket.close()
  })
})

describe('an account that cannot be told', () => {
  it('keeps nobody else waiting, and is told once it can be', async () => {
    const people = await Promise.all([makeSession(ctx, app), makeSession(ctx, app)])
    const [brokenId, wellId] = people.map(({ account }) => account.id).sort() as [string, string]
    const feeds = openLiveFeeds(ctx, 100)
    const sent: string[] = []
    let isBroken = true
    const peerOf = (userId: string) => ({
      userId,
      expiresAt: () => Date.now() + 1_000,
      isFull: () => false,
      send: (type: string) => {
        if (userId === brokenId && isBroken) throw new Error('it cannot be told')
        sent.push(`${userId} ${type}`)
      },
    })
    // Within the milliseconds in which they are gathered, so that one statement reads both, the broken one first.
    feeds.join(peerOf(brokenId))
    feeds.join(peerOf(wellId))
    await expect.poll(() => sent).toEqual([`${wellId} ready`])
    isBroken = false
    await expect.poll(() => sent).toEqual([`${wellId} ready`, `${brokenId} ready`])
    await feeds.close()
  })
})
