import rateLimit, { type FastifyRateLimitStoreCtor, normalizeIP, type RateLimitOptions } from '@fastify/rate-limit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Needs } from '../context.ts'
import { rateLimited } from '../lib/errors.ts'
import type { App } from './app-type.ts'
import { limitStore } from './limit-store.ts'

const minute = 60_000

export interface LimitPolicy extends RateLimitOptions {
  readonly name: string
  readonly max: number
  readonly timeWindow: number
}

const policy = (name: string, max: number, timeWindow: number): LimitPolicy => ({ name, max, timeWindow })

/**
 * How often one account, or one address without an account, may do what: requests per window of milliseconds. Routes
 * with the same policy share one count. Reading is generous, since a mobile carrier puts thousands of people behind one
 * address.
 */
export const limits = {
  /** Reading: what a route that names no policy gets for GET. */
  read: policy('read', 3_000, minute),
  /** Searches and suggestions, which are sent while typing. */
  search: policy('search', 1_800, minute),
  /** Writing: what a route that names no policy gets for other methods. */
  write: policy('write', 120, minute),
  /** Sign-in, registration, password resets: whatever may be guessed. */
  credentials: policy('credentials', 10, minute),
  /** Paths and methods that do not exist. */
  unknown: policy('unknown', 300, minute),
} as const

/** Counts a request that no route takes. Rejects with a 429 when there are too many. */
export type UnknownLimit = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

const subnetBits = 64

/** Whom a request is counted for: the account, else the address, where a household's IPv6 network is one. */
export const limitKey = (request: Pick<FastifyRequest, 'actor' | 'ip'>): string =>
  request.actor ? `user:${request.actor.id}` : `address:${normalizeIP(request.ip, subnetBits)}`

/**
 * Counts requests and refuses those over their route's policy. With RATE_LIMIT=off nothing is registered.
 * @returns the counter for requests that no route takes, if any
 */
export async function limitRequests(
  app: App,
  ctx: Needs<'config' | 'redis' | 'metrics'>,
): Promise<UnknownLimit | undefined> {
  if (ctx.config.RATE_LIMIT === 'off') return undefined
  app.addHook('onRoute', (route) => {
    const reads = route.method === 'GET' || route.method === 'HEAD'
    const fallback = route.config?.operational ? false : reads ? limits.read : limits.write
    route.config = { rateLimit: fallback, ...route.config }
  })
  await app.register(rateLimit, {
    enableDraftSpec: true,
    keyGenerator: limitKey,
    store: limitStore(ctx) as unknown as FastifyRateLimitStoreCtor,
    errorResponseBuilder: () => rateLimited(),
  })
  return app.rateLimit(limits.unknown) as unknown as UnknownLimit
}
