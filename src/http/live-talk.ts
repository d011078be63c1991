import type { WebSocket } from 'ws'
import type { Ctx } from '../context.ts'
import type { CloseName } from '../lib/live-close.ts'
import type { App } from './app-type.ts'
import { type Accounts, authenticateConnection, strike } from './live-authentication.ts'
import {
  allowMessage,
  type Connection,
  closeConnection,
  endConnection,
  type LiveMeans,
  newConnection,
  sendFrame,
} from './live-connection.ts'
import type { LiveHandlers, Peer } from './live-handlers.ts'
import type { Seat } from './live-seats.ts'

/** What a socket is talked with. */
export interface Talk<Other extends { readonly type: string }> {
  readonly app: Pick<App, 'jwt'>
  readonly ctx: Ctx
  readonly means: LiveMeans
  readonly handlers: LiveHandlers<Other>
  readonly connections: Set<Connection>
  readonly accounts: Accounts
  /** Asks again whether somebody is still good. */
  readonly recheck: (connection: Connection) => void
}

/** Messages that make the server ask the database count for more. */
const costOf = (type: string): number => (type === 'pong' ? 1 : 5)

/** How a socket ended, for the metrics: by which of our codes, by the client, or without a word. */
const endOf = ({ closed }: Connection, code: number): string => closed ?? (code === 1006 ? 'lost' : 'left')

const protocolErrors: Readonly<Record<string, 'too_big' | 'too_split' | 'bad_text'>> = {
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'too_split',
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'too_big',
  WS_ERR_INVALID_UTF8: 'bad_text',
}

/** Listens to a socket until it is closed: `auth` first, then whatever the handlers understand. */
export function talkTo<Other extends { readonly type: string }>(
  { app, ctx, means, handlers, connections, accounts, recheck }: Talk<Other>,
  socket: WebSocket,
  seat: Seat,
): void {
  const connection = newConnection(socket, means, Math.random())
  let peer: Peer | null = null
  connections.add(connection)

  const peerOf = (userId: string): Peer => ({
    userId,
    expiresAt: () => connection.expiresAt,
    send: (type, text) => sendFrame(connection, means, type, text),
    isFull: () => connection.fullSince > 0,
    close: (name) => closeConnection(connection, name),
  })

  async function authenticate(token: string): Promise<void> {
    connection.isAuthenticating = true
    connection.hasAsked = true
    const refused = await authenticateConnection(app, ctx, { accounts, seat }, connection, token)
    connection.isAuthenticating = false
    if (refused !== null) closeConnection(connection, refused)
    else if (connections.has(connection) && connection.actor !== null) welcome(connection.actor.id)
  }

  function welcome(userId: string): void {
    if (peer !== null) handlers.renewed(peer)
    else {
      const joining = peerOf(userId)
      peer = joining
      connection.drained = () => handlers.drained(joining)
      handlers.joined(joining)
    }
    if (connection.recheck) recheck(connection)
    connection.recheck = false
    for (const text of connection.waiting.splice(0)) hear(text)
  }

  /** @returns why the socket is to be closed, if it is */
  function take(text: string): CloseName | null {
    if (connection.isAuthenticating) {
      connection.waiting.push(text)
      // More than may be sent at once has no need to wait.
      return connection.waiting.length > means.policy.burst ? 'too_fast' : null
    }
    const frame = handlers.parse(text)
    if (frame === null) return 'bad_frame'
    if (!allowMessage(connection, means, costOf(frame.type))) return 'too_fast'
    if (frame.type === 'auth') void authenticate((frame as { readonly token: string }).token)
    else if (peer === null) return 'bad_frame'
    else if (frame.type !== 'pong') handlers.received(peer, frame as Other)
    return null
  }

  function hear(text: string): void {
    const wrong = connection.closed === null ? take(text) : null
    if (wrong !== null) closeConnection(connection, wrong)
  }

  socket.on('message', (data, isBinary) => {
    connection.heardAt = performance.now()
    if (isBinary) closeConnection(connection, 'binary')
    else hear(data.toString())
  })
  /** Pings are answered and pongs read; whoever sends more of them than of messages hears no more of us. */
  function bear(): void {
    if (connection.closed !== null || allowMessage(connection, means, 1)) return
    endConnection(connection, 'too_fast')
  }
  socket.on('ping', bear)
  socket.on('pong', bear)
  // That of the plugin would keep the request of the upgrade for as long as the socket lives.
  socket.removeAllListeners('error')
  socket.on('error', (error: Error & { code?: string }) => {
    connection.closed ??= protocolErrors[error.code ?? ''] ?? null
  })
  socket.on('close', (code) => {
    connections.delete(connection)
    means.metrics.liveCloses.inc({ reason: endOf(connection, code) })
    if (connection.actor !== null) strike(accounts, connection.actor.id, connection)
    if (peer !== null) handlers.left(peer)
  })
}
