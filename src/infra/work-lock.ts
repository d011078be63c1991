import pg from 'pg'
import type { Needs } from '../context.ts'
import { connectionSettings } from './db.ts'

/** Locks that are held for as long as some work takes, which may be minutes: longer than a transaction should be. */
export interface WorkLock {
  /** @returns whether it is ours now; false when another process has it */
  take(name: string): Promise<boolean>
  /** Gives all of them back. */
  release(): Promise<void>
}

/** A connection of its own, with which its locks go, however it ends. */
export async function openWorkLock({ config, log }: Needs<'config' | 'log'>): Promise<WorkLock> {
  const client = new pg.Client({
    ...connectionSettings,
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
      // Postgres notices the end of a connection a little later than we do.
      await client.query('/* releaseWorkLock */ select pg_advisory_unlock_all()').catch(() => {})
      await client.end()
    },
  }
}
