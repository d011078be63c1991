import { beforeAll, describe, expect, it } from 'vitest'
import type { LivePolicy } from '../../src/http/live-policy.ts'
import { makeSession } from '../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'
import { type LiveClient, listen, openLive, refusedLive } from '../support/live-client.ts'
import { tell } from '../support/live-factory.ts'

/** An app over a context of its own, so that its metrics are its own. */
async function alone(live: Partial<LivePolicy>, env: Record<string, string> = {}) {
  const ctx = await testContext({ env: { RATE_LIMIT: 'on', TRUST_PROXY: '127.0.0.1', ...env } })
  const app = await testApp(ctx, { live: { tick: 20, ...live } })
  return { ctx, app, url: await listen(app) }
}

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })

async function join(url: string, token: string, address = '102.89.23.10'): Promise<LiveClient> {
  const client = await openLive(url, from(address))
  client.say({ type: 'auth', token })
  return client
}

const closesOf = async (ctx: TestContext, reason: string): Promise<number> => {
  const { values } = await ctx.metrics.liveCloses.get()
  return values.find(({ labels }) => labels.reason === reason)?.value ?? 0
}

/** Ends open sockets. The server hears of it after the client does, and only then is their place free again. */
async function end(ctx: TestContext, ...clients: readonly LiveClient[]): Promise<void> {
  const open = clients.filter(({ socket }) => socket.readyState === socket.OPEN)
  const lost = await closesOf(ctx, 'lost')
  for (const { socket } of open) socket.terminate()
  await expect.poll(() => closesOf(ctx, 'lost'), { timeout: 10_000 }).toBe(lost + open.length)
}

describe('sockets', () => {
  let made: Awaited<ReturnType<typeof alone>>
  beforeAll(async () => {
    made = await alone({ ofAddress: 4, waitingOfAddress: 2, waitingOfNetwork: 3, ofAccount: 2, waiting: 5 })
    return () => made.ctx[Symbol.asyncDispose]()
  })

  it('of one address that have not said who they are have a bound; a network of IPv6 is one address', async () => {
    const { ctx, url } = made
    const first = await openLive(url, from('2001:db8:1:1::1'))
    const second = await openLive(url, from('2001:db8:1:1:ffff::2'))
    const third = await refusedLive(url, from('2001:db8:1:1::3'))
    expect([third.status, third.body.error, third.headers['retry-after']]).toEqual([429, 'rate_limited', '30'])
    const elsewhere = await openLive(url, from('2001:db8:1:2::1'))
    await end(ctx, first)
    const again = await openLive(url, from('2001:db8:1:1::3'))
    await end(ctx, second, elsewhere, again)
  })

  it('of one address have a bound, also when it is known who they are', async () => {
    const { ctx, app, url } = made
    const people = await Promise.all(Array.from({ length: 4 }, () => makeSession(ctx, app)))
    const clients: LiveClient[] = []
    for (const { access } of people) {
      const client = await join(url, access)
      await client.next('ready')
      clients.push(client)
    }
    expect((await refusedLive(url, from('102.89.23.10'))).status).toBe(429)
    await end(ctx, ...clients)
    await end(ctx, await openLive(url, from('102.89.23.10')))
  })

  it('of one account have a bound, and the one too many is told so', async () => {
    const { ctx, app, url } = made
    const { access } = await makeSession(ctx, app)
    const [first, second] = [await join(url, access), await join(url, access)]
    await Promise.all([first.next('ready'), second.next('ready')])
    const third = await join(url, access)
    expect(await third.closed()).toEqual([4430, 'too_many'])
    await end(ctx, first)
    const fourth = await join(url, access)
    expect(await fourth.next('ready')).toMatchObject({ type: 'ready' })
    await end(ctx, second, fourth)
  })

  it('of a wide network of IPv6 that have not said who they are have a bound', async () => {
    const { ctx, url } = made
    const clients: LiveClient[] = []
    for (let n = 0; n < 3; n += 1) clients.push(await openLive(url, from(`2001:db8:2:${n}::1`)))
    expect((await refusedLive(url, from('2001:db8:2:9::1'))).status).toBe(429)
    const elsewhere = await openLive(url, from('2001:db8:3:1::1'))
    await end(ctx, ...clients, elsewhere)
  })

  it('of the whole process that have not said who they are have a bound, past which the oldest makes room', async () => {
    const { ctx, app, url } = made
    const { access } = await makeSession(ctx, app)
    const known = await join(url, access, '102.89.24.100')
    await known.next('ready')
    const clients: LiveClient[] = []
    for (let n = 0; n < 5; n += 1) clients.push(await openLive(url, from(`102.89.24.${n}`)))
    const late = await join(url, (await makeSession(ctx, app)).access, '102.89.24.9')
    expect((await clients[0]!.closed())[0]).toBe(1006)
    await late.next('ready')
    expect([known, ...clients.slice(1)].map(({ socket }) => socket.readyState)).toEqual([1, 1, 1, 1, 1])
    await end(ctx, known, late, ...clients)
  })

  it('that do not say in time who they are give their place back at once', async () => {
    const { ctx, url } = await alone({ authentication: 60, waitingOfAddress: 1, closing: 60_000 })
    const silent = await openLive(url, from('102.89.24.20'))
    silent.socket.pause()
    await expect.poll(() => closesOf(ctx, 'auth_timeout')).toBe(1)
    await end(ctx, await openLive(url, from('102.89.24.20')))
    silent.socket.terminate()
    await ctx[Symbol.asyncDispose]()
  })

  it('are counted, open and waiting, and by how they ended', async () => {
    const { ctx, app, url } = made
    const { access } = await makeSession(ctx, app)
    const before = await closesOf(ctx, 'left')
    const client = await join(url, access)
    await client.next('ready')
    const waiting = await openLive(url, from('102.89.25.1'))
    const metrics = async () => (await app.inject('/metrics')).body
    await expect.poll(metrics).toMatch(/lemonnpie_live_sockets\{state="open"\} 2/)
    await expect.poll(metrics).toMatch(/lemonnpie_live_sockets\{state="waiting"\} 1/)
    expect(await metrics()).toMatch(/lemonnpie_live_frames_total\{type="ready"\} [1-9]/)
    client.socket.close()
    await client.closed()
    await expect.poll(() => closesOf(ctx, 'left')).toBe(before + 1)
    await end(ctx, waiting)
  })
})

