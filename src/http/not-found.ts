import type { FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify'
import { methodNotAllowed, notFound } from '../lib/errors.ts'
import type { App } from './app-type.ts'
import { sendError } from './errors.ts'

/** `/movies/:movie_id` → a pattern of the paths that it stands for. */
export const pathPattern = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:[^/]+/g, '[^/]+')
      .replace(/\*/g, '.*')}$`,
  )

/**
 * Answers what no route takes: 405 with `Allow` where the path is known, else 404. OPTIONS on a known path gets `Allow`
 * alone.
 * @param limit counts such requests, so that nobody tries paths by the thousand
 */
export function answerUnknownRoutes(app: App, limit?: preHandlerHookHandler): void {
  const methodsByUrl = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const entry = methodsByUrl.get(url) ?? { pattern: pathPattern(url), methods: new Set() }
    for (const one of [method].flat()) entry.methods.add(one)
    methodsByUrl.set(url, entry)
  })
  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = request.url.split('?', 1)[0] ?? ''
    const methods = [...methodsByUrl.values()].flatMap((entry) => (entry.pattern.test(path) ? [...entry.methods] : []))
    if (methods.length === 0) return sendError(notFound(), request, reply)
    const allow = [...new Set(methods), 'OPTIONS'].sort().join(', ')
    if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send()
    return sendError(methodNotAllowed({ headers: { allow } }), request, reply)
  }
  app.setNotFoundHandler(limit ? { preHandler: limit } : {}, answer)
}
