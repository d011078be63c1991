import type { Ctx, Needs } from '../context.ts'
import { pruneHandledEvents } from '../infra/handled-events.ts'
import { pruneOutbox, recheckPublished } from '../infra/outbox-delivery.ts'
import type { Queues } from '../infra/queues.ts'
import { inTx } from '../infra/tx.ts'
import { jobsByQueue, type Subscribers, subscribersOf } from './subscriber-jobs.ts'

/** Days that events stay in the outbox: less once all their subscribers have handled them. */
const eventDays = { handled: 7, unhandled: 14 } as const
/** Days that marks stay: longer than any event, so that none is handled twice. */
const markDays = 30
/** Rows that one statement deletes. */
const batch = 1_000
/** Events that are looked at again at once: their jobs are made in the same transaction, as a relay's are. */
const lookedAt = 500

async function untilFew(some: () => Promise<number>, most = batch): Promise<number> {
  let all = 0
  for (;;) {
    const few = await some()
    all += few
    if (few < most) return all
  }
}

/** Deletes events and marks that are older than anybody needs. */
export async function pruneEvents({ db, log }: Needs<'db' | 'log'>): Promise<void> {
  const events = await untilFew(() => pruneOutbox(db, eventDays, batch))
  const marks = await untilFew(() => pruneHandledEvents(db, markDays, batch))
  if (events + marks > 0) log.info({ events, marks }, 'old events were deleted')
}

/**
 * Makes the jobs of published events again for subscribers that have not handled them. Where the job is still waiting or
 * is dead that changes nothing; where its queue has lost it, as a Redis without its disk does, it is done after all.
 */
export async function recheckEvents(ctx: Ctx, subscribers: Subscribers, queues: Pick<Queues, 'add'>): Promise<void> {
  await untilFew(
    () =>
      inTx(ctx, async (tx) => {
        const { seen, unhandled } = await recheckPublished(tx.db, lookedAt)
        const wanted = unhandled.map(
          (event) =>
            [event, subscribersOf(subscribers, event.name).filter(({ id }) => event.missing.includes(id))] as const,
        )
        for (const [queue, jobs] of jobsByQueue(wanted)) await queues.add(queue, jobs)
        return seen
      }),
    lookedAt,
  )
}
