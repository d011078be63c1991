import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { privateMail, privatePostgres, privateRedis } from '../project-database.ts'
import { removePostgres } from '../services/postgres.ts'
import { removeRedis } from '../services/redis.ts'
import { UsageError } from './arguments.ts'

/** What a fresh start is without: folders of this checkout alone. */
const privateData = { postgres: privatePostgres, redis: privateRedis, mail: privateMail }

/** Where to ask, and to be answered. */
type Terminal = {
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  output: NodeJS.WritableStream
}

/**
 * Deletes the private database, Redis and mails, once agreed to; what still runs over them is stopped first.
 * @returns false when whoever was asked said no
 * @throws UsageError when there is nobody to ask, or another database is in use than the one this would delete
 */
export async function startOver(
  options: { yes: boolean; otherDatabase: boolean },
  data: typeof privateData = privateData,
  terminal: Terminal = { input: process.stdin, output: process.stdout },
): Promise<boolean> {
  if (options.otherDatabase) {
    throw new UsageError(
      '--fresh deletes the private database only, and DATABASE_URL names another: empty that one yourself',
    )
  }
  const question = `This deletes the database in ${data.postgres} and all that is in it, and the mails in ${data.mail}.`
  if (!options.yes && !(await agreed(question, terminal))) return false
  await removePostgres(data.postgres)
  await removeRedis(data.redis)
  await rm(data.mail, { recursive: true, force: true })
  return true
}

async function agreed(question: string, { input, output }: Terminal): Promise<boolean> {
  if (!input.isTTY) throw new UsageError('--fresh deletes data and there is nobody to ask: add --yes to mean it')
  const lines = createInterface({ input, output })
  // Ctrl-C, or the end of input, is no yes; after the latter an answer is waited for for ever.
  const ended = once(lines, 'close').then(() => 'no')
  try {
    const answer = await Promise.race([lines.question(`${question} Go on? [y/N] `), ended])
    return /^y(es)?$/i.test(answer.trim())
  } catch {
    return false
  } finally {
    lines.close()
  }
}
