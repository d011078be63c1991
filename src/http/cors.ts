import cors from '@fastify/cors'
import type { onRequestHookHandler } from 'fastify'
import { badRequest } from '../lib/errors.ts'
import type { App } from './app-type.ts'

/**
 * @fastify/cors for some origins, as a hook to be called for requests that name their origin. By itself it would resolve
 * its options on every request. Its scope keeps the hook instead of adding it, and leaves out its route for OPTIONS,
 * which would make every path a known one: the hook answers preflights itself.
 * @param origins who may read answers, with credentials
 */
export async function crossOriginHook(app: App, origins: ReadonlySet<string>): Promise<onRequestHookHandler> {
  let grant: onRequestHookHandler | undefined
  await app.register(async (scope) => {
    const keepHook = (_name: string, hook: onRequestHookHandler): void => {
      grant = hook
    }
    Object.assign(scope, { addHook: keepHook, options: () => {} })
    await scope.register(cors, {
      origin: (origin, decide) => decide(null, origin !== undefined && origins.has(origin)),
      credentials: true,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'If-None-Match', 'X-Request-Id'],
      exposedHeaders: [
        'Allow',
        'Content-Disposition',
        'Deprecation',
        'ETag',
        'Idempotency-Replayed',
        'Location',
        'RateLimit-Limit',
        'RateLimit-Remaining',
        'RateLimit-Reset',
        'Retry-After',
        'Sunset',
        'WWW-Authenticate',
        'X-Request-Id',
      ],
      maxAge: 600,
    })
  })
  if (grant === undefined) throw new Error('@fastify/cors has added no hook')
  const answer = grant
  return function answerOrigin(request, reply, done) {
    const { headers, method } = request.raw
    // The plugin says this too, as plain text.
    if (method === 'OPTIONS' && headers['access-control-request-method'] === undefined) {
      done(badRequest({ message: 'A preflight names its method in Access-Control-Request-Method.' }))
    } else answer.call(this, request, reply, done)
  }
}
