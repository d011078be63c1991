import type { Needs } from '../context.ts'
import type { App } from './app-type.ts'
import { measureAnswer } from './metrics.ts'
import { logAnswers } from './request-log.ts'

/** What is noted of every request when its answer is out: a line in the log, and how long it took. */
export function noteAnswers(app: App, { metrics, log }: Needs<'metrics' | 'log'>): void {
  const logAnswer = logAnswers(log)
  app.addHook('onResponse', (request, reply, done) => {
    // Asked once: each time Fastify makes an object of all that it knows of a route, and reads the clock.
    const route = request.routeOptions.url ?? null
    const milliseconds = reply.elapsedTime
    logAnswer(request, reply, route, milliseconds)
    measureAnswer(metrics, request, reply, route, milliseconds)
    done()
  })
}
