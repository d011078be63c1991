import { setImmediate as nextTurn } from 'node:timers/promises'
import websocket from '@fastify/websocket'
import type { FastifySchema } from 'fastify'
import type { Ctx } from '../context.ts'
import type { App } from './app-type.ts'
import { limits } from './limits.ts'
import { admit, upgradeRequired } from './live-admission.ts'
import type { Accounts } from './live-authentication.ts'
import { type Connection, closeConnection, inspect, type LiveMeans, sendFrame } from './live-connection.ts'
import type { LiveHandlers } from './live-handlers.ts'
import { type LivePolicy, livePolicy } from './live-policy.ts'
import { openSeats } from './live-seats.ts'
import { type SessionWatch, watchSessions } from './live-sessions.ts'
import { type Talk, talkTo } from './live-talk.ts'
import { limitHandshake } from './live-upgrade.ts'

export type LiveCtx = Ctx

export interface LiveRoute<Other> {
  readonly path: string
  readonly schema: FastifySchema
  readonly handlers: LiveHandlers<Other>
  readonly policy?: Partial<LivePolicy> | undefined
}

/** Sockets that are told to come back before others get their turn. */
const batch = 200

/** Tells everybody when to come back, each another time, then closes. */
async function sendAway(
  connections: ReadonlySet<Connection>,
  means: LiveMeans,
  closing: LiveHandlers<never>['closing'],
): Promise<void> {
  let told = 0
  for (const connection of [...connections]) {
    if (connection.actor !== null) {
      sendFrame(connection, means, 'closing', closing(Math.floor(Math.random() * means.policy.comeBack)))
    }
    closeConnection(connection, 'restart')
    told += 1
    if (told % batch === 0) await nextTurn()
  }
  const deadline = performance.now() + means.policy.closing
  while (connections.size > 0 && performance.now() < deadline) await new Promise((next) => setTimeout(next, 10))
  for (const { socket } of connections) socket.terminate()
}

/**
 * A route that opens a WebSocket, whose first message is `auth`. permessage-deflate stays off: it costs four times the
 * processor time in fan-out and some 300 KB a socket, and frames of ours are small.
 */
export function serveLive<Other extends { readonly type: string }>(
  app: App,
  ctx: Ctx,
  { path, schema, handlers, policy: shortened }: LiveRoute<Other>,
): void {
  const policy: LivePolicy = { ...livePolicy, ...shortened }
  const means: LiveMeans = { policy, metrics: ctx.metrics }
  const seats = openSeats(policy, ctx.config.RATE_LIMIT === 'on')
  const connections = new Set<Connection>()
  const accounts: Accounts = new Map()
  let watch: SessionWatch | undefined
  let timers: NodeJS.Timeout[] = []
  let closing = false

  const talk: Talk<Other> = {
    app,
    ctx,
    means,
    handlers,
    connections,
    accounts,
    recheck: (connection) => void watch?.check([connection]),
  }

  function look(): void {
    const now = performance.now()
    let unsent = 0
    for (const connection of connections) {
      inspect(connection, means, now, handlers.ping)
      unsent += connection.socket.bufferedAmount
    }
    ctx.metrics.liveSockets.set({ state: 'waiting' }, seats.waiting())
    ctx.metrics.liveSockets.set({ state: 'open' }, connections.size)
    ctx.metrics.liveUnsent.set(unsent)
  }

  /** Nothing runs before the first socket. */
  function start(): void {
    if (timers.length > 0) return
    watch = watchSessions(
      ctx,
      () => connections,
      (userId) => accounts.get(userId) ?? [],
    )
    const repeat = (work: () => void, every: number) => setInterval(work, every).unref()
    timers = [repeat(look, policy.tick), repeat(() => void watch!.check(), policy.sessions)]
  }

  // maxFragments and closeTimeout are newer than the types.
  const options = {
    maxPayload: policy.message,
    maxFragments: policy.fragments,
    perMessageDeflate: false,
    closeTimeout: policy.closing,
  }
  app.register(async (scope: App) => {
    scope.server.on('upgrade', limitHandshake)
    await scope.register(websocket, {
      options,
      preClose: async () => {
        closing = true
        timers.forEach(clearInterval)
        await sendAway(connections, means, handlers.closing)
        await watch?.close()
      },
    })
    scope.decorateRequest('seat', null)
    scope.decorateRequest('opening', null)
    scope.route({
      method: 'GET',
      url: path,
      config: { access: 'public', rateLimit: limits.live },
      schema,
      preHandler: async (request, reply) => {
        request.seat = admit(ctx, seats, request)
        request.opening = reply.raw
      },
      handler: async () => {
        throw upgradeRequired()
      },
      wsHandler: (socket, { seat, raw, opening }) => {
        start()
        // Nobody answers it any more, and the socket would keep it and its request for as long as it lives.
        opening!.detachSocket(raw.socket)
        talkTo(talk, socket, seat!)
        // Let in by the last request before the closing, which has told the others.
        if (closing) socket.close(1001, 'restart')
      },
    })
  })
}
