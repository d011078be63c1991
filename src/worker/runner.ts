import type { Ctx } from '../context.ts'
import type { Job, Queues } from '../infra/queues.ts'
import { policyOf, scheduleQueue } from '../lib/queue-table.ts'
import { runJob } from './run-job.ts'
import { runSchedule } from './run-schedule.ts'
import type { Schedule } from './schedules.ts'
import { type JobData, queuesOf, type Subscribers } from './subscriber-jobs.ts'
import { postponedWhileAway } from './while-database-away.ts'

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

/** Does the jobs of every queue that a subscriber names, and the schedules. `stop` waits for what is being done. */
export function startRunner(
  ctx: Ctx,
  subscribers: Subscribers,
  schedules: readonly Schedule[],
  queues: Pick<Queues, 'work'>,
): { readonly stop: () => Promise<void> } {
  const work = (queue: string, run: (job: Job) => Promise<void>) =>
    queues.work(
      queue,
      {
        ...policyOf(queue),
        onFailed: (job, error, dead) => tellFailure(ctx, job, error, dead),
        onStalled: (id) => {
          ctx.metrics.stalledJobs.inc({ queue })
          ctx.log.warn({ queue, job_id: id }, 'a job whose worker died is done again')
        },
      },
      (job) => {
        if (job.attempt === 1) ctx.metrics.jobWait.observe({ queue }, Math.max(0, Date.now() - job.dueAt) / 1_000)
        return postponedWhileAway(ctx, job.name, () => run(job))
      },
    )
  const working = [
    ...queuesOf(subscribers).map((queue) => work(queue, (job) => runJob(ctx, subscribers, job))),
    work(scheduleQueue, (job) => runSchedule(ctx, schedules, job)),
  ]
  return {
    stop: async () => {
      await Promise.all(working.map(({ stop }) => stop()))
    },
  }
}
