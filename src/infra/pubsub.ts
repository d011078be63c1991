import type { Redis } from 'ioredis'
import type { Db } from './db.ts'
import type { Log } from './logger.ts'
import { openPostgresTransport } from './pubsub-postgres.ts'
import { openRedisTransport } from './pubsub-redis.ts'
import { openSubscriptions } from './pubsub-transport.ts'
import { openWordSender } from './pubsub-words.ts'

/**
 * Messages to every process, this one included: at most once, in order per sender, small (under 8,000 bytes), lost while
 * a listener reconnects. Channels are lower-case words.
 */
export interface PubSub {
  /** Never rejects: false says that it could not be sent, which is logged. */
  publish(channel: string, message: string): Promise<boolean>
  /**
   * The same for words of up to 38 characters, as ids are: those that come while a message is on its way go together in
   * the next one, joined by commas, each once. So a thousand transactions a second do not send as many messages.
   */
  publishWords(channel: string, words: readonly string[]): Promise<boolean>
  /**
   * `onMessage` gets each message; `onGap` is called when some may have been missed: when the listening begins (which is
   * after this returns) and after each reconnect. The first subscription connects.
   */
  subscribe(channel: string, onMessage: (message: string) => void, onGap: () => void): void
  /** Whether messages arrive at present. */
  isListening(): boolean
  close(): Promise<void>
}

export interface PubSubOptions {
  readonly url: string
  readonly db: Db
  readonly redis: Redis | null
  readonly log: Log
  /**
   * How often the listening connection is asked whether it lives, and how long it may take to answer. One that only
   * listens says nothing for hours, and may have died silently.
   */
  readonly heartbeatMilliseconds?: number
}

/** Words in a message: with a comma each, they stay under 8,000 bytes, which is what NOTIFY takes. */
const mostWords = 200

/** Redis pub/sub when there is a Redis, else LISTEN and NOTIFY. */
export function openPubSub({ url, db, redis, log, heartbeatMilliseconds = 5_000 }: PubSubOptions): PubSub {
  const subscriptions = openSubscriptions(log)
  const transport = redis
    ? openRedisTransport({ redis, log, subscriptions, heartbeatMilliseconds })
    : openPostgresTransport({ url, db, log, subscriptions, heartbeatMilliseconds })
  async function publish(channel: string, message: string): Promise<boolean> {
    try {
      await transport.send(channel, message)
      return true
    } catch (error) {
      log.warn({ err: error, channel }, 'a message to the other processes could not be sent')
      return false
    }
  }
  return {
    publish,
    publishWords: openWordSender(publish, mostWords).send,
    subscribe(channel, onMessage, onGap) {
      subscriptions.add(channel, { onMessage, onGap })
      transport.listen(channel)
    },
    isListening: transport.isListening,
    close: transport.close,
  }
}
