import pg from 'pg'
import { SeedError } from './seed-error.ts'

/** @throws SeedError when the database has not been migrated */
async function assertMigrated(client: pg.ClientBase): Promise<void> {
  const found = await client.query<{ migrated: boolean }>(
    "select to_regclass('movie_trending') is not null as migrated",
  )
  if (!found.rows[0]?.migrated) throw new SeedError('The database has no tables yet: npm run migrate makes them')
}

/**
 * Connects and runs the work in a transaction, one seeding at a time.
 * @param afterwards done on the same connection when the transaction is over
 * @throws SeedError when there are no tables; errors of the work and of Postgres as they are, and nothing was changed
 */
export async function inSeedTransaction<T>(
  databaseUrl: string,
  work: (client: pg.Client) => Promise<T>,
  afterwards: (client: pg.Client, result: T) => Promise<void> = async () => {},
): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'lemonnpie-seed' })
  // A connection lost while nothing is asked would otherwise end the process; the next query reports it.
  client.on('error', () => {})
  await client.connect()
  try {
    await assertMigrated(client)
    await client.query('begin')
    // The lock of the catalogue's editors: two at once would both find a title missing, and wait for each other's counts.
    await client.query("select pg_advisory_xact_lock(hashtext('catalogue'))")
    // Triggers would index a title once for each table that is written; the work does it once, when all is in.
    await client.query("set local lemonnpie.search_index = 'deferred'")
    const result = await work(client)
    await client.query('commit')
    await afterwards(client, result)
    return result
  } finally {
    // Ends an open transaction too.
    await client.end()
  }
}
