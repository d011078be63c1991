import type { JobSchedulerJson, Queue } from 'bullmq'
import { within } from './queue-reach.ts'

/** Something that becomes a job again and again. */
export interface Repeated {
  readonly name: string
  readonly everyMilliseconds: number
}

/** More than there will ever be. */
const most = 1_000

/** A run that failed is tried twice more, since the next may be a day away; the last that failed are kept to be seen. */
const options = {
  attempts: 3,
  backoff: { type: 'exponential', delay: 5_000 },
  removeOnComplete: true,
  removeOnFail: { age: 30 * 24 * 3_600, count: 100 },
}

export const listRepeated = (queue: Queue): Promise<JobSchedulerJson[]> =>
  within(queue.getJobSchedulers(0, most, true), 'listing schedules')

/**
 * Makes the schedules of a queue those that are wanted: one that is missing or has another interval is put in, and is
 * due at once when it was missing. What nobody wants any more goes, with its next run, where `whole` says that these are
 * all. Whoever calls it sees to it that nobody else does at the same time.
 */
export async function setRepeated(queue: Queue, wanted: readonly Repeated[], whole: boolean): Promise<void> {
  const known = new Map((await listRepeated(queue)).map(({ key, every }) => [key, every]))
  for (const { name, everyMilliseconds: every } of wanted) {
    if (known.get(name) === every) continue
    await within(queue.upsertJobScheduler(name, { every }, { name, data: {}, opts: options }), 'putting in a schedule')
  }
  if (!whole) return
  const names = new Set(wanted.map(({ name }) => name))
  for (const key of known.keys())
    if (!names.has(key)) await within(queue.removeJobScheduler(key), 'taking out a schedule')
}
