import type { Ctx } from '../context.ts'
import { PermanentError } from '../infra/permanent-error.ts'
import { Postponed } from '../infra/postponed.ts'
import type { Job } from '../infra/queues.ts'
import { openWorkLock } from '../infra/work-lock.ts'
import type { Schedule } from './schedules.ts'

/** Milliseconds after which a heavy one looks again whether it is its turn. */
const turnMilliseconds = 15_000

const isEmpty = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && !Array.isArray(data) && Object.keys(data).length === 0

/**
 * Runs a schedule, unless another process is at it still: then its next time is soon enough. A heavy one waits for its
 * turn while another heavy one runs, until it is due again itself.
 * @throws PermanentError when the job carries anything, since schedules take nothing
 */
export async function runSchedule(
  ctx: Ctx,
  schedules: readonly Schedule[],
  job: Pick<Job, 'name' | 'data' | 'dueAt'>,
): Promise<void> {
  const schedule = schedules.find(({ name }) => name === job.name)
  // A newer version's, while both are at work, or one that is no more: tried again later, it meets who knows it or goes.
  if (!schedule) throw new Error(`nobody knows a schedule ${job.name}`)
  if (!isEmpty(job.data)) throw new PermanentError(`the schedule ${job.name} takes no data`)
  const { name, heavy, everyMinutes } = schedule
  const tell = (outcome: string): void => ctx.metrics.jobs.inc({ job: name, outcome })
  const lock = await openWorkLock(ctx)
  try {
    if (!(await lock.take(name))) return tell('skipped')
    if (heavy && !(await lock.take('heavy'))) {
      if (Date.now() - job.dueAt > everyMinutes * 60_000) return tell('skipped')
      throw new Postponed(turnMilliseconds)
    }
    const begun = performance.now()
    try {
      await schedule.run({ ...ctx, log: ctx.log.child({ schedule: name }) })
    } finally {
      ctx.metrics.jobDuration.observe({ job: name }, (performance.now() - begun) / 1_000)
    }
    tell('done')
  } finally {
    await lock.release()
  }
}
