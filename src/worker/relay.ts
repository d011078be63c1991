import type { Ctx, Needs } from '../context.ts'
import { eventNames } from '../infra/event-check.ts'
import { claimUnpublished, markPublished } from '../infra/outbox-delivery.ts'
import { listenToOutbox } from '../infra/outbox-listener.ts'
import type { Queues } from '../infra/queues.ts'
import { inTx } from '../infra/tx.ts'
import { jobsByQueue, type Subscribers, wantedBy } from './subscriber-jobs.ts'

/** Events that one transaction relays at most, so that it stays short; and such transactions at once when more wait. */
const batch = 500
const lanes = 2

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
): Promise<number> =>
  inTx(ctx, async (tx) => {
    const events = await claimUnpublished(tx.db, eventNames, batch)
    if (events.length === 0) return 0
    const wanted = events.map((event) => [event, wantedBy(subscribers, event)] as const)
    for (const [queue, jobs] of jobsByQueue(wanted)) await add(queue, jobs)
    const relayed = wanted.map(([{ id }, all]) => ({ id, relayed_to: all.map((subscriber) => subscriber.id) }))
    await markPublished(tx.db, relayed, recheckSeconds)
    tx.afterCommit(async () => {
      for (const { age_seconds } of events) ctx.metrics.relayLag.observe(age_seconds)
    })
    return events.length
  })

/**
 * Relays one batch or, when `many` are waiting, several at once: while the one is on its way to the queue, Postgres claims
 * and marks the other. Each has the events that the others have not locked.
 * @returns whether a batch was full, so that there may be more
 */
export async function relaySome(
  ctx: Needs<'db' | 'metrics'>,
  subscribers: Subscribers,
  add: Queues['add'],
  many: boolean,
  recheckSeconds?: number,
): Promise<boolean> {
  const batches = Array.from({ length: many ? lanes : 1 }, () => relayBatch(ctx, subscribers, add, recheckSeconds))
  const relayed = await Promise.allSettled(batches)
  const failed = relayed.find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
  return relayed.some((one) => one.status === 'fulfilled' && one.value === batch)
}

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
  let many = false
  let away = false
  let running: Promise<void> | null = null

  async function relayAll(): Promise<void> {
    while (wanted && !stopped) {
      wanted = false
      try {
        many = await relaySome(ctx, subscribers, queues.add, many, recheckSeconds)
        if (many) wanted = true
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
