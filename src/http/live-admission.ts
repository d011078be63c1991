import type { ServerResponse } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { Needs } from '../context.ts'
import { defineError, rateLimited } from '../lib/errors.ts'
import { addressKey, networkKey } from './limits.ts'
import type { Seat, Seats } from './live-seats.ts'
import { isKnownOrigin } from './origins.ts'

export const upgradeRequired = defineError('upgrade_required', 426, 'Only a WebSocket opens here.')
const originNotAllowed = defineError('origin_not_allowed', 403, 'Pages of this origin may not open a live socket.')

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a request that is to become a live socket. */
    seat: Seat | null
    /** The answer that it would have had. */
    opening: ServerResponse | null
  }
}

/** The seat that an upgrade was given; it is left when the connection ends, whatever became of the upgrade. */
function takeSeat(request: FastifyRequest, seats: Seats): Seat {
  const { socket } = request.raw
  const origin = { address: addressKey(request), network: networkKey(request) }
  const seat = seats.take(origin, () => socket.destroy())
  if (seat === null) {
    throw rateLimited({
      message: 'This address has as many live sockets as it may.',
      headers: { 'retry-after': '30' },
    })
  }
  if (socket.destroyed) seat.leave()
  else socket.once('close', seat.leave)
  return seat
}

/**
 * Lets a request become a socket, or refuses it while it is one of HTTP, with a status that says why. Browsers let any
 * page open a socket to anywhere and say only in Origin whose it is; programs send none.
 * @throws AppError 403, 426, 429
 */
export function admit({ config }: Needs<'config'>, seats: Seats, request: FastifyRequest): Seat {
  const { origin } = request.headers
  if (!request.ws) throw upgradeRequired({ headers: { upgrade: 'websocket', connection: 'Upgrade' } })
  if (origin !== undefined && !isKnownOrigin(request, config, origin)) throw originNotAllowed()
  return takeSeat(request, seats)
}
