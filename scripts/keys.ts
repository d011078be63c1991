import { parseArgs } from 'node:util'
import pg from 'pg'
import { ConfigError } from '../src/config.ts'
import { listKeys, retireKey, rotateKey, UnknownKeyError } from './keys/signing-keys.ts'
import { openProjectDatabase } from './project-database.ts'

const usage = `npm run keys -- <command>

The keys that sign access tokens. The newest signs; all verify until they are retired. The API needs no restart.

  list          all keys, the newest first
  rotate        add a key, which signs from now on
  retire KID    make all tokens that this key signed worthless at once; the newest cannot be retired.
                Retire a former key 15 minutes after rotating, when no token of its is left, or at once if it leaked.
  --help        this

No key is kept anywhere: each is derived from JWT_SECRET and its name. If JWT_SECRET itself leaked, change that.
The database is DATABASE_URL, or the private one of npm start. Exit codes: 0 done, 1 failed, 2 wrong usage.
`

class UsageError extends Error {}

/** One name in 64 begins as options do. */
const hyphenatedKid = /^-[A-Za-z0-9_-]{21}$/

function readArguments(argv: string[]) {
  const parsed = (() => {
    try {
      return parseArgs({
        args: argv.flatMap((argument) => (hyphenatedKid.test(argument) ? ['--', argument] : [argument])),
        allowPositionals: true,
        options: { help: { type: 'boolean', short: 'h', default: false } },
      })
    } catch (error) {
      throw new UsageError((error as Error).message.split('. ')[0])
    }
  })()
  const [command, ...rest] = parsed.positionals
  if (parsed.values.help) return { command: 'help', kid: undefined }
  if (command === undefined) throw new UsageError('there are list, rotate and retire')
  if (!['list', 'rotate', 'retire'].includes(command)) {
    throw new UsageError(`unknown command '${command}': there are list, rotate and retire`)
  }
  if (rest.length !== (command === 'retire' ? 1 : 0)) {
    throw new UsageError(command === 'retire' ? 'retire takes the name of one key' : `${command} takes nothing else`)
  }
  return { command, kid: rest[0] }
}

async function run(client: pg.Client, command: string, kid: string | undefined): Promise<void> {
  if (command === 'list') {
    for (const { kid, state, created_at, retired_at } of await listKeys(client)) {
      console.log(`${kid}  ${state.padEnd(8)}  since ${created_at}${retired_at ? `  retired ${retired_at}` : ''}`)
    }
  } else if (command === 'rotate') {
    console.log(`${await rotateKey(client)} signs from now on`)
  } else {
    await retireKey(client, kid!)
    console.log(`${kid} is retired`)
  }
}

async function main(argv: string[]) {
  const { command, kid } = readArguments(argv)
  if (command === 'help') return console.log(usage)
  const database = await openProjectDatabase(console.error)
  const client = new pg.Client({ connectionString: database.url, application_name: 'lemonnpie-keys' })
  // A connection lost while nothing is asked would otherwise end the process; the next query reports it.
  client.on('error', () => {})
  try {
    await client.connect()
    await run(client, command, kid)
  } finally {
    await client.end().catch(() => {})
    await database.close()
  }
}

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code && ['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH'].includes(code)) {
    return `there is no database to reach (${code}): is DATABASE_URL right, and Postgres running?`
  }
  return code === '42P01' ? 'the database has no tables yet: npm run migrate makes them' : message
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nnpm run keys -- --help says what can be written here`)
    process.exitCode = 2
  } else {
    const told = error instanceof UnknownKeyError || error instanceof ConfigError
    console.error(told ? error.message : explain(error))
    process.exitCode = 1
  }
}
