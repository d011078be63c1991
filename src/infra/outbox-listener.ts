import type { Needs } from '../context.ts'
import { connectionSettings } from './db.ts'
import { keepClient } from './kept-client.ts'
import { outboxChannel } from './outbox.ts'

/** Calls `wake` when an event was committed, and after each reconnect. What it misses while it is away, polling finds. */
export function listenToOutbox(
  { config, log }: Needs<'config' | 'log'>,
  wake: () => void,
): { readonly close: () => Promise<void> } {
  return keepClient({
    config: { ...connectionSettings, connectionString: config.DATABASE_URL, application_name: 'lemonnpie-relay' },
    purpose: 'events for the relay',
    log,
    prepare: async (client) => {
      client.on('notification', wake)
      await client.query(`listen ${outboxChannel}`)
    },
    onUp: wake,
  })
}
