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

declare module 'fastify' {
  interface FastifyReply {
    /** Where an answer that is open stands among all that are; below 0 for others. */
    place: number
  }
}

/**
 * Answers 503 for handlers that take too long. A look at all that are open, now and then, in place of Fastify's
 * handlerTimeout, which costs every request a timer, an AbortController and a listener; routes that set a handlerTimeout of
 * their own have Fastify's.
 */
export function limitHandling(app: App, { longest, interval }: Deadline): void {
  const open: Array<FastifyReply | null> = []
  const since: number[] = []
  const free: number[] = []
  // Looks are the clock: the first one comes before an interval has passed.
  let looks = 0
  const most = Math.ceil(longest / interval) + 1
  const letGo = (reply: FastifyReply): void => {
    if (reply.place < 0) return
    open[reply.place] = null
    free.push(reply.place)
    reply.place = -1
  }
  const look = (): void => {
    looks += 1
    for (const [place, reply] of open.entries()) {
      if (reply === null || looks - since[place]! < most) continue
      letGo(reply)
      if (!reply.request.routeOptions.handlerTimeout) giveUp(reply)
    }
  }
  const timer = setInterval(look, interval).unref()
  app.decorateReply('place', -1)
  app.addHook('onRequest', (_request, reply, done) => {
    const place = free.pop() ?? open.length
    reply.place = place
    open[place] = reply
    since[place] = looks
    done()
  })
  app.addHook('onResponse', (_request, reply, done) => {
    letGo(reply)
    done()
  })
  app.addHook('onClose', (_instance, done) => {
    clearInterval(timer)
    done()
  })
}
