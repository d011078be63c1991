import { fileURLToPath } from 'node:url'
import { loadConfig, processEnvironment } from '../../src/config.ts'
import { runningPostgres, startPostgres } from '../services/postgres.ts'

export interface SeedDatabase {
  readonly url: string
  readonly close: () => Promise<void>
}

const privateData = fileURLToPath(new URL('../../.data/postgres', import.meta.url))

/**
 * The database of DATABASE_URL; without it the private one of `npm start`, which is started when it isn't running.
 * @throws ConfigError, and whatever keeps Postgres from starting
 */
export async function openSeedDatabase(log: (line: string) => void): Promise<SeedDatabase> {
  const environment = processEnvironment()
  if (environment.DATABASE_URL) return { url: loadConfig(environment).DATABASE_URL, close: async () => {} }
  const running = await runningPostgres(privateData)
  if (running) return { url: running, close: async () => {} }
  const started = await startPostgres({ dataDir: privateData, durable: true, log })
  return { url: started.url, close: started.stop }
}
