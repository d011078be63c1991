import type { PubSub } from './pubsub.ts'

/** Where it is said whose notifications have changed. */
export const liveChannel = 'live'

/** Ids in one message: NOTIFY takes less than 8,000 bytes. */
const most = 150

type Announcing = { readonly pubsub: PubSub; readonly afterCommit: (hook: () => Promise<void>) => void }

/**
 * Tells every process, once the transaction has committed, that there is something new for these accounts. It carries no
 * content: who holds their connections reads it.
 */
export function announce({ pubsub, afterCommit }: Announcing, userIds: readonly string[]): void {
  if (userIds.length === 0) return
  afterCommit(async () => {
    for (let at = 0; at < userIds.length; at += most) {
      await pubsub.publish(liveChannel, JSON.stringify({ users: userIds.slice(at, at + most) }))
    }
  })
}
