import type { onResponseHookHandler } from 'fastify'
import type { App } from './app-type.ts'

/**
 * One line a request, when its answer is out: an error of ours with its cause, a refusal with its code. Neither the
 * query string nor any header is logged.
 */
export function logRequests(app: App): void {
  const logRequest: onResponseHookHandler = (request, reply, done) => {
    const { failure, actor } = request
    const line = {
      method: request.raw.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 100) / 100,
      user: actor === null ? undefined : actor.id,
      error: failure === null ? undefined : failure.code,
    }
    if (failure === null || failure.status < 500) request.log.info(line, 'request')
    else request.log.error({ ...line, err: failure.cause ?? failure }, 'request failed')
    done()
  }
  app.addHook('onResponse', logRequest)
}
