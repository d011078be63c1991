import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CachedBody } from '../infra/cache.ts'
import { sendBody } from './send-body.ts'

/** What was asked for under its former slug. */
export interface Moved {
  readonly movedTo: string
}

/** The address of the request with the value of its first parameter replaced; the query string stays. */
function movedUrl(request: FastifyRequest, slug: string): string {
  const at = (request.routeOptions.url ?? '').split('/').findIndex((segment) => segment.startsWith(':'))
  const [path = '', ...query] = request.url.split('?')
  const moved = path.split('/').map((segment, index) => (index === at ? slug : segment))
  return [moved.join('/'), ...query].join('?')
}

/** Sends a thing found by its id or slug; asked for under a former slug, the way to the present one. */
export function sendFound(
  request: FastifyRequest,
  reply: FastifyReply,
  found: CachedBody | Moved,
  cacheControl: string,
): FastifyReply {
  if (!('movedTo' in found)) return sendBody(request, reply, found, cacheControl)
  return reply.header('cache-control', cacheControl).redirect(movedUrl(request, found.movedTo), 308)
}
