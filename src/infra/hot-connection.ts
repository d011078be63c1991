import { DatabaseError, type QueryResult } from 'pg'
import { connectionSettings } from './db.ts'
import type { HotStatement } from './hot-query.ts'
import { dropClient, keepClient } from './kept-client.ts'
import type { Log } from './logger.ts'

/** One pipelined connection. */
export interface HotConnection {
  isUp(): boolean
  hasBeenUp(): boolean
  /** Statements sent and not answered yet. */
  inFlight(): number
  query<Row>(statement: HotStatement, parameters: readonly unknown[]): Promise<Row[]>
  close(): Promise<void>
}

interface HotConnectionOptions {
  readonly url: string
  readonly applicationName: string
  readonly log: Log
  readonly silenceMilliseconds: number
  readonly onUp: () => void
}

/** Milliseconds; what is sent here is short, and whoever is behind it in the pipeline waits for it. */
const statementTimeout = 3_000

/**
 * Answers after which a prepared statement cannot be used on this connection any more: its result type was changed by a
 * migration, or the connection has lost it. A new connection prepares it again.
 */
const brokenStatement = new Set(['0A000', '26000'])

export function openHotConnection(options: HotConnectionOptions): HotConnection {
  const { url, applicationName, log, silenceMilliseconds, onUp } = options
  let inFlight = 0
  let lastProgress = 0
  let hasBeenUp = false
  const kept = keepClient({
    config: {
      ...connectionSettings,
      statement_timeout: statementTimeout,
      connectionString: url,
      application_name: applicationName,
      pipeline: true,
    },
    purpose: 'hot queries',
    log,
    onUp: () => {
      hasBeenUp = true
      onUp()
    },
  })
  // A timer per query costs more than the query's own work.
  const watchdog = setInterval(() => {
    const client = kept.current()
    if (client && inFlight > 0 && performance.now() - lastProgress > silenceMilliseconds) dropClient(client)
  }, silenceMilliseconds / 5)
  watchdog.unref()

  return {
    isUp: () => kept.current() !== null,
    hasBeenUp: () => hasBeenUp,
    inFlight: () => inFlight,
    query<Row>(statement: HotStatement, parameters: readonly unknown[]): Promise<Row[]> {
      const client = kept.current()
      if (!client) return Promise.reject(new Error('the connection is away'))
      return new Promise((resolve, reject) => {
        if (inFlight === 0) lastProgress = performance.now()
        inFlight += 1
        let isAnswered = false
        const done = (error: Error | null, result: QueryResult): void => {
          // A value that cannot be sent is reported twice: at once, and when the pipeline comes to it.
          if (isAnswered) return
          isAnswered = true
          inFlight -= 1
          lastProgress = performance.now()
          if (error instanceof DatabaseError && brokenStatement.has(error.code ?? '')) dropClient(client)
          if (error) reject(error)
          else resolve(result.rows)
        }
        client.query({ name: statement.name, text: statement.text, values: parameters as unknown[] }, done as never)
      })
    },
    async close() {
      clearInterval(watchdog)
      await kept.close()
    },
  }
}
