import { beforeAll, describe, expect, it } from 'vitest'
import { announce } from '../../../src/infra/live-signal.ts'
import { makeSession } from '../../support/account-factory.ts'
import type { TestContext } from '../../support/context.ts'
import { openLive } from '../../support/live-client.ts'
import { readAll, tell } from '../../support/live-factory.ts'
import { type LiveProcess, type LiveProcesses, liveProcesses } from '../../support/live-processes.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'

let processes: LiveProcesses
let one: LiveProcess
let two: LiveProcess
beforeAll(async () => {
  processes = await liveProcesses()
  // Only signals bring anything here.
  one = await processes.start({ sweep: 3_600_000 })
  two = await processes.start({ sweep: 3_600_000 })
  return () => processes.stop()
})

const signIn = ({ ctx, app }: LiveProcess) => makeSession(ctx as TestContext, app)

async function join({ url }: Pick<LiveProcess, 'url'>, access: string) {
  const client = await openLive(url)
  client.say({ type: 'auth', token: access })
  await client.next('ready')
  return client
}

describe('several processes', () => {
  it('tell the sockets that each has, whoever wrote it, and where it was read', async () => {
    const { access, account } = await signIn(one)
    const clients = [await join(one, access), await join(two, access)]
    for (let n = 0; n < 20; n += 1) await tell((n % 2 === 0 ? one : two).ctx, [account.id])
    for (const client of clients) {
      await client.next('unread_count', ({ unread_count }) => unread_count === 20)
      expect(client.positions()).toEqual(Array.from({ length: 20 }, (_, n) => String(n + 1)))
    }
    await readAll(one.ctx, account.id)
    for (const client of clients) await client.next('unread_count', ({ unread_count }) => unread_count === 0)
    for (const client of clients) client.socket.close()
  })

  it('tell more accounts than one message can name', async () => {
    const people = await Promise.all(Array.from({ length: 3 }, () => signIn(one)))
    const clients = await Promise.all(people.map(({ access }) => join(two, access)))
    const strangers = Array.from({ length: 500 }, (_, n) => `0198d1c4-0000-7000-8000-${String(n).padStart(12, '0')}`)
    const [first, middle, last] = people.map(({ account }) => account.id) as [string, string, string]
    await tell(one.ctx, [first, middle, last], { signalled: false })
    const hooks: (() => Promise<void>)[] = []
    announce({ pubsub: one.ctx.pubsub, afterCommit: (hook) => hooks.push(hook) }, [
      first,
      ...strangers.slice(0, 250),
      middle,
      ...strangers.slice(250),
      last,
    ])
    expect(clients.flatMap((client) => client.positions())).toEqual([])
    for (const hook of hooks) await hook()
    for (const client of clients) await client.next('unread_count', ({ unread_count }) => unread_count === 1)
    for (const client of clients) client.socket.close()
  })

  it('bring every socket up to date when the listener is back, though nothing is signalled any more', async () => {
    const redisUrl = processes.services.redisUrl
    const proxy = await startTcpProxy(redisUrl ?? processes.services.databaseUrl)
    const away = await processes.start(
      { sweep: 3_600_000 },
      redisUrl === undefined ? { databaseUrl: proxy.url } : { redisUrl: proxy.url },
    )
    const { access, account } = await signIn(one)
    const client = await join(away, access)
    await proxy.cut()
    await tell(one.ctx, [account.id], { count: 25 })
    await proxy.restore()
    await client.next('unread_count', ({ unread_count }) => unread_count === 25)
    expect(client.positions()).toEqual(Array.from({ length: 25 }, (_, n) => String(n + 1)))
    client.socket.close()
    await proxy.stop()
  })

  it('find what no signal has told by looking for it', async () => {
    const swept = await processes.start({ sweep: 50 })
    const { access, account } = await signIn(swept)
    const client = await join(swept, access)
    await tell(one.ctx, [account.id], { count: 3, signalled: false })
    await client.next('unread_count', ({ unread_count }) => unread_count === 3)
    expect(client.positions()).toEqual(['1', '2', '3'])
    client.socket.close()
  })
})
