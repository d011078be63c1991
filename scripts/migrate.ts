import { parseArgs } from 'node:util'
import { ConfigError } from '../src/config.ts'
import { MigrationError, migrateDown, migrateUp, migrationStatus } from './migrations.ts'
import { openProjectDatabase } from './project-database.ts'

const usage = `npm run migrate -- [command] [options]

Brings the database to the schema in db/migrations, or back. Every file runs in a transaction of its own together with
its record, unless it says "transaction:off". A second run at the same time waits for the first, briefly, then gives up.

  up                      apply what is pending (the default)
    --to NAME             as far as this one; a name (0004_title_stats) or its number (0004)
  down                    take back the last one
    --steps N             the last N
    --to NAME             all that came after this one
    --all                 all of them
  status                  list all, and when they were applied

  --lock-timeout SECONDS  how long to wait for another run, and for locks on tables (default 5)
  --help                  this

The database is DATABASE_URL, or the private one of npm start. Exit codes: 0 done, 1 failed, 2 wrong usage.
`

class UsageError extends Error {}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`--${name} must be a whole number from 1, not '${text}'`)
  return Number(text)
}

function seconds(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value > 0 && value <= 3_600)) {
    throw new UsageError(`--lock-timeout must be a number of seconds up to 3600, not '${text}'`)
  }
  return Math.ceil(value * 1_000)
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        to: { type: 'string' },
        steps: { type: 'string' },
        all: { type: 'boolean', default: false },
        'lock-timeout': { type: 'string', default: '5' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0])
  }
}

function readArguments(argv: string[]) {
  const { values, positionals } = parse(argv)
  const [command = 'up', ...rest] = positionals
  if (!['up', 'down', 'status'].includes(command) || rest.length > 0) {
    throw new UsageError(`unknown command '${positionals.join(' ')}': there are up, down and status`)
  }
  const given = [values.steps && '--steps', values.to && '--to', values.all && '--all'].filter(Boolean)
  const allowed =
    command === 'down' ? given.slice(0, 1) : command === 'up' ? given.filter((name) => name === '--to') : []
  const wrong = given.find((name) => !allowed.includes(name))
  if (wrong) throw new UsageError(`${wrong} does not go with ${[command, ...allowed].join(' ')}`)
  return {
    command,
    help: values.help,
    all: values.all,
    lockTimeoutMs: seconds(values['lock-timeout']),
    ...(values.to !== undefined && { to: values.to }),
    ...(values.steps !== undefined && { steps: wholeNumber('steps', values.steps) }),
  }
}

async function main(argv: string[]) {
  const { command, help, ...options } = readArguments(argv)
  if (help) return console.log(usage)
  const database = await openProjectDatabase(console.error)
  try {
    console.error(database.what)
    if (command === 'status') {
      const states = await migrationStatus(database.url)
      for (const { name, applied_at } of states) console.log(`${applied_at ?? 'pending                 '}  ${name}`)
      console.log(`${states.filter((one) => one.applied_at === null).length} pending`)
    } else if (command === 'down') {
      const names = await migrateDown(database.url, { ...options, log: console.log })
      console.log(names.length > 0 ? `${names.length} taken back` : 'nothing to take back')
    } else {
      const names = await migrateUp(database.url, { ...options, log: console.log })
      console.log(names.length > 0 ? `${names.length} applied` : 'nothing is pending')
    }
  } finally {
    await database.close()
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nnpm run migrate -- --help says what can be written here`)
    process.exitCode = 2
  } else if (error instanceof MigrationError || error instanceof ConfigError) {
    console.error(error.message)
    process.exitCode = 1
  } else {
    const { code, message } = error as NodeJS.ErrnoException
    const away = code && ['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH'].includes(code)
    console.error(
      away ? `there is no database to reach (${code}): is DATABASE_URL right, and Postgres running?` : message,
    )
    process.exitCode = 1
  }
}
