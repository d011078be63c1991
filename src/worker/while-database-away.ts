import type { Needs } from '../context.ts'
import { isDatabaseAway } from '../infra/database-away.ts'
import { PermanentError } from '../infra/permanent-error.ts'
import { Postponed } from '../infra/postponed.ts'

/** Milliseconds after which a job is begun again that our database was away for. */
const again = 15_000

/**
 * Runs a job; one that fails while our database is away is postponed. The queue may live elsewhere and go on, and every job
 * would spend its attempts on an outage that is none of its faults.
 */
export async function postponedWhileAway(
  ctx: Needs<'probes' | 'log'>,
  job: string,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run()
  } catch (error) {
    const isDecided = error instanceof PermanentError || error instanceof Postponed
    if (isDecided || !(await isDatabaseAway(ctx, error))) throw error
    ctx.log.warn({ err: error, job }, 'a job waits for the database')
    throw new Postponed(again)
  }
}
