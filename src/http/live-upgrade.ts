import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** Where the live socket is. */
export const livePath = '/api/v1/notifications/ws'

/**
 * Whether a request may become another protocol: only one for the live socket. What else asks for it, as curl does for
 * HTTP/2, is answered as if it had not.
 */
export const mayUpgrade = ({ method, url, headers }: IncomingMessage): boolean =>
  method === 'GET' && url?.split('?', 1)[0] === livePath && headers.upgrade?.toLowerCase() === 'websocket'

const handshakeMilliseconds = 10_000

function giveUp(this: Socket): void {
  this.destroy()
}

/** Node keeps no time of a connection that asks to be another one; ws takes this off once it is a socket. */
export const limitHandshake = (_request: IncomingMessage, socket: Socket): void =>
  void socket.setTimeout(handshakeMilliseconds, giveUp)
