import pg from 'pg'
import type { Log } from './logger.ts'

/** One connection to Postgres that is made again whenever it is lost. */
export interface KeptClient {
  /** The connection while it is up, else null. */
  current(): pg.Client | null
  close(): Promise<void>
}

export interface KeptClientOptions {
  readonly config: pg.ClientConfig
  /** What the connection is for, as the subject of a log line. */
  readonly purpose: string
  readonly log: Log
  /** Runs on each new connection before it counts as up; when it throws, the connection is dropped and made again. */
  readonly prepare?: (client: pg.Client) => Promise<void>
  readonly onUp?: (client: pg.Client) => void
  readonly onDown?: () => void
}

/** Milliseconds before the nth attempt after a loss: 100, 200, 400 … 2,000. */
const backOff = (failures: number): number => Math.min(100 * 2 ** failures, 2_000)

/** Ends a connection at once: what is in flight on it is rejected. */
export const dropClient = (client: pg.Client): void => void client.connection.stream.destroy()

/** Connects at once, and for ever again with back-off. Neither this nor a lost connection throws; both are logged once. */
export function keepClient({ config, purpose, log, prepare, onUp, onDown }: KeptClientOptions): KeptClient {
  let up: pg.Client | null = null
  let newest: pg.Client | null = null
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function lost(client: pg.Client, error: unknown): void {
    if (client !== newest) return
    newest = null
    dropClient(client)
    if (closed) return
    if (failures === 0) log.warn({ err: error }, `${purpose}: the connection to Postgres is away`)
    if (up) {
      up = null
      onDown?.()
    }
    timer = setTimeout(connect, backOff(failures))
    failures += 1
  }

  function connect(): void {
    const client = new pg.Client({ keepAlive: true, ...config })
    newest = client
    client.on('error', (error) => lost(client, error))
    client.on('end', () => lost(client, new Error('the connection ended')))
    const opened = async (): Promise<void> => {
      await client.connect()
      await prepare?.(client)
      if (client !== newest || closed) return
      if (failures > 0) log.info(`${purpose}: the connection to Postgres is back`)
      failures = 0
      up = client
      onUp?.(client)
    }
    opened().catch((error) => lost(client, error))
  }

  connect()
  return {
    current: () => up,
    async close() {
      closed = true
      up = null
      clearTimeout(timer)
      await newest?.end()
    },
  }
}
