import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import {
  connectLive,
  type LiveConnection,
  type LiveOptions,
  type LiveState,
  type TokenReason,
} from '../../client/live.ts'
import type { NotificationView } from '../../src/domains/notifications/notification.schemas.ts'
import type { App } from '../../src/http/app-type.ts'
import { closeCodes } from '../../src/lib/live-close.ts'
import { bearer, makeSession } from '../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'
import { endingIn, listen } from '../support/live-client.ts'
import { readAll, tell } from '../support/live-factory.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

let ctx: TestContext
let app: App
let url: string
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { live: { tick: 20, ping: 400, comeBack: 200 } })
  url = await listen(app)
  return () => ctx[Symbol.asyncDispose]()
})

const range = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, n) => String(from + n))

/** A client and all that it told. */
interface Told {
  readonly live: LiveConnection
  readonly positions: string[]
  readonly counts: number[]
  readonly states: Array<LiveState | `${LiveState} ${number}`>
  readonly asked: TokenReason[]
  resets: number
}

function start(
  options: Partial<LiveOptions<NotificationView>> & { readonly token: LiveOptions<never>['token'] },
): Told {
  const told: Omit<Told, 'live'> = { positions: [], counts: [], states: [], asked: [], resets: 0 }
  const live = connectLive<NotificationView>({
    url,
    leastWait: 20,
    mostWait: 100,
    silence: 1_000,
    ...options,
    token: (why) => {
      told.asked.push(why)
      return options.token(why)
    },
    onNotification: ({ position }, id) => {
      expect(position).toBe(id)
      told.positions.push(position)
    },
    onUnreadCount: (count) => told.counts.push(count),
    onReset: () => {
      told.resets += 1
    },
    onState: (state, code) => told.states.push(code === undefined ? state : `${state} ${code}`),
  })
  return Object.assign(told, { live })
}

const reached = (told: Told, state: LiveState) => expect.poll(() => told.live.state(), { timeout: 10_000 }).toBe(state)

