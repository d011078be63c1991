import type { IncomingMessage, ServerResponse } from 'node:http'
import type { onRequestHookHandler } from 'fastify'
import { defineError } from '../lib/errors.ts'
import type { App } from './app-type.ts'

export const expectationFailed = defineError(
  'expectation_failed',
  417,
  'What the header Expect asks for cannot be done here.',
)

/** An `Expect` that is not `100-continue` gets the envelope, where Node would write its bare 417. */
export function refuseExpectations(app: App): void {
  const unmet = new WeakSet<IncomingMessage>()
  const refuse: onRequestHookHandler = (request, _reply, done) => {
    if (request.raw.headers.expect !== undefined && unmet.has(request.raw)) done(expectationFailed())
    else done()
  }
  app.addHook('onRequest', refuse)
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    unmet.add(request)
    app.routing(request, response)
  })
}
