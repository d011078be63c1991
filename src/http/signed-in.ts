import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Role } from '../lib/actor.ts'
import { accessTokenSeconds, signAccessToken } from './access-token.ts'
import { setRefreshCookie } from './refresh-cookie.ts'

/** A session as its tokens are made from it. */
interface Opened<U> {
  readonly user: U
  readonly session_id: string
  readonly kid: string
  readonly refresh_token: string
}

/**
 * The answer to whoever has signed in: the account and its tokens.
 * @param asCookie whether the refresh token goes into a cookie, and not into the answer
 */
export function signedIn<U extends { readonly id: string; readonly email: string; readonly role: Role }>(
  request: FastifyRequest,
  reply: FastifyReply,
  { user, session_id, kid, refresh_token }: Opened<U>,
  asCookie: boolean,
) {
  const { config } = request.ctx
  const { id: sub, email, role } = user
  if (asCookie) setRefreshCookie(request, reply, config, refresh_token)
  reply.header('cache-control', 'no-store')
  return {
    user,
    access_token: signAccessToken(reply, config, { sub, email, role, sid: session_id, kid }),
    refresh_token: asCookie ? null : refresh_token,
    token_type: 'Bearer' as const,
    expires_in: accessTokenSeconds,
  }
}
