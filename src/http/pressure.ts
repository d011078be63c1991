import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { onRequestHookHandler } from 'fastify'
import { serviceUnavailable } from '../lib/errors.ts'
import type { App } from './app-type.ts'

/** Milliseconds that timers come late in the mean of an interval, past which answers come too late to be of use. */
const mostDelay = 500
const intervalMilliseconds = 1_000
const resolution = 20

/** One long pause, as when the process starts, is no lasting overload; two intervals in a row are. */
const strikesToRefuse = 2

/** @returns the mean delay of timers since it was last asked, in milliseconds */
export function eventLoopDelay(): { readonly mean: () => number; readonly stop: () => void } {
  const histogram = monitorEventLoopDelay({ resolution })
  histogram.enable()
  return {
    mean: () => {
      // Without a single sample the loop stood still all the while.
      const mean = histogram.count === 0 ? Number.POSITIVE_INFINITY : histogram.mean / 1e6 - resolution
      histogram.reset()
      return mean
    },
    stop: () => histogram.disable(),
  }
}

/** Tells lasting overload from a hiccup: fed with the mean delay of each interval. */
export interface OverloadWatch {
  readonly note: (meanDelay: number) => void
  readonly isOverloaded: () => boolean
}

export function overloadWatch(): OverloadWatch {
  let strikes = 0
  return {
    note: (meanDelay) => {
      strikes = meanDelay > mostDelay ? strikes + 1 : 0
    },
    isOverloaded: () => strikes >= strikesToRefuse,
  }
}

/**
 * Refuses with 503 while the process cannot keep up, so that what it has taken on gets done; operators still get in.
 * @param watch what is asked on every request
 */
export function refuseUnderPressure(app: App, watch = overloadWatch()): void {
  const delay = eventLoopDelay()
  const timer = setInterval(() => watch.note(delay.mean()), intervalMilliseconds).unref()
  const refuse: onRequestHookHandler = (request, _reply, done) => {
    if (!watch.isOverloaded() || request.routeOptions.config.operational) done()
    else done(serviceUnavailable({ message: 'There is too much to do at the moment: try again soon.' }))
  }
  app.addHook('onRequest', refuse)
  app.addHook('onClose', (_instance, done) => {
    clearInterval(timer)
    delay.stop()
    done()
  })
}
