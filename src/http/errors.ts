import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ErrorObject } from 'ajv'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  AppError,
  badRequest,
  defineError,
  internalError,
  notFound,
  payloadTooLarge,
  serviceUnavailable,
  unsupportedMediaType,
  validationError,
} from '../lib/errors.ts'
import { challenge } from './access.ts'
import { databaseError } from './database-errors.ts'
import { fieldProblems } from './validation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request failed by; the request's one log line tells it. */
    failure: AppError | null
  }
}

export const uriTooLong = defineError('uri_too_long', 414, 'The address is too long.')
export const headersTooLarge = defineError('headers_too_large', 431, 'The headers are too large.')
export const requestTimeout = defineError('request_timeout', 408, 'The request took too long to arrive.')

/** Seconds after which trying again is worth it, when nothing better is known. */
const retryAfterSeconds = 5

const byFastifyCode: Readonly<Record<string, (options: { cause: unknown }) => AppError>> = {
  FST_ERR_BAD_URL: ({ cause }) => badRequest({ message: 'The address is not well-formed.', cause }),
  FST_ERR_MAX_PARAM_LENGTH: uriTooLong,
  FST_ERR_CTP_BODY_TOO_LARGE: payloadTooLarge,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: unsupportedMediaType,
  FST_ERR_CTP_EMPTY_JSON_BODY: ({ cause }) => badRequest({ message: 'The body is empty.', cause }),
  FST_ERR_CTP_INVALID_JSON_BODY: ({ cause }) => badRequest({ message: 'The body is not valid JSON.', cause }),
  FST_ERR_HANDLER_TIMEOUT: serviceUnavailable,
  FST_ERR_NOT_FOUND: notFound,
}

const byStatus: Readonly<Record<number, (options: { cause: unknown }) => AppError>> = {
  404: notFound,
  413: payloadTooLarge,
  414: uriTooLong,
  415: unsupportedMediaType,
  503: serviceUnavailable,
}

/** Any error as one that can be answered: what was meant for callers, else what Fastify or Postgres means, else a 500. */
export function toAppError(error: unknown, request: FastifyRequest): AppError {
  if (error instanceof AppError) return error
  const { code, statusCode, validation, validationContext } = (error ?? {}) as Partial<FastifyError>
  if (validation) {
    // `/movies/` has the form of `/movies/:movie_id`, and names nothing.
    if (validationContext === 'params' && Object.values(request.params as object).includes('')) return notFound()
    const part = validationContext as 'params' | 'body' | 'querystring' | 'headers'
    return validationError({ details: fieldProblems(request, part, validation as unknown as ErrorObject[]) })
  }
  const known = byFastifyCode[code ?? ''] ?? byStatus[statusCode ?? 0]
  if (known) return known({ cause: error })
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return badRequest({ cause: error })
  return databaseError(error) ?? internalError({ cause: error })
}

/** The one envelope, as JSON. The query string is left out of `path`: it may hold what logs must not. */
export function envelope(error: AppError, path: string, requestId: string): string {
  return JSON.stringify({
    error: error.code,
    message: error.message,
    details: error.details,
    timestamp: new Date().toISOString(),
    path: path.split('?', 1)[0],
    request_id: requestId,
  })
}

/** Answers an error in the one envelope. */
export function sendError(error: AppError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.failure = error
  if (error.status === 401) reply.headers(challenge)
  if (error.status === 503) reply.header('retry-after', retryAfterSeconds)
  return reply
    .code(error.status)
    .headers({ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8', ...error.headers })
    .send(envelope(error, request.url, request.id))
}

/** The one error handler. */
export const handleError = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
  sendError(toAppError(error, request), request, reply)
}

const clientErrors: Readonly<Record<string, () => AppError>> = {
  HPE_HEADER_OVERFLOW: headersTooLarge,
  ERR_HTTP_REQUEST_TIMEOUT: requestTimeout,
}

/** What cannot be read as HTTP gets the envelope too, if the socket still takes it. */
export function answerClientError(this: FastifyInstance, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (socket.writable) {
    const appError = (clientErrors[error.code ?? ''] ?? badRequest)()
    const requestId = crypto.randomUUID()
    const body = envelope(appError, '', requestId)
    this.log.info({ request_id: requestId, status: appError.status, error: appError.code }, 'request')
    socket.write(
      `HTTP/1.1 ${appError.status} ${STATUS_CODES[appError.status]}\r\nconnection: close\r\n` +
        `content-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
        `x-content-type-options: nosniff\r\nx-request-id: ${requestId}\r\n\r\n${body}`,
    )
  }
  socket.destroy(error)
}
