import path from 'node:path'
import { loadConfig, processEnvironment, readEnvFile } from '../src/config.ts'
import { defaultMailDir } from '../src/infra/mail-messages.ts'
import { runningPostgres, startPostgres } from './services/postgres.ts'

/** Where `npm start` keeps what is this checkout's alone: databases, passwords, logs. */
export const privateDir = path.join(import.meta.dirname, '..', '.data')
export const privatePostgres = path.join(privateDir, 'postgres')
export const privateRedis = path.join(privateDir, 'redis')
export const privateMail = path.join(privateDir, '..', defaultMailDir)

export type ProjectDatabase = {
  url: string
  /** Which database this is, for people; without its password. */
  what: string
  /** Stops it if it was started for this. */
  close: () => Promise<void>
}

/**
 * The database that a command line is about: DATABASE_URL; without it the private one of `npm start`, which is started
 * for the while when it isn't running.
 * @throws ConfigError, or Error when the private one doesn't start
 */
export async function openProjectDatabase(log?: (line: string) => void): Promise<ProjectDatabase> {
  readEnvFile()
  const { DATABASE_URL, NODE_ENV } = processEnvironment()
  // Of the configuration only this is asked for: a job that migrates has no need of the API's secrets.
  if (DATABASE_URL || NODE_ENV === 'production') {
    const { DATABASE_URL: url } = loadConfig({ DATABASE_URL })
    const { host, pathname } = new URL(url)
    return { url, what: `the database ${pathname.slice(1)} at ${host} (DATABASE_URL)`, close: async () => {} }
  }
  const running = await runningPostgres(privatePostgres)
  if (running)
    return { url: running, what: 'the private database of npm start, which is running', close: async () => {} }
  const started = await startPostgres({ dataDir: privatePostgres, durable: true, ...(log && { log }) })
  return { url: started.url, what: 'the private database of npm start, started for this', close: started.stop }
}