const sentOf = async (ctx: TestContext): Promise<number> =>
  (await ctx.metrics.liveFrames.get()).values.find(({ labels }) => labels.type === 'notification')?.value ?? 0

describe('a slow reader', () => {
  it('has a bounded part of what waits for it in memory, is closed, and resumes without loss', async () => {
    const { ctx, app, url } = await alone({ slow: 400, closing: 15_000 })
    let most = 0
    const looking = setInterval(async () => {
      most = Math.max(most, (await ctx.metrics.liveUnsent.get()).values[0]?.value ?? 0)
    }, 10)
    try {
      const { access, account } = await makeSession(ctx, app)
      // 24 MB, far more than the system's own buffers take.
      for (let n = 0; n < 12; n += 1) await tell(ctx, [account.id], { count: 100, reason: 'x'.repeat(20_000) })
      const client = await openLive(url)
      client.say({ type: 'auth', token: access })
      client.say({ type: 'resume', after: '0' })
      await client.next('notification')
      client.socket.pause()
      // It is told no more than fits, and closed for that it reads nothing.
      await expect.poll(() => most, { timeout: 10_000 }).toBeGreaterThan(64 * 1_024)
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      const sent = await sentOf(ctx)
      expect(sent).toBeLessThan(1_000)
      client.socket.resume()
      expect(await client.closed()).toEqual([4508, 'slow'])
      expect(await sentOf(ctx)).toBe(sent)
      expect(client.positions()).toHaveLength(sent)
      // A page is ten of them: what fills it, and one page more.
      expect(most).toBeLessThan(64 * 1_024 + 10 * 25_000)
      const again = await openLive(url)
      again.say({ type: 'auth', token: access })
      again.say({ type: 'resume', after: client.positions().at(-1) })
      await again.next('notification', ({ id }) => id === '1200')
      expect([...client.positions(), ...again.positions()].map(Number)).toEqual(
        Array.from({ length: 1_200 }, (_, n) => n + 1),
      )
      expect(await closesOf(ctx, 'slow')).toBe(1)
      again.socket.terminate()
    } finally {
      clearInterval(looking)
      await ctx[Symbol.asyncDispose]()
    }
  })

  it('of which there are many has no more than its bounded part each, whatever else is told', async () => {
    const readers = 20
    const { ctx, app, url } = await alone({ slow: 600_000, ofAccount: readers })
    // A page is ten: what fills a socket, and one page more.
    const bound = readers * (64 * 1_024 + 10 * 25_000)
    let most = 0
    const unsent = async () => {
      const now = (await ctx.metrics.liveUnsent.get()).values[0]?.value ?? 0
      most = Math.max(most, now)
      return now
    }
    try {
      const { access, account } = await makeSession(ctx, app)
      const more = () => tell(ctx, [account.id], { count: 100, reason: 'x'.repeat(20_000) })
      for (let n = 0; n < 12; n += 1) await more()
      const deaf = await Promise.all(
        Array.from({ length: readers }, async () => {
          const client = await openLive(url)
          client.say({ type: 'auth', token: access })
          client.say({ type: 'resume', after: '0' })
          await client.next('ready')
          client.socket.pause()
          return client
        }),
      )
      // Each of them is full: then there is more than that unsent, and nothing more is sent.
      await expect.poll(unsent, { timeout: 15_000 }).toBeGreaterThan(readers * 64 * 1_024)
      for (let n = 0; n < 5; n += 1) await more()
      // Somebody who reads is told all the same, and by then the others would have been told more.
      const well = await makeSession(ctx, app)
      const reader = await join(url, well.access)
      await reader.next('ready')
      for (let n = 1; n <= 20; n += 1) {
        await tell(ctx, [account.id, well.account.id])
        await reader.next('notification', ({ id }) => id === String(n))
        await unsent()
      }
      expect(most).toBeLessThan(bound)
      expect(await closesOf(ctx, 'slow')).toBe(0)
      for (const { socket } of [...deaf, reader]) socket.terminate()
    } finally {
      await ctx[Symbol.asyncDispose]()
    }
  }, 60_000)

  it('that has too much unsent already is closed at once', async () => {
    const { ctx, app, url } = await alone({ full: 1_024, overfull: 100_000, slow: 60_000, closing: 100 })
    try {
      const { access, account } = await makeSession(ctx, app)
      await tell(ctx, [account.id], { count: 300, reason: 'x'.repeat(60_000) })
      const client = await openLive(url)
      client.say({ type: 'auth', token: access })
      client.say({ type: 'resume', after: '0' })
      await client.next('ready')
      client.socket.pause()
      await expect.poll(() => closesOf(ctx, 'slow'), { timeout: 10_000 }).toBe(1)
      client.socket.terminate()
    } finally {
      await ctx[Symbol.asyncDispose]()
    }
  })
})

