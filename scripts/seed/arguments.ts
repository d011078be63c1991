import { parseArgs } from 'node:util'

/** A command line that can't be meant: its message says why. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

export interface SeedArguments {
  readonly help: boolean
  readonly file?: string
  readonly ignoreUnknownKeys: boolean
  readonly scale?: number
  readonly randomSeed: number
}

export const seedUsage = `npm run seed -- [options]

Puts the shipped catalogue of real Nollywood titles into the database. Running it again changes nothing.

  --file FILE             import the catalogue in FILE instead (format: db/seeds/README.md);
                          with a mistake anywhere in it nothing is imported
  --ignore-unknown-keys   import without keys that the format doesn't have
  --scale N               then add generated titles, with people and credits, until there are N of them
  --random-seed N         which generated titles these are (default 1); the same N, the same titles
  --help                  this

The database is DATABASE_URL, or the private one of npm start. Exit codes: 0 done, 1 failed, 2 wrong usage.
`

const greatestScale = 10_000_000

function wholeNumber(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
    throw new UsageError(`--${name} must be a whole number from ${minimum} to ${maximum}, not '${text}'`)
  }
  return value
}

/** @throws UsageError */
export function seedArguments(argv: readonly string[]): SeedArguments {
  const parsed = parse(argv)
  return {
    help: parsed.help ?? false,
    ignoreUnknownKeys: parsed['ignore-unknown-keys'] ?? false,
    randomSeed: wholeNumber('random-seed', parsed['random-seed'] ?? '1', 0, 2 ** 32 - 1),
    ...(parsed.file !== undefined && { file: parsed.file }),
    ...(parsed.scale !== undefined && { scale: wholeNumber('scale', parsed.scale, 1, greatestScale) }),
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        file: { type: 'string' },
        'ignore-unknown-keys': { type: 'boolean' },
        scale: { type: 'string' },
        'random-seed': { type: 'string' },
      },
    }).values
  } catch (error) {
    // The rest of Node's message is advice about a '--' that npm needs too and so would confuse.
    throw new UsageError((error as Error).message.split('. ')[0] ?? 'wrong usage')
  }
}
