import type { onRequestHookHandler } from 'fastify'
import { type Config, commaList } from '../config.ts'
import type { App } from './app-type.ts'

/** An answer in JSON has nothing that a browser may load or run. */
const jsonPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** For the pages of ours: everything comes from here, as files; nothing is inline. */
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** Swagger UI sets styles in attributes, which a hash for each would have to allow. */
export const docsPolicy = pagePolicy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")

/**
 * What an answer in JSON needs of the headers that @fastify/helmet would set, as one object: writing them is all that is
 * left of its cost. The others say something about documents only, and go with those.
 */
export const securityHeaders = {
  'content-security-policy': jsonPolicy,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** For pages, beside those above. */
export const pageHeaders = {
  'content-security-policy': pagePolicy,
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'x-dns-prefetch-control': 'off',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
} as const

const exposedHeaders =
  'ETag, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-Id'

const preflightHeaders = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'Authorization, Content-Type, If-None-Match, X-Request-Id',
  'access-control-max-age': '600',
  'content-length': '0',
} as const

/**
 * Security headers and the request's id on every answer, and CORS for the origins of WEB_ORIGINS. It is written here
 * since @fastify/cors resolves its options anew on every request, with an Origin or without.
 */
export function secureHeaders(app: App, config: Pick<Config, 'WEB_ORIGINS'>): void {
  const origins = new Set(commaList(config.WEB_ORIGINS))
  // A shared cache must not give one origin's answer to another, so even answers to nobody's origin say it.
  const constant = origins.size > 0 ? { ...securityHeaders, vary: 'origin' } : securityHeaders
  const allowed = new Map(
    [...origins].map((origin) => [
      origin,
      {
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': exposedHeaders,
      },
    ]),
  )
  const writeHeaders: onRequestHookHandler = (request, reply, done) => {
    const { headers, method } = request.raw
    reply.headers(constant)
    reply.header('x-request-id', request.id)
    if (headers.origin !== undefined) {
      const grant = allowed.get(headers.origin)
      if (grant) reply.headers(grant)
      if (grant && method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) {
        reply.code(204).headers(preflightHeaders).send()
        return
      }
    }
    done()
  }
  app.addHook('onRequest', writeHeaders)
}