describe('stopping', () => {
  it('tells everybody when to come back, each another time, and does not wait for who reads nothing', async () => {
    const { ctx, app, url } = await alone({ closing: 300 })
    try {
      const people = await Promise.all(Array.from({ length: 12 }, () => makeSession(ctx, app)))
      const clients = await Promise.all(people.map(({ access }, n) => join(url, access, `102.89.26.${n}`)))
      await Promise.all(clients.map((client) => client.next('ready')))
      const waiting = await openLive(url, from('102.89.27.1'))
      const deaf = clients.pop()!
      await tell(ctx, [people.at(-1)!.account.id], { count: 10, reason: 'x'.repeat(1_000_000) })
      deaf.socket.pause()
      app.closing.announce()
      expect((await app.inject('/health/ready')).statusCode).toBe(503)
      const closing = app.close()
      for (const client of [...clients, waiting]) expect(await client.closed()).toEqual([1001, 'restart'])
      const waits = clients.map(({ frames }) => frames.at(-1) as unknown as { type: string; retry_after_ms: number })
      for (const { type, retry_after_ms } of waits) {
        expect(type).toBe('closing')
        expect(retry_after_ms).toBeGreaterThanOrEqual(0)
        expect(retry_after_ms).toBeLessThan(10_000)
      }
      expect(new Set(waits.map(({ retry_after_ms }) => retry_after_ms)).size).toBeGreaterThan(5)
      await closing
      deaf.socket.terminate()
    } finally {
      await ctx[Symbol.asyncDispose]()
    }
  })
})
