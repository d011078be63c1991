import closeWithGrace from 'close-with-grace'
import { ConfigError, loadConfig, processEnvironment, readEnvFile } from '../config.ts'
import { type OpenedContext, openContext } from '../context.ts'
import { logDestination } from './log-destination.ts'
import { openLog } from './logger.ts'
import { measureProcess } from './metrics.ts'

/** Milliseconds that closing may take; what is not done by then is cut off. */
const deadline = 15_000

/** Why a process cannot start, in words for whoever started it. */
export class StartError extends Error {}

/** Opens what the process runs. @returns what ends it: everything that was begun is finished when it resolves */
export type Start = (ctx: OpenedContext) => Promise<() => Promise<void>>

const refuseToStart = (error: Error): never => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}

/**
 * A process from its beginning to its end: configuration, context, `start`, and on a signal its close, within a
 * deadline; a second signal ends it at once. It exits with 0 after a signal, with 1 when it could not start, failed, or
 * did not close in time.
 */
export async function runProcess(name: string, start: Start): Promise<void> {
  const load = () => {
    try {
      readEnvFile()
      return loadConfig(processEnvironment())
    } catch (error) {
      if (error instanceof ConfigError) return refuseToStart(error)
      throw error
    }
  }
  const config = load()
  const log = openLog(config, await logDestination())
  const ctx = await openContext(config, name, log)
  measureProcess(ctx.metrics)
  let stop: (() => Promise<void>) | undefined
  closeWithGrace(
    {
      delay: deadline,
      logger: { error: (message: unknown) => log.error({ detail: String(message) }, 'closing') },
      onSecondSignal: (signal) => log.warn({ signal }, 'not waiting any longer'),
      onTimeout: (delay) => log.error({ delay_ms: delay }, 'closing takes too long: giving up'),
    },
    async ({ signal, err }) => {
      if (err) log.fatal({ err }, 'closing after an error')
      else log.info({ signal }, 'closing')
      await stop?.()
      await ctx[Symbol.asyncDispose]()
      log.info('closed')
    },
  )
  try {
    stop = await start(ctx)
  } catch (error) {
    if (error instanceof StartError) return refuseToStart(error)
    throw error
  }
}
