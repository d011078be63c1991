import type { Log } from './logger.ts'

/** What Postgres and Redis differ in. */
export interface Transport {
  send(channel: string, message: string): Promise<void>
  /** Connects on the first call, and listens to the channel on this and every later connection. */
  listen(channel: string): void
  isListening(): boolean
  close(): Promise<void>
}

export interface Subscriber {
  readonly onMessage: (message: string) => void
  readonly onGap: () => void
}

/** Who listens to what in this process. A subscriber that throws is logged and harms no other. */
export interface Subscriptions {
  add(channel: string, subscriber: Subscriber): void
  channels(): string[]
  deliver(channel: string, message: string): void
  gap(channels: readonly string[]): void
}

export function openSubscriptions(log: Log): Subscriptions {
  const subscribers = new Map<string, Subscriber[]>()
  function each(channel: string, call: (subscriber: Subscriber) => void): void {
    for (const subscriber of subscribers.get(channel) ?? []) {
      try {
        call(subscriber)
      } catch (error) {
        log.error({ err: error, channel }, 'a subscriber failed')
      }
    }
  }
  return {
    add: (channel, subscriber) => {
      subscribers.set(channel, [...(subscribers.get(channel) ?? []), subscriber])
    },
    channels: () => [...subscribers.keys()],
    deliver: (channel, message) => each(channel, (subscriber) => subscriber.onMessage(message)),
    gap: (channels) => {
      for (const channel of channels) each(channel, (subscriber) => subscriber.onGap())
    },
  }
}
