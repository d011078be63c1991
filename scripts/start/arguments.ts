import { parseArgs } from 'node:util'

export const startUsage = `npm start -- [options]

Runs LemonNPie on this machine: a private Postgres under .data/, migrated and filled with the real catalogue, the API
and the worker. Where DATABASE_URL or REDIS_URL is set, those are used instead. Ctrl-C stops all of it.

  --port N        listen on port N (default: PORT, else 3000; 0 takes any free one)
  --with-redis    start a private Redis too, for the shared cache and rate limits
  --fresh         start over: delete the private database, Redis and mails first (asks before)
  --yes           don't ask
  --help          this
`

/** A command line that can't be meant: its message says why. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export type StartArguments = { help: boolean; fresh: boolean; yes: boolean; withRedis: boolean; port?: string }

/** @throws UsageError */
export function startArguments(argv: readonly string[]): StartArguments {
  const values = parse(argv)
  const { port } = values
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw new UsageError(`--port must be a whole number from 0 to 65535, not '${port}'`)
  }
  if (values.yes && !values.fresh) throw new UsageError('--yes goes with --fresh')
  return {
    help: values.help,
    fresh: values.fresh,
    yes: values.yes,
    withRedis: values['with-redis'],
    ...(port !== undefined && { port }),
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string', short: 'p' },
        'with-redis': { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        yes: { type: 'boolean', short: 'y', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0])
  }
}
