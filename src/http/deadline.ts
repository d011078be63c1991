import type { FastifyReply } from 'fastify'
import { serviceUnavailable } from '../lib/errors.ts'
import type { App } from './app-type.ts'

/** Milliseconds that an answer may take, and how often it is looked whether one takes longer. */
export interface Deadline {
  readonly longest: number
  readonly interval: number
}

/** Ends an answer that takes too long, as Fastify's own timeout does. */
function giveUp(reply: FastifyReply): void {
  if (reply.sent) return
  if (reply.raw.headersSent) reply.raw.destroy()
  else reply.send(serviceUnavailable({ cause: new Error('the handler took too long') }))
}

/**
 * Answers 503 for handlers that take too long. A look at all that are open, now and then, in place of Fastify's
 * handlerTimeout, which costs every request a timer, an AbortController and a listener; routes that set a handlerTimeout of
 * their own have Fastify's.
 */
export function limitHandling(app: App, { longest, interval }: Deadline): void {
  // In the order of their coming.
  const open = new Map<FastifyReply, number>()
  const look = (): void => {
    const latest = performance.now() - longest
    for (const [reply, since] of open) {
      if (since > latest) return
      open.delete(reply)
      if (!reply.request.routeOptions.handlerTimeout) giveUp(reply)
    }
  }
  const timer = setInterval(look, interval).unref()
  app.addHook('onRequest', (_request, reply, done) => {
    open.set(reply, performance.now())
    done()
  })
  app.addHook('onResponse', (_request, reply, done) => {
    open.delete(reply)
    done()
  })
  app.addHook('onClose', (_instance, done) => {
    clearInterval(timer)
    done()
  })
}
