import { CompiledQuery } from 'kysely'
import type pg from 'pg'
import { connectionSettings, type Db } from './db.ts'
import { dropClient, type KeptClient, keepClient } from './kept-client.ts'
import type { Log } from './logger.ts'
import type { Subscriptions, Transport } from './pubsub-transport.ts'

interface PostgresTransportOptions {
  readonly url: string
  readonly db: Db
  readonly log: Log
  readonly subscriptions: Subscriptions
  readonly heartbeatMilliseconds: number
}

const listenTo = (client: pg.Client, channels: readonly string[]): Promise<unknown> =>
  client.query(channels.map((channel) => `listen ${client.escapeIdentifier(channel)}`).join(';'))

/** LISTEN on a connection of its own, and NOTIFY over it. */
export function openPostgresTransport(options: PostgresTransportOptions): Transport {
  const { url, db, log, subscriptions, heartbeatMilliseconds } = options
  let kept: KeptClient | null = null
  let heartbeat: NodeJS.Timeout | undefined
  const config = {
    ...connectionSettings,
    connectionString: url,
    application_name: 'lemonnpie-listen',
    query_timeout: heartbeatMilliseconds,
    // What is sent, the heartbeat and a new LISTEN need not wait for each other.
    pipeline: true,
  }

  function connect(): KeptClient {
    let channels: string[] = []
    return keepClient({
      config,
      purpose: 'messages between processes',
      log,
      prepare: async (client) => {
        client.on('notification', ({ channel, payload }) => subscriptions.deliver(channel, payload ?? ''))
        channels = subscriptions.channels()
        await listenTo(client, channels)
      },
      onUp: (client) => {
        const missed = subscriptions.channels().filter((channel) => !channels.includes(channel))
        subscriptions.gap(channels)
        for (const channel of missed) listenOn(client, channel)
        heartbeat = setInterval(() => {
          client.query('select').catch(() => dropClient(client))
        }, heartbeatMilliseconds)
      },
      onDown: () => clearInterval(heartbeat),
    })
  }

  function listenOn(client: pg.Client, channel: string): void {
    listenTo(client, [channel]).then(
      () => subscriptions.gap([channel]),
      () => dropClient(client),
    )
  }

  return {
    // Over the connection that listens, while it is up: what is to be sent then waits for no place in the pool.
    send: async (channel, message) => {
      // A crash of Postgres takes the listeners with the message, so its commit need not wait for the disk.
      const text = "select /* publishMessage */ set_config('synchronous_commit', 'off', true), pg_notify($1, $2)"
      const client = kept?.current()
      if (client) await client.query(text, [channel, message])
      else await db.executeQuery(CompiledQuery.raw(text, [channel, message]))
    },
    listen: (channel) => {
      const client = kept?.current()
      if (!kept) kept = connect()
      else if (client) listenOn(client, channel)
    },
    isListening: () => kept?.current() != null,
    close: async () => {
      clearInterval(heartbeat)
      await kept?.close()
    },
  }
}
