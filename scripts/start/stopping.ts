export type Stopping = {
  /** Resolves at the first Ctrl-C, SIGTERM or end of the terminal. */
  asked: Promise<undefined>
  /** Aborted once stopping has begun, asked for or not. */
  signal: AbortSignal
  begin: () => void
  /** What to do before leaving at once, when asked a second time. */
  atOnce: (action: () => void) => void
}

// One Ctrl-C may come twice: from the terminal, and passed on by npm.
const sameKeyPressMs = 400

/** Listens for being asked to stop: the first time politely, the second time at once. */
export function untilAskedToStop(): Stopping {
  const controller = new AbortController()
  const actions: Array<() => void> = []
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let firstAt: number | undefined
  const listener = (name: NodeJS.Signals) => {
    const now = performance.now()
    if (firstAt === undefined) {
      firstAt = now
      resolve(undefined)
    } else if (now - firstAt > sameKeyPressMs) {
      for (const action of actions) action()
      process.exit(name === 'SIGINT' ? 130 : 143)
    }
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, listener)
  return {
    asked: promise,
    signal: controller.signal,
    begin: () => controller.abort(),
    atOnce: (action) => actions.push(action),
  }
}
