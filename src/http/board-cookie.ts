import { createHmac, timingSafeEqual } from 'node:crypto'
import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Needs } from '../context.ts'
import { deriveKey } from '../infra/secrets.ts'
import type { Actor } from '../lib/actor.ts'
import { type AppError, forbidden } from '../lib/errors.ts'
import { refusal } from './access.ts'
import { callerOfSession, type SessionClaims } from './authentication.ts'
import { boardPath } from './job-board.ts'
import { ownOrigins } from './origins.ts'
import { isSecure } from './refresh-cookie.ts'

/** Seconds that the board stays open. */
const boardSeconds = 15 * 60

type Config = Needs<'config'>['config']

const nameOf = (secure: boolean): string => `${secure ? '__Secure-' : ''}lemonnpie_board`

const sign = (config: Config, payload: string): string =>
  createHmac('sha256', deriveKey(config, 'job board cookie')).update(payload).digest('base64url')

/** Opens the board to this browser: a cookie that no script reads, no other site has sent and no other path gets. */
export function setBoardCookie(request: FastifyRequest, reply: FastifyReply, claims: SessionClaims): void {
  const { config } = request.ctx
  const exp = Math.floor(Date.now() / 1_000) + boardSeconds
  const payload = Buffer.from(JSON.stringify({ ...claims, exp })).toString('base64url')
  const secure = isSecure(request, config)
  const options = { path: boardPath, httpOnly: true, sameSite: 'strict', secure, maxAge: boardSeconds } as const
  reply.setCookie(nameOf(secure), `${payload}.${sign(config, payload)}`, options)
}

/** What the cookie says, if we have written it and it is in its time. */
function claimsOf(request: FastifyRequest): SessionClaims | null {
  const { config } = request.ctx
  const [payload = '', signature = '', ...more] = (request.cookies[nameOf(isSecure(request, config))] ?? '').split('.')
  const [given, right] = [Buffer.from(signature), Buffer.from(sign(config, payload))]
  if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return null
  const { exp, ...claims } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as SessionClaims & { exp: number }
  return exp > Date.now() / 1_000 ? claims : null
}

const closed = (options = {}): AppError => forbidden({ message: `Open the board at ${boardPath} first.`, ...options })

/**
 * Who has opened the board. Session, account, role and key are looked up for every request, as they are for a token.
 * @throws AppError 403 for whoever is no administrator at this moment, 503
 */
export async function boardActorOf(request: FastifyRequest): Promise<Actor> {
  const claims = claimsOf(request)
  if (!claims) throw closed()
  const actor = await callerOfSession(request.ctx, claims).catch((error) => {
    // A 401 would ask for a token, of which the board takes none.
    throw error.status === 401 ? closed({ cause: error }) : error
  })
  const refused = refusal(actor, 'admin')
  if (refused) throw refused
  return actor
}

/** Browsers send cookies unasked: whatever changes something must come from a page of ours. @throws AppError 403 */
export function requireOwnPage(request: FastifyRequest): void {
  const { origin } = request.headers
  if (origin === undefined || !ownOrigins(request, request.ctx.config).includes(origin))
    throw forbidden({ message: 'This takes an Origin header that names a page of ours.' })
}
