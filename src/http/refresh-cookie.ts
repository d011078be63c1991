import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { forbidden } from '../lib/errors.ts'
import { isKnownOrigin } from './origins.ts'

const maxAgeSeconds = 30 * 24 * 60 * 60

/** Only what lies below gets the cookie: refreshing and signing out. */
const path = '/api/v1/auth'

type Settings = Pick<Config, 'PUBLIC_URL' | 'WEB_ORIGINS'>

/** Behind a proxy that is not trusted a request looks like http; PUBLIC_URL knows better. */
export const isSecure = (request: FastifyRequest, config: Settings): boolean =>
  request.protocol === 'https' || (config.PUBLIC_URL?.startsWith('https:') ?? false)

export const refreshCookieName = 'lemonnpie_refresh'

/** Browsers take a cookie with this prefix only over https and marked Secure. `__Host-` would have to go to every path. */
const nameOf = (secure: boolean): string => `${secure ? '__Secure-' : ''}${refreshCookieName}`

const optionsOf = (secure: boolean) => ({ path, httpOnly: true, sameSite: 'strict', secure }) as const

/** Sets the refresh token as a cookie that no script reads and no other site has sent. */
export function setRefreshCookie(request: FastifyRequest, reply: FastifyReply, config: Settings, token: string): void {
  const secure = isSecure(request, config)
  reply.setCookie(nameOf(secure), token, { ...optionsOf(secure), maxAge: maxAgeSeconds })
}

export function clearRefreshCookie(request: FastifyRequest, reply: FastifyReply, config: Settings): void {
  const secure = isSecure(request, config)
  reply.clearCookie(nameOf(secure), optionsOf(secure))
}

/**
 * The refresh token in the cookie. Browsers send cookies unasked, so the page that asks must be one of ours: SameSite
 * lets other hosts of the same site through.
 * @throws AppError 403 when there is a cookie and the Origin is missing, or is nobody's that we know
 */
export function refreshCookieOf(request: FastifyRequest, config: Settings): string | undefined {
  const token = request.cookies[nameOf(isSecure(request, config))]
  if (token === undefined || token === '') return undefined
  const { origin } = request.headers
  if (origin === undefined || !isKnownOrigin(request, config, origin)) {
    throw forbidden({ message: 'The cookie counts only with an Origin header that names a page of ours.' })
  }
  return token
}
