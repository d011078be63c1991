import type {} from '@fastify/swagger'
import type { FastifyReply, FastifyRequest, onRequestHookHandler, preParsingHookHandler, RouteOptions } from 'fastify'
import { type Access, type Actor, accessLevels, hasRole } from '../lib/actor.ts'
import { type AppError, defineError, forbidden, unauthorized } from '../lib/errors.ts'
import type { App } from './app-type.ts'
import { noBody, optionalBody } from './optional-body.ts'

/** Who asks: an actor, nobody (`null`), or an error when credentials were given and are no good. */
export type Authenticate = (request: FastifyRequest) => Actor | null | Promise<Actor | null>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The least that a caller must be. */
    access?: Access
    /** For operators and people, not of the API: neither authenticated nor rate limited, and not in the API's docs. */
    operational?: boolean
  }
  interface FastifyRequest {
    /** Who asks; `null` for nobody in particular. */
    actor: Actor | null
    authenticationFailure: unknown
  }
}

export const emailNotVerified = defineError('email_not_verified', 403, 'Verify your e-mail address to do this.')

/** What a 401 asks for, unless it says more. */
export const challenge = { 'www-authenticate': 'Bearer realm="lemonnpie"' }
export const invalidTokenChallenge = { 'www-authenticate': 'Bearer realm="lemonnpie", error="invalid_token"' }

/** A 401 for credentials that were given and are no good. */
export const badCredentials = (cause?: unknown): AppError =>
  unauthorized({ message: 'The access token is not valid.', headers: invalidTokenChallenge, cause })

/**
 * The caller of a route that is not public.
 * @throws AppError 401
 */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === null) throw unauthorized()
  return request.actor
}

/** @returns why `actor` may not enter, or `null` */
export function refusal(actor: Actor | null, access: Access): AppError | null {
  if (access === 'public') return null
  if (actor === null) return unauthorized()
  if (access === 'verified') return actor.isVerified ? null : emailNotVerified()
  return hasRole(actor.role, access) ? null : forbidden()
}

/**
 * Finds out who asks, without refusing yet: the rate limit, which counts by actor or address, comes first, so that
 * guessing tokens is limited too.
 */
const authentication =
  (authenticate: Authenticate): onRequestHookHandler =>
  (request, _reply, done) => {
    const keep = (actor: Actor | null): void => {
      request.actor = actor
      done()
    }
    const fail = (error: unknown): void => {
      request.authenticationFailure = error
      done()
    }
    let outcome: ReturnType<Authenticate>
    try {
      outcome = authenticate(request)
    } catch (error) {
      return fail(error)
    }
    if (outcome instanceof Promise) outcome.then(keep, fail)
    else keep(outcome)
  }

const guards = new Map<Access, preParsingHookHandler>(
  accessLevels.map((access) => [
    access,
    (request: FastifyRequest, reply: FastifyReply, payload, done) => {
      const refused = request.authenticationFailure ?? refusal(request.actor, access)
      if (refused) return done(refused as Error)
      // Until the route says what caches may do with it.
      if (access !== 'public') reply.header('cache-control', 'private, no-store')
      done(null, payload)
    },
  ]),
)

const hookList = <H>(hooks: H | H[] | undefined): H[] => [hooks ?? []].flat() as H[]

const takesBodies = (methods: readonly string[]): boolean =>
  methods.some((method) => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method))

/** What a route must declare. @returns what is missing */
export function routeProblems({ config, schema }: Pick<RouteOptions, 'config' | 'schema'>): string[] {
  const problems: string[] = []
  if (!accessLevels.includes(config?.access as Access)) problems.push(`config.access (${accessLevels.join(', ')})`)
  if (config?.operational) return problems
  if (!schema?.operationId) problems.push('schema.operationId')
  if (!schema?.response || Object.keys(schema.response).length === 0) problems.push('schema.response')
  return problems
}

/**
 * The one place where access is decided: a route states the least role in `config.access`, and a route that does not
 * refuses to boot. Operations without a schema for their query string get a closed one, and so do writes for their body.
 */
export function guardRoutes(app: App, authenticate: Authenticate): void {
  const identify = authentication(authenticate)
  app.decorateRequest('actor', null)
  app.decorateRequest('authenticationFailure', null)
  app.addHook('onRoute', (route) => {
    const problems = routeProblems(route)
    if (problems.length > 0) throw new Error(`${route.method} ${route.url} does not declare ${problems.join(', ')}`)
    if (route.config?.operational) return
    const guard = guards.get(route.config?.access as Access)!
    route.schema = { querystring: { type: 'object', properties: {}, additionalProperties: false }, ...route.schema }
    if (takesBodies([route.method].flat()) && route.schema.body === undefined) {
      route.schema.body = noBody
      route.preValidation = [optionalBody, ...hookList(route.preValidation)]
    }
    route.onRequest = [identify, ...hookList(route.onRequest)]
    route.preParsing = [guard, ...hookList(route.preParsing)]
  })
}
