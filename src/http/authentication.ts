import type { FastifyRequest } from 'fastify'
import type { Needs } from '../context.ts'
import { compileHot } from '../infra/hot-query.ts'
import type { Actor } from '../lib/actor.ts'
import { suspensionError } from '../lib/errors.ts'
import { isUuid } from '../lib/schemas.ts'
import { type Authenticate, badCredentials } from './access.ts'
import { type VerifiedToken, verifyAccessToken } from './access-token.ts'
import { findCaller } from './caller.queries.ts'

type Context = Needs<'hot' | 'config'>

const callers = compileHot('findCaller', findCaller)

/**
 * Who asks, by the token in the Authorization header: what the token says of who somebody is is checked with the
 * database on every request, so that whatever ends or changes there counts from the next request on, in every process.
 * @throws AppError 401 for a token that is no good, 403 for a suspended account, 503 while Postgres is away
 */
export const authenticateBySession =
  (ctx: Context): Authenticate =>
  (request) =>
    request.headers.authorization === undefined ? null : callerOf(ctx, request)

/** An actor that has come with a session. */
export type SignedIn = Actor & { readonly sessionId: string }

/** What a token or a cookie of ours says of who brings it. */
export interface SessionClaims {
  readonly sid: string
  readonly sub: string
  /** The key that signed the token; one that was retired takes what was made with it along. */
  readonly kid: string
}

const callerOf = async (ctx: Context, request: FastifyRequest): Promise<SignedIn> =>
  callerBy(ctx, await verifyAccessToken(request))

/**
 * Who brings a token that is well signed and in its time, as the database says at this moment.
 * @throws AppError as above
 */
export async function callerBy(ctx: Context, { claims, kid }: VerifiedToken): Promise<SignedIn> {
  const { sid, sub } = claims
  if (!isUuid(sid)) throw badCredentials()
  return callerOfSession(ctx, { sid, sub, kid })
}

/** @throws AppError 401 when the session, its account or the key is no more, 403 for a suspended account */
export async function callerOfSession(ctx: Context, { sid, sub, kid }: SessionClaims): Promise<SignedIn> {
  const [caller] = await ctx.hot.run(callers, { sid, kid })
  if (!caller?.is_live || !caller.is_key_good || caller.id !== sub) throw badCredentials()
  // Sessions from when DEMO was on.
  if (caller.is_demo && ctx.config.DEMO !== 'on') throw badCredentials()
  if (caller.is_suspended) throw suspensionError(caller)
  return { id: caller.id, role: caller.role, isVerified: caller.is_verified, sessionId: sid }
}
