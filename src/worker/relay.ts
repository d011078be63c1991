import type { Ctx, Needs } from '../context.ts'
import { eventNames } from '../infra/event-check.ts'
import { claimUnpublished, markPublished } from '../infra/outbox-delivery.ts'
import { listenToOutbox } from '../infra/outbox-listener.ts'
import type { Queues } from '../infra/queues.ts'
import { inTx } from '../infra/tx.ts'
import { jobsByQueue, type Subscribers, subscribersOf } from './subscriber-jobs.ts'

/** Events that one transaction relays at most, so that it stays short. */
const batch = 500

const pollMilliseconds = 1_000

/** Seconds after which handlers have done their work long since, unless they are waiting to be tried again. */
const usualRecheck = 300

/**
 * Makes the jobs of some unpublished events and marks these as published, in one transaction: when the jobs can't be
 * added the events stay, and when the marks can't, the same jobs are added again, which changes nothing.
 * @returns how many events it was
 */
export const relayBatch = (
  ctx: Needs<'db' | 'metrics'>,
  subscribers: Subscribers,
  add: Queues['add'],
  recheckSeconds: number = usualRecheck,
  most: number = batch,
): Promise<number> =>
  inTx(ctx, async (tx) => {
    const events = await claimUnpublished(tx.db, eventNames, most)
    if (events.length === 0) return 0
    const wanted = events.map((event) => [event, subscribersOf(subscribers, event.name)] as const)
    for (const [queue, jobs] of jobsByQueue(wanted)) await add(queue, jobs)
    const relayed = wanted.map(([{ id }, all]) => ({ id, relayed_to: all.map((subscriber) => subscriber.id) }))
    await markPublished(tx.db, relayed, recheckSeconds)
    tx.afterCommit(async () => {
      for (const { age_seconds } of events) ctx.metrics.relayLag.observe(age_seconds)
    })
    return events.length
  })

/**
 * Relays what is there and then what comes, woken at each commit and by a poll. An outage is logged once and waited for.
 * `stop` finishes the batch at hand.
 */
export function startRelay(
  ctx: Ctx,
  subscribers: Subscribers,
  queues: Pick<Queues, 'add'>,
  recheckSeconds?: number,
): { readonly stop: () => Promise<void> } {
  let stopped = false
  let wanted = false
  let away = false
  let running: Promise<void> | null = null

  async function relayAll(): Promise<void> {
    while (wanted && !stopped) {
      wanted = false
      try {
        if ((await relayBatch(ctx, subscribers, queues.add, recheckSeconds)) === batch) wanted = true
        if (away) ctx.log.info('events are relayed again')
        away = false
      } catch (error) {
        if (!away) ctx.log.error({ err: error }, 'events cannot be relayed; they stay in the outbox')
        away = true
      }
    }
    running = null
  }
  function wake(): void {
    wanted = true
    if (!stopped) running ??= relayAll()
  }

  const listener = listenToOutbox(ctx, wake)
  const poll = setInterval(wake, pollMilliseconds)
  wake()
  return {
    stop: async () => {
      stopped = true
      clearInterval(poll)
      await running
      await listener.close()
    },
  }
}
