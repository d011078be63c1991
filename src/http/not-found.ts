import type { FastifyReply, FastifyRequest, HTTPMethods, onRequestHookHandler, RouteOptions } from 'fastify'
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
  readonly url: string
  readonly parts: readonly string[]
  readonly pattern: RegExp
  readonly methods: Set<string>
}
type KnownPaths = ReadonlyMap<string, KnownPath>

/** `/movies/:movie_id` is wider than `/movies/search`: it stands for that path too, and for more. */
function isWider({ parts: wide }: KnownPath, { parts: narrow }: KnownPath): boolean {
  const takes = (part: string, index: number) => part === narrow[index] || part.startsWith(':')
  const isMore = (part: string, index: number) => part.startsWith(':') && !narrow[index]?.startsWith(':')
  return wide.length === narrow.length && wide.every(takes) && wide.some(isMore)
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Stands where a wider path would take a method that this one does not. */
    wrongMethod?: boolean
  }
  interface FastifyInstance {
    /** Every route, as declared. */
    routeTable: RouteOptions[]
  }
}

/** Keeps all routes declared after it. @returns their paths, for telling a wrong method from a wrong path */
export function rememberRoutes(app: App): KnownPaths {
  const paths = new Map<string, KnownPath>()
  app.decorate('routeTable', [])
  app.addHook('onRoute', (route) => {
    const { url, method, config } = route
    if (config?.wrongMethod) return
    app.routeTable.push(route)
    const known = paths.get(url) ?? { url, parts: url.split('/'), pattern: pathPattern(url), methods: new Set() }
    for (const one of [method].flat()) known.methods.add(one)
    paths.set(url, known)
  })
  return paths
}

const allowOf = (methods: Iterable<string>): string => [...new Set([...methods, 'OPTIONS'])].sort().join(', ')

const refuseMethod = (allow: string, request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  sendError(methodNotAllowed({ headers: { allow } }), request, reply)

/** The methods of a path: where it has a route of its own, those of a wider one are not its. */
function methodsAt(path: string, paths: KnownPaths): string[] {
  const matching = [...paths.values()].filter(({ pattern }) => pattern.test(path))
  const own = matching.filter((one) => !matching.some((other) => isWider(one, other)))
  return own.flatMap(({ methods }) => [...methods])
}

/** Answers after the request was counted, so that nobody tries paths by the thousand. */
const counted =
  (limit: UnknownLimit | undefined, answer: (request: FastifyRequest, reply: FastifyReply) => FastifyReply) =>
  (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    if (limit === undefined) answer(request, reply)
    else limit(request, reply).then(() => answer(request, reply), done)
  }

/**
 * Answers what no route takes: 405 with `Allow` where the path is known, else 404. OPTIONS on a known path gets `Allow`
 * alone. It is done before the body is read, which would otherwise be refused first for its type or form.
 * @param limit counts such requests
 */
export function answerUnknownRoutes(app: App, paths: KnownPaths, limit: UnknownLimit | undefined): void {
  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const methods = methodsAt(request.url.split('?', 1)[0] ?? '', paths)
    if (methods.length === 0) return sendError(notFound(), request, reply)
    const allow = allowOf(methods)
    if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send()
    return refuseMethod(allow, request, reply)
  }
  const answerCounted = counted(limit, answer)
  const answerUnknown: onRequestHookHandler = (request, reply, done) => {
    if (request.is404) answerCounted(request, reply, done)
    else done()
  }
  app.addHook('onRequest', answerUnknown)
  // For what routes themselves call unknown, such as a missing file.
  app.setNotFoundHandler(answer)
}

/**
 * Keeps wider paths from taking what a path of its own does not: DELETE /movies/search is no movie named search. The
 * router finds these by itself, so requests pay nothing for it. Called when all routes are declared.
 * @param limit counts such requests
 */
export function refuseWrongMethods(app: App, paths: KnownPaths, limit: UnknownLimit | undefined): void {
  const all = [...paths.values()]
  for (const path of all) {
    const { url, methods } = path
    const wider = all.filter((other) => isWider(other, path))
    const wrong = [...new Set(wider.flatMap((other) => [...other.methods]))].filter((method) => !methods.has(method))
    if (wrong.length === 0) continue
    const refuse = (request: FastifyRequest, reply: FastifyReply) => refuseMethod(allowOf(methods), request, reply)
    app.route({
      url,
      method: wrong as HTTPMethods[],
      exposeHeadRoute: false,
      config: { access: 'public', operational: true, wrongMethod: true },
      onRequest: counted(limit, refuse),
      handler: refuse,
    })
  }
}
