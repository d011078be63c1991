import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Metrics } from '../infra/metrics.ts'
import { sendError, toAppError } from './errors.ts'
import type { UnknownLimit } from './limits.ts'
import { securityHeaders } from './security.ts'

/** What Fastify calls for an error that it meets before there is a route. */
type AnswerFrameworkError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void

/**
 * Errors that Fastify meets before there is a route, such as a broken percent-encoding. No hook runs for them, so what
 * hooks do for every other answer is done here: headers, the limit of unknown paths, the log line and the metrics.
 * @param limitOf the limit, which is made after the app is
 */
export function frameworkErrors(metrics: Metrics, limitOf: () => UnknownLimit | undefined): AnswerFrameworkError {
  const answer = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { method } = request
    const appError = toAppError(error, request)
    const { status, code } = appError
    request.log.info({ method, route: null, status, error: code }, 'request')
    metrics.httpDuration.observe({ method, route: 'none', status: String(status) }, reply.elapsedTime / 1_000)
    sendError(appError, request, reply)
  }
  return (error, request, reply) => {
    reply.headers(securityHeaders).header('x-request-id', request.id)
    const limit = limitOf()
    if (limit === undefined) return answer(error, request, reply)
    limit(request, reply).then(
      () => answer(error, request, reply),
      (refusal: unknown) => answer(refusal, request, reply),
    )
  }
}
