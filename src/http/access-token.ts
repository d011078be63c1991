import { randomUUID } from 'node:crypto'
import jwt, { type JwtHeader, type TokenOrHeader } from '@fastify/jwt'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { Needs } from '../context.ts'
import { deriveKey } from '../infra/secrets.ts'
import type { Role } from '../lib/actor.ts'
import { AppError, tokenExpired } from '../lib/errors.ts'
import { badCredentials, invalidTokenChallenge } from './access.ts'
import type { App } from './app-type.ts'

/** Seconds that an access token lives. */
export const accessTokenSeconds = 15 * 60

const issuer = 'lemonnpie'
const audience = 'lemonnpie-api'
const algorithm = 'HS256'

/** What an access token says. Role and e-mail are for clients to show; who may do what is asked of the database. */
export interface AccessClaims {
  readonly sub: string
  readonly email: string
  readonly role: Role
  readonly sid: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
}

/** A token that is well signed and in its time, and the name of the key that signed it. */
export interface VerifiedToken {
  readonly claims: AccessClaims
  readonly kid: string
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    user: AccessClaims
  }
}
declare module 'fastify' {
  interface FastifyRequest {
    tokenKid: string | null
  }
}

const kidPattern = /^[A-Za-z0-9_-]{22}$/

/** The key of a name: any process derives it from JWT_SECRET, so a new key needs no telling. */
const keyOf = (config: Needs<'config'>['config'], kid: string): Buffer => deriveKey(config, 'access token', kid)

/** Registers @fastify/jwt: one algorithm, our issuer and audience, and the key that a token's header names. */
export async function acceptAccessTokens(app: App, { config }: Needs<'config'>): Promise<void> {
  const keys = new LRUCache<string, Buffer>({ max: 100, memoMethod: (kid) => keyOf(config, kid) })
  app.decorateRequest('tokenKid', null)
  await app.register(jwt, {
    // As bytes: the plugin keeps a verifier for each key that it gets as text, and for ever.
    secret: async (request: FastifyRequest, token: TokenOrHeader) => {
      // Decoded whole, as asked for below.
      const { kid } = (token as { header: JwtHeader }).header
      if (typeof kid !== 'string' || !kidPattern.test(kid)) throw badCredentials()
      request.tokenKid = kid
      return keys.memo(kid)
    },
    decode: { complete: true },
    verify: {
      algorithms: [algorithm],
      allowedIss: issuer,
      allowedAud: audience,
      requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp', 'iss', 'aud'],
    },
  })
}

/** Signs an access token with @fastify/jwt. */
export const signAccessToken = (
  reply: FastifyReply,
  config: Needs<'config'>['config'],
  { kid, ...claims }: Pick<AccessClaims, 'sub' | 'email' | 'role' | 'sid'> & { readonly kid: string },
): string =>
  reply.server.jwt.sign(claims, {
    algorithm,
    key: keyOf(config, kid),
    kid,
    iss: issuer,
    aud: audience,
    jti: randomUUID(),
    expiresIn: accessTokenSeconds,
  })

/**
 * A token that came otherwise than in a header, if its signature, time, issuer and audience are right.
 * @throws AppError 401 `token_expired` or `unauthorized`
 */
export function verifyBareToken(app: Pick<App, 'jwt'>, { config }: Needs<'config'>, token: string): VerifiedToken {
  try {
    // Throws for what is no token.
    const { header } = app.jwt.decode<{ header: JwtHeader }>(token, { complete: true })!
    const kid: unknown = header.kid
    if (typeof kid !== 'string' || !kidPattern.test(kid)) throw badCredentials()
    return { claims: app.jwt.verify<AccessClaims>(token, { key: keyOf(config, kid) }), kid }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw (error as { code?: string }).code === 'FAST_JWT_EXPIRED'
      ? tokenExpired({ cause: error })
      : badCredentials(error)
  }
}

/**
 * The token in the Authorization header, if its signature, time, issuer and audience are right.
 * @throws AppError 401 `token_expired` or `unauthorized`
 */
export async function verifyAccessToken(request: FastifyRequest): Promise<VerifiedToken> {
  try {
    const claims = await request.jwtVerify<AccessClaims>()
    return { claims, kid: request.tokenKid! }
  } catch (error) {
    if (error instanceof AppError) throw error
    const { code } = error as { code?: string }
    if (code === 'FST_JWT_AUTHORIZATION_TOKEN_EXPIRED') {
      throw tokenExpired({ headers: invalidTokenChallenge, cause: error })
    }
    throw badCredentials(error)
  }
}
