import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { processEnvironment } from '../src/config.ts'

/** The table that bench/search-quality.ts prints for a database: hits and milliseconds by kind of case. */
export async function qualityTable(databaseUrl: string): Promise<string> {
  const env = { ...processEnvironment(), DATABASE_URL: databaseUrl }
  const { stdout } = await promisify(execFile)(process.execPath, ['bench/search-quality.ts'], { env })
  return stdout.trimEnd()
}
