import rateLimit, { type FastifyRateLimitStoreCtor, normalizeIP, type RateLimitOptions } from '@fastify/rate-limit'
import type {
  FastifyReply,
  FastifyRequest,
  onSendAsyncHookHandler,
  preHandlerAsyncHookHandler,
  RouteOptions,
} from 'fastify'
import type { Needs } from '../context.ts'
import { tokenHash } from '../infra/secrets.ts'
import { addressOf } from '../lib/client.ts'
import { rateLimited } from '../lib/errors.ts'
import { accountKey } from './account-key.ts'
import type { App } from './app-type.ts'
import { type LimitName, type LimitPolicy, limitPolicies } from './limit-policies.ts'
import { type LimitCounts, openLimitCounts } from './limit-store.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Counts requests also for the account that `body.email` names. */
    accountLimit?: AccountLimit
    /** Counts requests also for the refresh token that they bring. */
    tokenLimit?: TokenLimit
  }
  interface FastifyInstance {
    /** Has counting begin anew for the account of an address: its owner has shown who they are. */
    openAccountLimit(policy: Limit, emailKey: string): Promise<void>
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

export interface TokenLimit {
  readonly policy: Limit
  /** Nothing for a request that is not counted so. */
  readonly tokenOf: (request: FastifyRequest) => string | undefined
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

const hooksOf = <H>(hooks: H | H[] | undefined): H[] => [hooks ?? []].flat() as H[]

/** Counts requests by something in them, once they are known to be well-formed. */
function counter(
  app: App,
  policy: Limit,
  keyGenerator: (request: FastifyRequest) => string,
): preHandlerAsyncHookHandler {
  const count = app.createRateLimit({ ...policy, keyGenerator })
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

/** Whether an answer says that what was asked for cannot be had, which neither the caller's success nor our failure does. */
const isInVain = (status: number): boolean => status >= 400 && status < 500

function limitAccount(app: App, ctx: Needs<'config'>, counts: LimitCounts, route: RouteOptions): void {
  const { policy, keyOf } = route.config!.accountLimit!
  const counted = new WeakMap<FastifyRequest, string>()
  const keyIn = (request: FastifyRequest): string => {
    const key = accountKey(ctx, keyOf((request.body as { email: string }).email))
    counted.set(request, key)
    return key
  }
  route.preHandler = [counter(app, policy, keyIn), ...hooksOf(route.preHandler)]
  if (!(limitPolicies[policy.name as LimitName] as LimitPolicy).onlyFailures) return
  const takeBack: onSendAsyncHookHandler = async (request, reply) => {
    // What was refused before its body was read, or has none that is well-formed, was never counted.
    const key = counted.get(request)
    if (key !== undefined && !isInVain(reply.statusCode)) await counts.takeBack(policy.name, key)
  }
  route.onSend = [takeBack, ...hooksOf(route.onSend)]
}

function limitToken(app: App, route: RouteOptions): void {
  const { policy, tokenOf } = route.config!.tokenLimit!
  const count = counter(app, policy, (request) => `token:${tokenHash(tokenOf(request)!).toString('base64url')}`)
  const countIfBrought: preHandlerAsyncHookHandler = async function (request, reply) {
    if (tokenOf(request) !== undefined) await count.call(this, request, reply)
  }
  route.preHandler = [countIfBrought, ...hooksOf(route.preHandler)]
}

/**
 * Counts requests and refuses those over their route's policy. With RATE_LIMIT=off nothing is counted.
 * @returns the counter for requests that no route takes, if any
 */
export async function limitRequests(
  app: App,
  ctx: Needs<'config' | 'redis' | 'metrics' | 'pubsub'>,
): Promise<UnknownLimit | undefined> {
  app.addHook('onRoute', (route) => {
    route.config = { rateLimit: defaultLimit(route), ...route.config }
  })
  if (ctx.config.RATE_LIMIT === 'off') {
    app.decorate('openAccountLimit', async () => {})
    return undefined
  }
  const counts = openLimitCounts(ctx)
  app.decorate('openAccountLimit', ({ name }: Limit, emailKey: string) =>
    counts.forget(name, accountKey(ctx, emailKey)),
  )
  await app.register(rateLimit, {
    enableDraftSpec: true,
    keyGenerator: limitKey,
    store: counts.Store as unknown as FastifyRateLimitStoreCtor,
    errorResponseBuilder: () => rateLimited(),
  })
  app.addHook('onRoute', (route) => {
    if (route.config?.accountLimit) limitAccount(app, ctx, counts, route)
    if (route.config?.tokenLimit) limitToken(app, route)
  })
  return app.rateLimit(limits.unknown) as unknown as UnknownLimit
}
