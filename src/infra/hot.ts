import { DatabaseError } from 'pg'
import { serviceUnavailable } from '../lib/errors.ts'
import { openHotConnection } from './hot-connection.ts'
import type { HotQuery, HotStatement } from './hot-query.ts'
import type { Log } from './logger.ts'
import type { Metrics } from './metrics.ts'

export type { HotStatement }

/** Pipelined connections for short, named, read-only statements: many in flight on few connections. */
export interface Hot {
  /** @throws AppError 503 while no connection is up or when it is lost on the way, or what Postgres answers */
  query<Row>(statement: HotStatement, parameters: readonly unknown[]): Promise<Row[]>
  /** The same for a statement of `compileHot`, with its parameters by name. */
  run<P extends object, Row>(query: HotQuery<P, Row>, parameters: P): Promise<Row[]>
  close(): Promise<void>
}

export interface HotOptions {
  readonly url: string
  readonly applicationName: string
  readonly log: Log
  readonly metrics: Metrics
  /** Without any answer for so long, where one is due, a connection counts as dead. */
  readonly silenceMilliseconds?: number
}

const connectionCount = 2

/** How long the very first query waits for a connection, in milliseconds; later ones do not wait. */
const firstConnectionMilliseconds = 3_000

/** Whether Postgres answered with an error of the statement itself, and not because the connection or the server went. */
const isAnswer = (error: unknown): boolean =>
  error instanceof DatabaseError && !/^(08|57P|58|XX)/.test(error.code ?? '')

/** Nothing connects before the first query. */
export function openHot({ url, applicationName, log, metrics, silenceMilliseconds = 5_000 }: HotOptions): Hot {
  let connections: ReturnType<typeof openHotConnection>[] = []
  let firstConnection: Promise<void> | null = null
  let closed = false
  const observers = new Map<string, (seconds: number) => void>()

  function observerOf(name: string): (seconds: number) => void {
    const known = observers.get(name)
    if (known) return known
    const { observe } = metrics.queryDuration.labels({ query: name })
    observers.set(name, observe)
    return observe
  }

  /** Resolves when a connection is up, or when it has taken too long. */
  function connect(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, firstConnectionMilliseconds)
      const onUp = (): void => {
        clearTimeout(timer)
        resolve()
      }
      connections = Array.from({ length: connectionCount }, () =>
        openHotConnection({ url, applicationName: `${applicationName}-hot`, log, silenceMilliseconds, onUp }),
      )
    })
  }

  function leastBusy(): (typeof connections)[number] | null {
    let best: (typeof connections)[number] | null = null
    for (const connection of connections) {
      if (connection.isUp() && (best === null || connection.inFlight() < best.inFlight())) best = connection
    }
    return best
  }

  async function query<Row>(statement: HotStatement, parameters: readonly unknown[]): Promise<Row[]> {
    if (closed) throw serviceUnavailable()
    let connection = leastBusy()
    if (connection === null) {
      const isFirst = firstConnection === null || connections.every((each) => !each.hasBeenUp())
      firstConnection ??= connect()
      if (isFirst) await firstConnection
      connection = leastBusy()
      if (connection === null) throw serviceUnavailable()
    }
    const start = performance.now()
    try {
      return await connection.query<Row>(statement, parameters)
    } catch (error) {
      throw isAnswer(error) ? error : serviceUnavailable({ cause: error })
    } finally {
      observerOf(statement.name)((performance.now() - start) / 1000)
    }
  }

  return {
    query,
    run: (hotQuery, parameters) => query(hotQuery, hotQuery.bind(parameters)),
    async close() {
      closed = true
      await Promise.all(connections.map((connection) => connection.close()))
    },
  }
}
