import type { PubSub } from './pubsub.ts'

const channel = 'live'

type Announcing = { readonly pubsub: PubSub; readonly afterCommit: (hook: () => Promise<void>) => void }

/**
 * Says, once the transaction has committed, that these accounts have something new to see, to every process that holds a
 * live socket of theirs. A signal has no content: who gets it reads what is new from Postgres, so one that is lost,
 * doubled or late costs nothing but time. It never fails.
 */
export function announce({ pubsub, afterCommit }: Announcing, userIds: readonly string[]): void {
  if (userIds.length === 0) return
  afterCommit(async () => {
    await pubsub.publishWords(channel, userIds)
  })
}

/** @param onMissed called when signals may have been missed, and once at first */
export function onSignals(pubsub: PubSub, onSignal: (userIds: readonly string[]) => void, onMissed: () => void): void {
  pubsub.subscribe(channel, (message) => onSignal(message.split(',')), onMissed)
}