describe('the client', () => {
  it('gets everything once, in order, whatever happens to its connections', async () => {
    const { access, account } = await makeSession(ctx, app)
    const proxy = await startTcpProxy(url)
    const told = start({ url: proxy.url, token: () => access })
    await reached(told, 'live')
    for (let sent = 30; sent <= 300; sent += 30) {
      const telling = (async () => {
        for (let n = 0; n < 6; n += 1) await tell(ctx, [account.id], { count: 5 })
      })()
      await proxy.cut()
      await proxy.restore()
      await telling
      await expect.poll(() => told.positions.length, { timeout: 10_000 }).toBe(sent)
    }
    expect(told.positions).toEqual(range(1, 300))
    expect(told.live.position()).toBe('300')
    expect(told.states.filter((state) => state === 'waiting').length).toBeGreaterThan(3)
    await expect.poll(() => told.counts.at(-1)).toBe(300)
    await readAll(ctx, account.id)
    await expect.poll(() => told.counts.at(-1)).toBe(0)
    told.live.close()
    await proxy.stop()
  })

  it('takes silence for a lost connection', async () => {
    const { access, account } = await makeSession(ctx, app)
    const proxy: TcpProxy = await startTcpProxy(url)
    const told = start({ url: proxy.url, silence: 400, token: () => access })
    await reached(told, 'live')
    proxy.hang()
    await tell(ctx, [account.id], { count: 3 })
    await reached(told, 'waiting')
    await proxy.restore()
    await expect.poll(() => told.positions, { timeout: 10_000 }).toEqual(range(1, 3))
    told.live.close()
    await proxy.stop()
  })

  it('goes on from a position that it was given, and says when that is gone', async () => {
    const { access, account } = await makeSession(ctx, app)
    await tell(ctx, [account.id], { count: 10 })
    const kept = start({ after: '6', token: () => access })
    await expect.poll(() => kept.positions).toEqual(range(7, 10))
    const lost = start({ after: '99', token: () => access })
    await expect.poll(() => lost.resets).toBe(1)
    await tell(ctx, [account.id])
    await expect.poll(() => [kept.positions.at(-1), lost.positions]).toEqual(['11', ['11']])
    for (const { live } of [kept, lost]) live.close()
  })

  it('renews its token on the same connection before it ends', async () => {
    const { access } = await makeSession(ctx, app)
    const told = start({ token: (why) => endingIn(ctx, access, why === 'first' ? 3 : 900) })
    await reached(told, 'live')
    await expect.poll(() => told.asked, { timeout: 5_000 }).toEqual(['first', 'expiring'])
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(told.states).toEqual(['live'])
    told.live.close()
  })

  it('renews by how long the server says a token has, whatever its own clock says', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    const heard: string[] = []
    server.on('connection', (socket) => {
      const long = { expires_at: '2001-01-01T00:00:00.000Z', expires_in_ms: 900_000 }
      socket.on('message', (data) => {
        heard.push(JSON.parse(data.toString()).type)
        if (heard.length > 1) return
        socket.send(JSON.stringify({ type: 'ready', last: '0', after: '0', reset: false, unread_count: 0, ...long }))
        setTimeout(() => socket.send('{"type":"ping"}'), 100)
      })
    })
    await once(server, 'listening')
    const told = start({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, token: () => 'a' })
    await expect.poll(() => heard.length).toBe(2)
    expect([heard, told.asked]).toEqual([['auth', 'pong'], ['first']])
    told.live.close()
    server.close()
  })

  it('loses nothing when `resume` comes after the first `ready`', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    server.on('connection', (socket) => {
      const say = (frame: object) => socket.send(JSON.stringify(frame))
      const ready = (after: string, last: string) =>
        say({ type: 'ready', last, after, reset: false, unread_count: 0, expires_in_ms: 900_000 })
      const told = (position: string) => say({ type: 'notification', id: position, notification: { position } })
      socket.on('message', (data) => {
        const { type } = JSON.parse(data.toString())
        if (type === 'auth') {
          ready('60', '60')
          told('61')
        }
        if (type !== 'resume') return
        ready('57', '61')
        for (const position of range(58, 61)) told(position)
      })
    })
    await once(server, 'listening')
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
    const told = start({ url, after: '57', token: () => 'a' })
    await expect.poll(() => told.positions).toEqual(range(58, 61))
    expect(told.states).toEqual(['live'])
    told.live.close()
    server.close()
  })

  it('asks for a fresh token when its own is refused, and never sends one again that was', async () => {
    const { access, headers, account } = await makeSession(ctx, app)
    const second = await makeSession(ctx, app, account)
    let next: string | null = second.access
    const told = start({ token: (why) => (why === 'first' ? access : next) })
    await reached(told, 'live')
    await app.inject({ method: 'POST', url: '/api/v1/auth/logout', headers })
    await expect.poll(() => told.asked).toEqual(['first', 'refused'])
    await reached(told, 'live')
    next = second.access
    await app.inject({ method: 'POST', url: '/api/v1/auth/logout', headers: bearer(second.access) })
    await reached(told, 'signed_out')
    expect(told.asked).toEqual(['first', 'refused', 'refused'])
  })

  it('is signed out where there is no token', async () => {
    const told = start({ token: () => null })
    await reached(told, 'signed_out')
    expect(told.states).toEqual(['signed_out'])
  })

  it('tries again when a token could not be asked for', async () => {
    const { access } = await makeSession(ctx, app)
    let times = 0
    const told = start({
      token: async () => {
        times += 1
        if (times < 3) throw new Error('no network')
        return access
      },
    })
    await reached(told, 'live')
    expect(times).toBe(3)
    told.live.close()
  })

  it('stays away when its account is suspended', async () => {
    const { access, account } = await makeSession(ctx, app)
    const told = start({ token: () => access })
    await reached(told, 'live')
    await ctx.db.updateTable('users').set({ suspended_at: sql`now()` }).where('id', '=', account.id).execute()
    await reached(told, 'refused')
    expect(told.states.at(-1)).toBe('refused 4403')
  })

  it('comes back to another server when one stops, without loss', async () => {
    const { access, account } = await makeSession(ctx, app)
    const stopping = await testApp(ctx, { live: { tick: 20, comeBack: 200 } })
    const proxy = await startTcpProxy(await listen(stopping))
    const port = Number(new URL(proxy.url).port)
    const told = start({ url: proxy.url, token: () => access })
    await reached(told, 'live')
    await tell(ctx, [account.id], { count: 2 })
    await expect.poll(() => told.positions.length).toBe(2)
    await stopping.close()
    await proxy.stop()
    await tell(ctx, [account.id], { count: 3 })
    const next = await testApp(ctx)
    await next.listen({ host: '127.0.0.1', port })
    await expect.poll(() => told.positions, { timeout: 10_000 }).toEqual(range(1, 5))
    told.live.close()
  })

  it('says nothing more once it is closed', async () => {
    const { access, account } = await makeSession(ctx, app)
    const told = start({ token: () => access })
    await reached(told, 'live')
    told.live.close()
    expect(told.states.at(-1)).toBe('closed')
    await tell(ctx, [account.id])
    const other = start({ after: '0', token: () => access })
    await expect.poll(() => other.positions).toEqual(['1'])
    expect(told.positions).toEqual([])
    other.live.close()
  })

  it('does after each close code what the server’s table says', () => {
    const source = readFileSync('client/live.ts', 'utf8')
    const setOf = (name: string) =>
      /\[([\d, ]+)\]/
        .exec(source.split(`const ${name}`)[1]!)![1]!
        .split(', ')
        .map(Number)
    const codes = (after: string) =>
      Object.values(closeCodes)
        .filter((one) => one.after === after)
        .map(({ code }) => code)
    expect(setOf('refreshCodes')).toEqual(codes('refresh'))
    expect(setOf('stopCodes')).toEqual(codes('stop'))
  })
})
