import type { Ctx } from '../context.ts'
import { payloadProblem } from '../infra/event-check.ts'
import { isHandled, markHandled } from '../infra/handled-events.ts'
import { PermanentError } from '../infra/permanent-error.ts'
import type { Job } from '../infra/queues.ts'
import { type JobData, type Subscribers, subscribersOf } from './subscriber-jobs.ts'

/**
 * Has a subscriber handle its event, unless it has before, and marks that it has. A handler whose effect is in our
 * database commits the same mark with it; for one that writes elsewhere this is the mark.
 * @throws PermanentError when its payload is not the event's
 */
export async function runJob(ctx: Ctx, subscribers: Subscribers, job: Pick<Job, 'name' | 'data'>): Promise<void> {
  const { event, id, payload, request_id } = job.data as JobData
  const subscriber = subscribersOf(subscribers, event).find((one) => one.id === job.name)
  // A newer version's, while both are at work: tried again later, it meets a worker that knows it.
  if (!subscriber) throw new Error(`nobody called ${job.name} reacts to ${event}`)
  const problem = payloadProblem(event, payload)
  if (problem !== null) throw new PermanentError(problem)
  if (await isHandled(ctx.db, subscriber.id, id)) {
    ctx.metrics.jobs.inc({ job: subscriber.id, outcome: 'repeated' })
    return
  }
  const log = ctx.log.child({ job: subscriber.id, event, event_id: id, ...(request_id && { request_id }) })
  const begun = performance.now()
  try {
    await subscriber.handle(
      { ...ctx, log, ...(request_id && { requestId: request_id }) },
      { id, payload: payload as never },
    )
    await markHandled(ctx.db, subscriber.id, id)
  } finally {
    ctx.metrics.jobDuration.observe({ job: subscriber.id }, (performance.now() - begun) / 1_000)
  }
  ctx.metrics.jobs.inc({ job: subscriber.id, outcome: 'done' })
}
