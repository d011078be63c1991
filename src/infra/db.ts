import { type CompiledQuery, Kysely, PostgresDialect, type RawBuilder, sql, type Transaction } from 'kysely'
import pg from 'pg'
import type { DB } from '../../db/types.ts'
import type { Log } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { preparingClient } from './preparing-client.ts'
import { type BesideReplica, replicaOrPrimary } from './replica.ts'

/** The database, or a transaction on it: what a query function takes first. */
export type Db = Kysely<DB>
export type Tx = Transaction<DB>

export interface DbOptions {
  readonly url: string
  readonly max: number
  readonly applicationName: string
  readonly log: Log
  readonly metrics: Metrics
  /** Milliseconds in which Postgres must have answered a statement; one that is marked as long has longer. */
  readonly queryTimeout?: number
  /** Where the pool is a replica's: what answers while that is away, and how that is told. */
  readonly beside?: BesideReplica
}

export interface OpenedDb {
  readonly db: Db
  readonly pool: pg.Pool
}

const { builtins } = pg.types
const asText = (value: string): string => value

/** `2026-11-21 09:00:00.123456+00` as Postgres prints it in UTC → ISO 8601 with `Z`, all six decimals kept. */
const timestampAsIso = (value: string): string => value.replace(' ', 'T').replace(/\+00(?::00)?$/, 'Z')

const textArrayOid: number = 1009
const parseTextArray: (value: string) => Array<string | null> = pg.types.getTypeParser(textArrayOid)
const arrayOf =
  (parse: (value: string) => unknown) =>
  (value: string): unknown[] =>
    parseTextArray(value).map((item) => (item === null ? null : parse(item)))

/** Parser by type, with the type of its arrays, which `pg` has no names for. */
const types: ReadonlyArray<readonly [oid: number, arrayOid: number, parse: (value: string) => unknown]> = [
  [builtins.DATE, 1182, asText],
  [builtins.TIMESTAMP, 1115, asText],
  [builtins.TIMESTAMPTZ, 1185, timestampAsIso],
  [builtins.INT8, 1016, Number],
  [builtins.NUMERIC, 1231, Number],
]
const parsers = new Map(
  types.flatMap(([oid, arrayOid, parse]) => [[oid, parse] as const, [arrayOid, arrayOf(parse)] as const]),
)

/** Dates and timestamps stay text, since a JS Date loses microseconds and dates have no zone; numbers are numbers. */
const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format as 'text'),
}

/** Has the system notice that the other side vanished without a word, while nothing is being sent. */
export const keepAlive = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 }

/** Longer than any statement_timeout but of those marked as long: Postgres says so itself then, unless it has vanished. */
export const usualQueryTimeout = 15_000

/** Settings that every connection of ours starts with; times in milliseconds. */
export const connectionSettings = {
  statement_timeout: 10_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 15_000,
  connectionTimeoutMillis: 3_000,
  ...keepAlive,
  options: '-c TimeZone=UTC -c jit=off',
  types: typeParsers,
}

const namePattern = /\/\* (\w+)(?: prepared| long)? \*\//

/** The name a statement was given by `named`, or `unnamed`. */
export const queryNameOf = (text: string): string => namePattern.exec(text)?.[1] ?? 'unnamed'

/** A comment that names a query, for metrics, logs and pg_stat_activity: `.modifyFront(named('listMovies'))`. */
export function named(name: string): RawBuilder<unknown> {
  if (!/^\w+$/.test(name)) throw new Error(`'${name}' cannot name a query`)
  return sql.raw(`/* ${name} */`)
}

/** Seconds that a query took, by its name. */
const observeQuery = (metrics: Metrics, query: Pick<CompiledQuery, 'sql'>, seconds: number): void =>
  metrics.queryDuration.observe({ query: queryNameOf(query.sql) }, seconds)

/** Opens a pool; it connects on first use, survives restarts of Postgres, and is closed by whoever opened it. */
export function openDb(options: DbOptions): OpenedDb {
  const { url, max, applicationName, log, metrics, queryTimeout = usualQueryTimeout, beside } = options
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: applicationName,
    Client: preparingClient(),
    query_timeout: queryTimeout,
    ...connectionSettings,
  })
  // Without a listener an idle connection that Postgres drops ends the process.
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'))
  // Nor does anybody listen to a connection that is lost while a transaction has it: its query says so, which is enough.
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = new Kysely<DB>({
    dialect: new PostgresDialect({ pool: beside ? replicaOrPrimary(pool, beside, log) : pool }),
    log: (event) => observeQuery(metrics, event.query, event.queryDurationMillis / 1000),
  })
  return { db, pool }
}
