import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Log, openLineLog } from '../infra/logger.ts'
import type { AppError } from '../lib/errors.ts'

type LogAnswer = (request: FastifyRequest, reply: FastifyReply, route: string | null, milliseconds: number) => void

/** Milliseconds with two decimals. */
const rounded = (milliseconds: number): number => Math.round(milliseconds * 100) / 100

/**
 * One line a request, when its answer is out: an error of ours with its cause, a refusal with its code. Neither the
 * query string nor any header is logged.
 */
export function logAnswers(log: Log): LogAnswer {
  const write = openLineLog(log)
  // Patterns of routes, written once.
  const written = new Map<string | null, string>()
  const writtenRoute = (route: string | null): string => {
    const known = written.get(route)
    if (known !== undefined) return known
    const text = JSON.stringify(route)
    written.set(route, text)
    return text
  }
  const logFailure = (
    failure: AppError,
    request: FastifyRequest,
    reply: FastifyReply,
    route: string | null,
    duration_ms: number,
  ): void => {
    const { method } = request.raw
    const fields = { method, route, status: reply.statusCode, duration_ms, user: request.actor?.id }
    request.log.error({ ...fields, error: failure.code, err: failure.cause ?? failure }, 'request failed')
  }
  return (request, reply, route, milliseconds) => {
    const { actor, failure } = request
    if (failure !== null && failure.status >= 500) {
      return logFailure(failure, request, reply, route, rounded(milliseconds))
    }
    // Ids, methods and codes are of characters that JSON does not escape.
    const who = actor === null ? '' : `,"user":"${actor.id}"`
    const why = failure === null ? '' : `,"error":"${failure.code}"`
    write(
      `,"request_id":"${request.id}","method":"${request.raw.method}","route":${writtenRoute(route)},` +
        `"status":${reply.statusCode},"duration_ms":${rounded(milliseconds)}${who}${why},"msg":"request"`,
    )
  }
}
