import type { Ctx, Needs } from '../../src/context.ts'
import type { EventName, EventPayload } from '../../src/events.ts'
import type { NewJob } from '../../src/infra/queues.ts'
import { relayBatch } from '../../src/worker/relay.ts'
import { runJob } from '../../src/worker/run-job.ts'
import type { Subscribers } from '../../src/worker/subscriber-jobs.ts'
import { subscribers as ours } from '../../src/worker/subscribers.ts'

/**
 * Relays what was published in this database and has every subscriber handle it, and what follows from that, to the end.
 * The relay's and the handlers' own code, without the queue between them; a handler that fails fails the test.
 * @returns the names of the subscribers that were run, in their order
 */
export async function drain(ctx: Ctx, subscribers: Subscribers = ours): Promise<string[]> {
  const ran: string[] = []
  for (;;) {
    const jobs: NewJob[] = []
    const relayed = await relayBatch(ctx, subscribers, async (_queue, added) => {
      jobs.push(...added)
    })
    for (const job of jobs) {
      await runJob(ctx, subscribers, job)
      ran.push(job.name)
    }
    if (relayed === 0) return ran
  }
}

/** The payloads of all events of a name that were published in this database, in their order. */
export async function published<N extends EventName>(ctx: Needs<'db'>, name: N): Promise<Array<EventPayload<N>>> {
  const rows = await ctx.db
    .selectFrom('outbox_events')
    .select('payload')
    .where('name', '=', name)
    .orderBy('id')
    .execute()
  return rows.map(({ payload }) => payload as unknown as EventPayload<N>)
}
