import { type DestinationStream, type Logger, pino } from 'pino'
import type { Config } from '../config.ts'

export type Log = Logger

/** How fields that hold a secret end, in any case: password, current_password, X-Api-Key, jwtSecret. */
const secretField = /(?:authorization|cookie|password|passphrase|secret|token|api[-_]?key|private[-_]?key)$/i

/** How deep secrets are looked for: `{ req: { body: { user: { password } } } }` and a little more. */
const maxDepth = 5

const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Array.isArray(value)
}

/**
 * The same value where there is no secret in it, else a copy without. By hand, since pino's own redaction takes 6 µs a
 * line as soon as a path has a wildcard, and this takes a fraction of one.
 */
function withoutSecrets<T>(value: T, depth = maxDepth): T {
  if (typeof value !== 'object' || value === null || depth === 0 || !isPlain(value)) return value
  let copy: Record<string, unknown> | undefined
  for (const [field, item] of Object.entries(value)) {
    const clean = secretField.test(field) ? '[redacted]' : withoutSecrets(item, depth - 1)
    if (clean === item) continue
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
    copy[field] = clean
  }
  return (copy as T) ?? value
}

/** The time as pino wants it: written out once a millisecond, however many lines that millisecond has. */
function isoClock(): () => string {
  let at = 0
  let text = ''
  return () => {
    const now = Date.now()
    if (now !== at) text = `,"time":"${new Date(now).toISOString()}"`
    at = now
    return text
  }
}

/**
 * One JSON object a line on standard output; secrets are replaced by `[redacted]`.
 * @param destination where lines go instead, for tests and for the pretty printer of a terminal
 */
export function openLog(config: Pick<Config, 'LOG_LEVEL'>, destination?: DestinationStream): Log {
  const options = {
    level: config.LOG_LEVEL,
    base: null,
    timestamp: isoClock(),
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) => withoutSecrets(fields),
    },
  }
  const log: Log = destination ? pino(options, destination) : pino(options)
  // What a child carries passes no formatter. Its own children find this through their prototype.
  const { child } = log
  log.child = function withCleanFields(this: Log, fields, ...rest) {
    return child.call(this, withoutSecrets(fields), ...rest)
  } as typeof child
  return log
}

const { chindingsSym: beginning, needsMetadataGsym: needsLevel, streamSym: destination } = pino.symbols

/**
 * The log of one request: its lines carry the request's id. A child of pino is its parent with more at the beginning of each
 * line; made by hand, since pino makes a child's formatters anew, which takes ten times as long.
 * @param id of characters that JSON does not escape
 */
export function requestLog(log: Log, id: string): Log {
  const child = Object.create(log) as Log & { [beginning]: string }
  child[beginning] = `${child[beginning]},"request_id":"${id}"`
  return child
}

/** A stream that may ask for the level of each line, as pino's destinations can. */
type LogStream = DestinationStream & { readonly [needsLevel]?: true; lastLevel?: number }

/**
 * Writes lines of level info whose fields are JSON already, for the one line that every request has: pino's way through
 * serializers and formatters, and the look for secrets, take five times as long.
 * @returns takes the fields as they stand in the line, each with a comma before it; none may hold a secret
 */
export function openLineLog(log: Log): (fields: string) => void {
  const stream = (log as Log & { readonly [destination]: LogStream })[destination] as LogStream
  const time = isoClock()
  const info = pino.levels.values.info!
  return (fields) => {
    if (!log.isLevelEnabled('info')) return
    if (stream[needsLevel]) stream.lastLevel = info
    stream.write(`{"level":"info"${time()}${fields}}\n`)
  }
}
