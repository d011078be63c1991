import { parseArgs } from 'node:util'
import { accountParts } from '../src/app.ts'
import { ConfigError, loadConfig, processEnvironment } from '../src/config.ts'
import { type OpenedContext, openContext } from '../src/context.ts'
import { emailKeyOf } from '../src/domains/auth/email.policy.ts'
import { accountByEmail } from '../src/domains/users/account.service.ts'
import { eraseForSomebody, exportPersonalData } from '../src/domains/users/personal-data.service.ts'
import { AppError } from '../src/lib/errors.ts'
import { isUuid } from '../src/lib/schemas.ts'
import { openProjectDatabase } from './project-database.ts'

const usage = `npm run personal-data -- <command> ACCOUNT [options]

Answers somebody who asks whoever runs this for their data, or to be erased, and cannot do it themselves: a suspended
account, or a lost password and mailbox. Be sure first that it is they who ask. ACCOUNT is an id or an e-mail address.

  export ACCOUNT   everything that is held of them, as JSON, to stdout
  erase ACCOUNT    erase the account at once and for good; needs --yes
  --reviews WHAT   anonymise (default): their reviews stay, under nobody's name; delete: they go
  --yes            do erase
  --help           this

The database is DATABASE_URL, or the private one of npm start. Exit codes: 0 done, 1 failed, 2 wrong usage.
`

class UsageError extends Error {}

function readArguments(argv: string[]) {
  const parsed = (() => {
    try {
      return parseArgs({
        args: argv,
        allowPositionals: true,
        options: {
          reviews: { type: 'string', default: 'anonymise' },
          yes: { type: 'boolean', default: false },
          help: { type: 'boolean', short: 'h', default: false },
        },
      })
    } catch (error) {
      throw new UsageError((error as Error).message.split('. ')[0])
    }
  })()
  const { reviews, yes, help } = parsed.values
  if (help) return null
  const [command, account, ...rest] = parsed.positionals
  if (command !== 'export' && command !== 'erase') throw new UsageError('there are export and erase')
  if (account === undefined || rest.length > 0) throw new UsageError(`${command} takes one account`)
  if (reviews !== 'anonymise' && reviews !== 'delete') throw new UsageError('--reviews is anonymise or delete')
  if (command === 'erase' && !yes) throw new UsageError('erasing cannot be taken back: it needs --yes')
  return { command, account, reviews } as const
}

async function idOf(ctx: OpenedContext, account: string): Promise<string> {
  if (isUuid(account)) return account
  const key = emailKeyOf(account)
  const found = key === null ? undefined : await accountByEmail(ctx, key)
  if (!found) throw new Error('there is no such account')
  return found.id
}

async function main(argv: string[]): Promise<void> {
  const wanted = readArguments(argv)
  if (!wanted) return console.log(usage)
  const database = await openProjectDatabase(console.error)
  try {
    const config = loadConfig({ ...processEnvironment(), DATABASE_URL: database.url, LOG_LEVEL: 'silent' })
    await using ctx = await openContext(config, 'lemonnpie-personal-data')
    const id = await idOf(ctx, wanted.account)
    if (wanted.command === 'erase') {
      await eraseForSomebody(ctx, id, wanted, accountParts)
      console.log(`${id} is erased`)
    } else {
      for await (const text of await exportPersonalData(ctx, id, accountParts)) process.stdout.write(text)
      console.log()
    }
  } finally {
    await database.close()
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nnpm run personal-data -- --help says what can be written here`)
    process.exitCode = 2
  } else {
    const isTold = error instanceof AppError || error instanceof ConfigError
    console.error(isTold ? error.message : `failed: ${(error as Error).message}`)
    process.exitCode = 1
  }
}
