import type { Ctx } from '../context.ts'
import type { Job, Queues } from '../infra/queues.ts'
import { runJob } from './run-job.ts'
import { type JobData, queuesOf, type Subscribers } from './subscriber-jobs.ts'

/** Jobs of a queue that one process does at a time. Those of `mail` wait for the mail server's few connections. */
const concurrency: Readonly<Record<string, number>> = { mail: 5 }
const otherwise = 10

function tellFailure({ log, metrics }: Ctx, job: Job, error: Error, dead: boolean): void {
  const { event, id, request_id } = (job.data ?? {}) as Partial<JobData>
  const about = {
    err: error,
    job: job.name,
    event,
    event_id: id,
    attempt: job.attempt,
    ...(request_id && { request_id }),
  }
  metrics.jobs.inc({ job: job.name, outcome: dead ? 'dead' : 'failed' })
  if (dead) log.error(about, 'a job is dead: it will not be tried again')
  else log.warn(about, 'a job failed and will be tried again')
}

/** Does the jobs of every queue that a subscriber names. `stop` waits for those that are being done. */
export function startRunner(
  ctx: Ctx,
  subscribers: Subscribers,
  queues: Pick<Queues, 'work'>,
): { readonly stop: () => Promise<void> } {
  const working = queuesOf(subscribers).map((queue) =>
    queues.work(
      queue,
      {
        concurrency: concurrency[queue] ?? otherwise,
        onFailed: (job, error, dead) => tellFailure(ctx, job, error, dead),
      },
      (job) => runJob(ctx, subscribers, job),
    ),
  )
  return {
    stop: async () => {
      await Promise.all(working.map(({ stop }) => stop()))
    },
  }
}
