import underPressure from '@fastify/under-pressure'
import { serviceUnavailable } from '../lib/errors.ts'
import type { App } from './app-type.ts'

/** Mean delay of timers over a second, in milliseconds, past which answers come too late to be of use. */
const mostEventLoopDelay = 1_000

/** Refuses with 503 while the process cannot keep up, so that what it has taken on gets done. Operators still get in. */
export async function refuseUnderPressure(app: App, maxEventLoopDelay = mostEventLoopDelay): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay,
    pressureHandler: (request) =>
      request.routeOptions.config.operational
        ? undefined
        : Promise.reject(serviceUnavailable({ message: 'There is too much to do at the moment: try again soon.' })),
  })
}
