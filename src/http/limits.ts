import rateLimit, { type FastifyRateLimitStoreCtor, normalizeIP, type RateLimitOptions } from '@fastify/rate-limit'
import type { FastifyReply, FastifyRequest, preHandlerAsyncHookHandler, RouteOptions } from 'fastify'
import type { Needs } from '../context.ts'
import { addressOf } from '../lib/client.ts'
import { rateLimited } from '../lib/errors.ts'
import { accountKey } from './account-key.ts'
import type { App } from './app-type.ts'
import { type LimitName, type LimitPolicy, limitPolicies } from './limit-policies.ts'
import { limitStore } from './limit-store.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Counts requests also for the account that `body.email` names. */
    accountLimit?: AccountLimit
  }
}

const subnetBits = 64
const networkBits = 48

function keyOf(ip: string, bits: number): string {
  const address = addressOf(ip)
  return `address:${address === null ? 'none' : normalizeIP(address, bits)}`
}

type Asking = Pick<FastifyRequest, 'actor' | 'ip'>

/**
 * The address, where a household's IPv6 network is one, and an IPv4 address is one however it is written. What is no
 * address counts as one together, or making some up would be a way around every limit.
 */
export const addressKey = ({ ip }: Pick<FastifyRequest, 'ip'>): string => keyOf(ip, subnetBits)

/** The same, where the IPv6 network that one customer of a provider may have as many of those in is one. */
export const networkKey = ({ ip }: Pick<FastifyRequest, 'ip'>): string => keyOf(ip, networkBits)

/** Whom a request is counted for: the account, else the address. */
export const limitKey = (request: Asking): string => (request.actor ? `user:${request.actor.id}` : addressKey(request))

/** A policy as a route states it: `config: { rateLimit: limits.search }`. */
export interface Limit extends RateLimitOptions {
  readonly name: string
}

export interface AccountLimit {
  readonly policy: Limit
  /** Makes of an address the one form that tells accounts apart, or throws. */
  readonly keyOf: (email: string) => string
}

function limitOf(name: LimitName): Limit {
  const { counts, max, maxForAccount, seconds }: LimitPolicy = limitPolicies[name]
  return {
    name,
    timeWindow: seconds * 1_000,
    max: maxForAccount === undefined ? max : (request: FastifyRequest) => (request.actor ? maxForAccount : max),
    keyGenerator: counts === 'address' ? addressKey : limitKey,
  }
}

/** The policies, by name, for the `config` of routes. */
export const limits = Object.fromEntries(
  Object.keys(limitPolicies).map((name) => [name, limitOf(name as LimitName)]),
) as Readonly<Record<LimitName, Limit>>

/** Counts a request that no route takes. Rejects with a 429 when there are too many. */
export type UnknownLimit = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** The policy of a route that names none. */
function defaultLimit({ method, config }: RouteOptions): Limit | false {
  if (config?.operational) return false
  return method === 'GET' || method === 'HEAD' ? limits.read : limits.write
}

/** Counts requests for the account that their body names, once the body is known to be well-formed. */
function accountCounter(app: App, ctx: Needs<'config'>, { policy, keyOf }: AccountLimit): preHandlerAsyncHookHandler {
  const count = app.createRateLimit({
    ...policy,
    keyGenerator: ({ body }: FastifyRequest) => accountKey(ctx, keyOf((body as { email: string }).email)),
  })
  return async (request) => {
    const counted = await count(request)
    if (counted.isAllowed || !counted.isExceeded) return
    const seconds = String(counted.ttlInSeconds)
    throw rateLimited({
      headers: {
        'ratelimit-limit': String(counted.max),
        'ratelimit-remaining': '0',
        'ratelimit-reset': seconds,
        'retry-after': seconds,
      },
    })
  }
}

/**
 * Counts requests and refuses those over their route's policy. With RATE_LIMIT=off nothing is counted.
 * @returns the counter for requests that no route takes, if any
 */
export async function limitRequests(
  app: App,
  ctx: Needs<'config' | 'redis' | 'metrics'>,
): Promise<UnknownLimit | undefined> {
  app.addHook('onRoute', (route) => {
    route.config = { rateLimit: defaultLimit(route), ...route.config }
  })
  if (ctx.config.RATE_LIMIT === 'off') return undefined
  await app.register(rateLimit, {
    enableDraftSpec: true,
    keyGenerator: limitKey,
    store: limitStore(ctx) as unknown as FastifyRateLimitStoreCtor,
    errorResponseBuilder: () => rateLimited(),
  })
  app.addHook('onRoute', (route) => {
    const accountLimit = route.config?.accountLimit
    if (!accountLimit) return
    route.preHandler = [accountCounter(app, ctx, accountLimit), ...[route.preHandler ?? []].flat()]
  })
  return app.rateLimit(limits.unknown) as unknown as UnknownLimit
}
