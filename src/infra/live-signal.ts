import type { PubSub } from './pubsub.ts'

const channel = 'live'

/** A message stays under 8,000 bytes, which is what NOTIFY takes: 37 for each account. */
const accountsPerMessage = 200

/** The messages that name these accounts, each account once. */
export function signalsOf(userIds: readonly string[]): string[] {
  const unique = [...new Set(userIds)]
  return Array.from({ length: Math.ceil(unique.length / accountsPerMessage) }, (_, n) =>
    unique.slice(n * accountsPerMessage, (n + 1) * accountsPerMessage).join(','),
  )
}

type Announcing = { readonly pubsub: PubSub; readonly afterCommit: (hook: () => Promise<void>) => void }

/**
 * Says, once the transaction has committed, that these accounts have something new to see, to every process that holds a
 * live socket of theirs. A signal has no content: who gets it reads what is new from Postgres, so one that is lost,
 * doubled or late costs nothing but time. It never fails.
 */
export function announce({ pubsub, afterCommit }: Announcing, userIds: readonly string[]): void {
  if (userIds.length === 0) return
  afterCommit(async () => {
    for (const message of signalsOf(userIds)) await pubsub.publish(channel, message)
  })
}

/** @param onMissed called when signals may have been missed, and once at first */
export function onSignals(pubsub: PubSub, onSignal: (userIds: readonly string[]) => void, onMissed: () => void): void {
  pubsub.subscribe(channel, (message) => onSignal(message.split(',')), onMissed)
}
