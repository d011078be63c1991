import type pg from 'pg'
import type { Log } from './logger.ts'

/** Milliseconds in which a replica that was found away is not asked again: each asking may take its time to fail. */
const restMilliseconds = 2_000

/** Milliseconds in which a replica that lends no connection has to answer over the one that nobody else takes. */
const probeMilliseconds = 1_000

type Pool = Pick<pg.Pool, 'connect' | 'end' | 'options'>

/** What a replica's pool is seen beside. */
export interface BesideReplica {
  /** The primary's pool: what stands in for a replica that is away. */
  readonly primary: pg.Pool
  /** A pool to the same replica that no query waits for: it tells one that is busy from one that is away. */
  readonly probe: pg.Pool
}

/** How pg says that all connections of a pool stayed lent for as long as one may be waited for. */
const isFull = (error: unknown): boolean =>
  error instanceof Error && error.message === 'timeout exceeded when trying to connect'

/**
 * The connections of a replica and, while it is away, those of the primary. A replica that is only busy stays busy: its
 * pool's error is thrown, as the primary's would be, since the primary would not be helped by the load of both. Closing it
 * closes its own alone.
 */
export function replicaOrPrimary(replica: pg.Pool, { primary, probe }: BesideReplica, log: Log): Pool {
  let awayUntil = 0
  let isAway = false
  let probing: Promise<boolean> | null = null

  /** A pool is full also where the replica vanished under all who had a connection; those who wait ask together. */
  const answers = (): Promise<boolean> => {
    probing ??= probe
      .query({ text: '/* probeReplica */ select 1', query_timeout: probeMilliseconds } as pg.QueryConfig)
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        probing = null
      })
    return probing
  }

  function found(): void {
    if (isAway) log.info('the replica is back')
    isAway = false
    awayUntil = 0
  }

  const connect = async (): Promise<pg.PoolClient> => {
    if (performance.now() < awayUntil) return primary.connect()
    // One asks whether it is back, which may take its time; the others need not wait for that.
    if (isAway) awayUntil = performance.now() + restMilliseconds
    try {
      const client = await replica.connect()
      found()
      return client
    } catch (error) {
      if (isFull(error) && (await answers())) {
        found()
        throw error
      }
      if (!isAway) log.warn({ err: error }, 'the replica is away: the primary answers for it')
      isAway = true
      awayUntil = performance.now() + restMilliseconds
      return primary.connect()
    }
  }
  return { connect: connect as pg.Pool['connect'], end: () => replica.end(), options: replica.options }
}
