import type { Redis } from 'ioredis'
import type { Log } from './logger.ts'
import type { Subscriptions, Transport } from './pubsub-transport.ts'

interface RedisTransportOptions {
  readonly redis: Redis
  readonly log: Log
  readonly subscriptions: Subscriptions
  readonly heartbeatMilliseconds: number
}

/** PUBLISH on the connection that is there; SUBSCRIBE on one of its own, since it can do nothing else then. */
export function openRedisTransport(options: RedisTransportOptions): Transport {
  const { redis, log, subscriptions, heartbeatMilliseconds } = options
  let subscriber: Redis | null = null
  let heartbeat: NodeJS.Timeout | undefined
  let listening = false
  let closed = false
  // Channels are shared by all of a Redis, so the name says which database and key prefix of it are ours.
  const scope = `${redis.options.keyPrefix ?? ''}lemonnpie:${redis.options.db ?? 0}:`

  function listenTo(connection: Redis, channels: readonly string[]): void {
    if (channels.length === 0) return
    connection.subscribe(...channels.map((channel) => scope + channel)).then(
      () => {
        listening = true
        subscriptions.gap(channels)
      },
      () => connection.disconnect(true),
    )
  }

  function connect(): Redis {
    const connection = redis.duplicate({
      autoResubscribe: false,
      commandTimeout: heartbeatMilliseconds,
      enableOfflineQueue: false,
    })
    connection.on('message', (channel, message) => subscriptions.deliver(channel.slice(scope.length), message))
    connection.on('ready', () => listenTo(connection, subscriptions.channels()))
    connection.on('close', () => {
      if (listening && !closed) log.warn('messages between processes: the connection to Redis is away')
      listening = false
    })
    // The error itself was told by 'close', and by the connection that this one is a duplicate of.
    connection.on('error', () => {})
    heartbeat = setInterval(() => {
      if (connection.status === 'ready') connection.ping().catch(() => connection.disconnect(true))
    }, heartbeatMilliseconds)
    return connection
  }

  return {
    send: async (channel, message) => {
      await redis.publish(scope + channel, message)
    },
    listen: (channel) => {
      if (!subscriber) subscriber = connect()
      else if (subscriber.status === 'ready') listenTo(subscriber, [channel])
    },
    isListening: () => listening,
    close: async () => {
      closed = true
      clearInterval(heartbeat)
      subscriber?.disconnect()
    },
  }
}
