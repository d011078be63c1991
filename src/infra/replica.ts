import type pg from 'pg'
import type { Log } from './logger.ts'

/** Milliseconds in which a replica that was found away is not asked again: each asking may take its time to fail. */
const restMilliseconds = 2_000

type Pool = Pick<pg.Pool, 'connect' | 'end' | 'options'>

/** The connections of a replica and, while there are none to be had, those of the primary. Closing it closes its own alone. */
export function replicaOrPrimary(replica: pg.Pool, primary: pg.Pool, log: Log): Pool {
  let awayUntil = 0
  let isAway = false
  const connect = async (): Promise<pg.PoolClient> => {
    if (performance.now() < awayUntil) return primary.connect()
    // One asks whether it is back, which may take its time; the others need not wait for that.
    if (isAway) awayUntil = performance.now() + restMilliseconds
    try {
      const client = await replica.connect()
      if (isAway) log.info('the replica is back')
      isAway = false
      awayUntil = 0
      return client
    } catch (error) {
      if (!isAway) log.warn({ err: error }, 'the replica is away: the primary answers for it')
      isAway = true
      awayUntil = performance.now() + restMilliseconds
      return primary.connect()
    }
  }
  return { connect: connect as pg.Pool['connect'], end: () => replica.end(), options: replica.options }
}
