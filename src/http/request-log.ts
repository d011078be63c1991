import type { onResponseHookHandler } from 'fastify'
import type { App } from './app-type.ts'

/**
 * One line a request, when its answer is out: an error of ours with its cause, a refusal with its code. Neither the
 * query string nor any header is logged.
 */
export const logRequests = (app: App): void => {
  const logRequest: onResponseHookHandler = (request, reply, done) => {
    const { failure } = request
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 100) / 100,
      user: request.actor === null ? undefined : request.actor.id,
      error: failure === null ? undefined : failure.code,
      err: failure !== null && failure.status >= 500 ? (failure.cause ?? failure) : undefined,
    }
    if (line.err) request.log.error(line, 'request failed')
    else request.log.info(line, 'request')
    done()
  }
  app.addHook('onResponse', logRequest)
}
