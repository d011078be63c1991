import pg from 'pg'
import type { Needs } from '../context.ts'
import { PermanentError } from '../infra/permanent-error.ts'
import { Postponed } from '../infra/postponed.ts'

/** Milliseconds after which a job is begun again that our database was away for. */
const again = 15_000

/** Postgres says that it is going, or not there yet; all else that it says, it is there to say. */
const isGoing = ({ code = '' }: pg.DatabaseError): boolean => /^(08|57P0[13])/.test(code)

/** Whether our database is away: of what else a job needs, a mail server perhaps, errors look the same. */
async function isAway({ probes }: Needs<'probes'>, error: unknown): Promise<boolean> {
  if (error instanceof PermanentError || error instanceof Postponed) return false
  if (error instanceof pg.DatabaseError) return isGoing(error)
  return probes.postgres.query('/* probeForJobs */ select 1').then(
    () => false,
    () => true,
  )
}

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
    if (!(await isAway(ctx, error))) throw error
    ctx.log.warn({ err: error, job }, 'a job waits for the database')
    throw new Postponed(again)
  }
}
