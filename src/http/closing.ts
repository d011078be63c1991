import type { onRequestHookHandler } from 'fastify'
import { serviceUnavailable } from '../lib/errors.ts'
import type { App } from './app-type.ts'

export interface Closing {
  readonly isClosing: () => boolean
  /** Turns readiness to 503 while everything else still works, so that whoever balances the load looks elsewhere. */
  readonly announce: () => void
}

declare module 'fastify' {
  interface FastifyInstance {
    closing: Closing
  }
}

/** Once the server closes, what still arrives on open connections is refused with the envelope, and what runs is let finish. */
export function refuseWhileClosing(app: App): Closing {
  let announced = false
  let refusing = false
  const closing: Closing = {
    isClosing: () => announced,
    announce: () => {
      announced = true
    },
  }
  const refuse: onRequestHookHandler = (request, _reply, done) => {
    if (refusing && !request.routeOptions.config.operational) done(serviceUnavailable())
    else done()
  }
  app.decorate('closing', closing)
  app.addHook('onRequest', refuse)
  app.addHook('preClose', (done) => {
    announced = true
    refusing = true
    done()
  })
  return closing
}
