import pg from 'pg'
import type { Needs } from '../context.ts'
import { connectionSettings, usualQueryTimeout } from './db.ts'
import { dropClient } from './kept-client.ts'

/** Locks that are held for as long as some work takes, which may be minutes: longer than a transaction should be. */
export interface WorkLock {
  /** @returns whether it is ours now; false when another process has it */
  take(name: string): Promise<boolean>
  /** Gives all of them back. */
  release(): Promise<void>
}

/** Milliseconds that giving the locks back may take; without an answer the connection ends, and they go with it. */
const goodbye = 1_000

/** Has Postgres notice within a minute that a worker's machine vanished, whose locks keep others from the work. */
const keepAlives = '-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3'

/** A connection of its own, with which its locks go, however it ends. */
export async function openWorkLock({ config, log }: Needs<'config' | 'log'>): Promise<WorkLock> {
  const client = new pg.Client({
    ...connectionSettings,
    options: `${connectionSettings.options} ${keepAlives}`,
    query_timeout: usualQueryTimeout,
    connectionString: config.DATABASE_URL,
    application_name: 'lemonnpie-work-lock',
  })
  client.on('error', (error) => log.warn({ err: error }, 'the connection that holds the locks of some work was lost'))
  await client.connect()
  return {
    take: async (name) => {
      const { rows } = await client.query(
        '/* takeWorkLock */ select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
        [`lemonnpie work ${name}`],
      )
      return rows[0].taken
    },
    release: async () => {
      const impatience = setTimeout(dropClient, goodbye, client)
      // Postgres notices the end of a connection a little later than we do.
      await client.query('/* releaseWorkLock */ select pg_advisory_unlock_all()').catch(() => {})
      await client.end()
      clearTimeout(impatience)
    },
  }
}
