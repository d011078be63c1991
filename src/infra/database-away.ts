import pg from 'pg'
import type { Needs } from '../context.ts'

/** Postgres says that it is going, not there yet, or has no connection left; all else that it says, it is there to say. */
const isGoing = ({ code = '' }: pg.DatabaseError): boolean => /^(08|57P0[13]|53300)/.test(code)

/** Whether something failed while our database was away: of a mail server that is, errors look the same. */
export async function isDatabaseAway({ probes }: Needs<'probes'>, error: unknown): Promise<boolean> {
  if (error instanceof pg.DatabaseError) return isGoing(error)
  return probes.postgres.query('/* probeForJobs */ select 1').then(
    () => false,
    () => true,
  )
}
