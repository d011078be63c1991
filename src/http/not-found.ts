import type { FastifyReply, FastifyRequest, onRequestHookHandler, RouteOptions } from 'fastify'
import { methodNotAllowed, notFound } from '../lib/errors.ts'
import type { App } from './app-type.ts'
import { sendError } from './errors.ts'
import type { UnknownLimit } from './limits.ts'

/** `/movies/:movie_id` → a pattern of the paths that it stands for. */
export const pathPattern = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:[^/]+/g, '[^/]+')
      .replace(/\*/g, '.*')}$`,
  )

/** A path by its pattern, and the methods that it takes. */
interface KnownPath {
  readonly pattern: RegExp
  readonly methods: Set<string>
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route, as declared. */
    routeTable: RouteOptions[]
  }
}

/** Keeps all routes declared after it. @returns their paths, for telling a wrong method from a wrong path */
export function rememberRoutes(app: App): ReadonlyMap<string, KnownPath> {
  const paths = new Map<string, KnownPath>()
  app.decorate('routeTable', [])
  app.addHook('onRoute', (route) => {
    const { url, method } = route
    app.routeTable.push(route)
    const known = paths.get(url) ?? { pattern: pathPattern(url), methods: new Set() }
    for (const one of [method].flat()) known.methods.add(one)
    paths.set(url, known)
  })
  return paths
}

/**
 * Answers what no route takes: 405 with `Allow` where the path is known, else 404. OPTIONS on a known path gets `Allow`
 * alone. It is done before the body is read, which would otherwise be refused first for its type or form.
 * @param limit counts such requests, so that nobody tries paths by the thousand
 */
export function answerUnknownRoutes(
  app: App,
  paths: ReadonlyMap<string, KnownPath>,
  limit: UnknownLimit | undefined,
): void {
  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = request.url.split('?', 1)[0] ?? ''
    const methods = [...paths.values()].flatMap((known) => (known.pattern.test(path) ? [...known.methods] : []))
    if (methods.length === 0) return sendError(notFound(), request, reply)
    const allow = [...new Set(methods), 'OPTIONS'].sort().join(', ')
    if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send()
    return sendError(methodNotAllowed({ headers: { allow } }), request, reply)
  }
  const answerUnknown: onRequestHookHandler = (request, reply, done) => {
    if (!request.is404) done()
    else if (limit === undefined) answer(request, reply)
    else limit(request, reply).then(() => answer(request, reply), done)
  }
  app.addHook('onRequest', answerUnknown)
  // For what routes themselves call unknown, such as a missing file.
  app.setNotFoundHandler(answer)
}
