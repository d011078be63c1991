import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { privatePostgres, privateRedis } from '../project-database.ts'
import { removePostgres } from '../services/postgres.ts'
import { UsageError } from './arguments.ts'

/**
 * Deletes the private database and Redis, once agreed to.
 * @returns false when whoever was asked said no
 * @throws UsageError when there is nobody to ask, or another database is in use than the one this would delete
 */
export async function startOver(options: { yes: boolean; otherDatabase: boolean }): Promise<boolean> {
  if (options.otherDatabase) {
    throw new UsageError(
      '--fresh deletes the private database only, and DATABASE_URL names another: empty that one yourself',
    )
  }
  if (!options.yes && !(await agreed())) return false
  await removePostgres(privatePostgres)
  await rm(privateRedis, { recursive: true, force: true })
  return true
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new UsageError('--fresh deletes data and there is nobody to ask: add --yes to mean it')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const answer = await terminal.question(
      `This deletes the database in ${privatePostgres} and all that is in it. Go on? [y/N] `,
    )
    return /^y(es)?$/i.test(answer.trim())
  } catch {
    return false // Ctrl-C, or the end of input, is no yes
  } finally {
    terminal.close()
  }
}
