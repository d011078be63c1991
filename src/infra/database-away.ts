import pg from 'pg'
import type { Needs } from '../context.ts'

/** Postgres says that it is going, or not there yet; all else that it says, it is there to say. */
const isGoing = ({ code = '' }: pg.DatabaseError): boolean => /^(08|57P0[13])/.test(code)

/** Whether something failed while our database was away: of a mail server that is, errors look the same. */
export async function isDatabaseAway({ probes }: Needs<'probes'>, error: unknown): Promise<boolean> {
  if (error instanceof pg.DatabaseError) return isGoing(error)
  return probes.postgres.query('/* probeForJobs */ select 1').then(
    () => false,
    () => true,
  )
}
