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
  readonly users?: number
  readonly reviews?: number
  readonly follows?: number
  readonly randomSeed: number
}

export const seedUsage = `npm run seed -- [options]

Puts the shipped catalogue of real Nollywood titles into the database. Running it again changes nothing.

  --file FILE             import the catalogue in FILE instead (format: db/seeds/README.md);
                          with a mistake anywhere in it nothing is imported
  --ignore-unknown-keys   import without keys that the format doesn't have
  --scale N               then add generated titles, with people and credits, until there are N of them
  --users N               and generated accounts, whom nobody can sign in as, until there are N of them
  --reviews N             and reviews by them, with tags and votes, until there are N; the best known titles get most,
                          and no account writes twice on one title (at most 20 for each account, or half as many as titles)
  --follows N             and follows among them, until there are N (at most 25 for each account)
  --random-seed N         which generated titles, accounts and reviews these are (default 1); the same N, the same ones
  --help                  this

The database is DATABASE_URL, or the private one of npm start. Exit codes: 0 done, 1 failed, 2 wrong usage.
`

const greatest = { scale: 10_000_000, users: 10_000_000, reviews: 10_000_000, follows: 15_000_000 } as const
type Amount = keyof typeof greatest

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
    ...Object.fromEntries(
      (Object.keys(greatest) as Amount[]).flatMap((name) => {
        const text = parsed[name]
        return text === undefined ? [] : [[name, wholeNumber(name, text, 1, greatest[name])]]
      }),
    ),
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
        users: { type: 'string' },
        reviews: { type: 'string' },
        follows: { type: 'string' },
        'random-seed': { type: 'string' },
      },
    }).values
  } catch (error) {
    // The rest of Node's message is advice about a '--' that npm needs too and so would confuse.
    throw new UsageError((error as Error).message.split('. ')[0] ?? 'wrong usage')
  }
}
