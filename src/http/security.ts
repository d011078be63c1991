import type { onRequestHookHandler } from 'fastify'
import { type Config, commaList } from '../config.ts'
import type { App } from './app-type.ts'
import { crossOriginHook } from './cors.ts'

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

/** Security headers and the request's id on every answer, and CORS for the origins of WEB_ORIGINS. */
export async function secureHeaders(app: App, config: Pick<Config, 'WEB_ORIGINS'>): Promise<void> {
  const origins = new Set(commaList(config.WEB_ORIGINS))
  const answerOrigin = origins.size > 0 ? await crossOriginHook(app, origins) : undefined
  // A shared cache must not give one origin's answer to another, so even answers to nobody's origin say it.
  const constant = answerOrigin ? { ...securityHeaders, vary: 'origin' } : securityHeaders
  const writeHeaders: onRequestHookHandler = function (request, reply, done) {
    reply.headers(constant)
    reply.header('x-request-id', request.id)
    if (request.raw.headers.origin === undefined || answerOrigin === undefined) done()
    else answerOrigin.call(this, request, reply, done)
  }
  app.addHook('onRequest', writeHeaders)
}
