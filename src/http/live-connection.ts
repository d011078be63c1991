import type { WebSocket } from 'ws'
import type { Metrics } from '../infra/metrics.ts'
import { type CloseName, closeCodes } from '../lib/live-close.ts'
import type { SignedIn } from './authentication.ts'
import type { LivePolicy } from './live-policy.ts'

/** One socket, with what is known of whoever is behind it. Times are of performance.now(), but for `expiresAt`. */
export interface Connection {
  readonly socket: WebSocket
  readonly openedAt: number
  actor: SignedIn | null
  /** The key that signed its token. */
  kid: string
  /** When its token ends, in milliseconds of the epoch. */
  expiresAt: number
  heardAt: number
  pingAt: number
  /** Messages that it may still send. */
  allowance: number
  allowanceAt: number
  /** Since when it has more unsent than it should; 0 while it has not. */
  fullSince: number
  /** While it is found out who it is, what else it says waits. */
  isAuthenticating: boolean
  hasAsked: boolean
  /** Something about its account has changed meanwhile, so that it is asked for again. */
  recheck: boolean
  readonly waiting: string[]
  /** Why we have closed it. */
  closed: CloseName | null
  /** Called when it has room again. */
  drained: () => void
  /** Given to each send: one function for all of them. */
  flushed: () => void
}

/** What sending and closing need. */
export interface LiveMeans {
  readonly policy: LivePolicy
  readonly metrics: Metrics
}

const open = 1

/** @param jitter where in the interval of pings it starts, 0 to 1: thousands that came together are not pinged together */
export function newConnection(socket: WebSocket, { policy }: LiveMeans, jitter: number): Connection {
  const now = performance.now()
  const connection: Connection = {
    socket,
    openedAt: now,
    actor: null,
    kid: '',
    expiresAt: 0,
    heardAt: now,
    pingAt: now + jitter * policy.ping,
    allowance: policy.burst,
    allowanceAt: now,
    fullSince: 0,
    isAuthenticating: false,
    hasAsked: false,
    recheck: false,
    waiting: [],
    closed: null,
    drained: () => {},
    flushed: () => {
      if (connection.fullSince === 0 || socket.bufferedAmount > policy.full / 2) return
      connection.fullSince = 0
      connection.drained()
    },
  }
  return connection
}

/** Ends a socket with its code. What still waits to be sent goes with it when the other side does not read on. */
export function closeConnection(connection: Connection, name: CloseName): void {
  if (connection.closed !== null) return
  connection.closed = name
  const { code, reason } = closeCodes[name]
  if (connection.socket.readyState === open) connection.socket.close(code, reason)
}

/** Ends a socket with its code, without waiting for an answer to that: what it took of this process is free again. */
export function endConnection(connection: Connection, name: CloseName): void {
  closeConnection(connection, name)
  connection.socket.terminate()
}

/** Sends one frame, or closes a socket of which too much is unsent already. */
export function sendFrame(connection: Connection, { policy, metrics }: LiveMeans, type: string, text: string): void {
  const { socket } = connection
  if (connection.closed !== null || socket.readyState !== open) return
  socket.send(text, connection.flushed)
  metrics.liveFrames.inc({ type })
  const unsent = socket.bufferedAmount
  if (unsent > policy.overfull) closeConnection(connection, 'slow')
  else if (unsent > policy.full && connection.fullSince === 0) connection.fullSince = performance.now()
}

/** Whether one more message is allowed; each second brings some back. */
export function allowMessage(connection: Connection, { policy }: LiveMeans, cost: number): boolean {
  const now = performance.now()
  const earned = ((now - connection.allowanceAt) / 1_000) * policy.perSecond
  connection.allowance = Math.min(policy.burst, connection.allowance + earned) - cost
  connection.allowanceAt = now
  return connection.allowance >= 0
}

/** Closes what is past a deadline, and pings what is due. */
export function inspect(connection: Connection, means: LiveMeans, now: number, ping: string): void {
  const { policy } = means
  if (connection.closed !== null) return
  if (connection.actor === null) {
    if (!connection.hasAsked && now - connection.openedAt > policy.authentication) {
      endConnection(connection, 'auth_timeout')
    }
  } else if (Date.now() >= connection.expiresAt) closeConnection(connection, 'expired')
  else if (now - connection.heardAt > policy.idle) closeConnection(connection, 'idle')
  else if (connection.fullSince > 0 && now - connection.fullSince > policy.slow) closeConnection(connection, 'slow')
  else if (now >= connection.pingAt) {
    connection.pingAt = now + policy.ping
    sendFrame(connection, means, 'ping', ping)
  }
}
