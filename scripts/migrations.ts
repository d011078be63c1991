import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { type MigrationResultSet, Migrator } from 'kysely/migration'
import pg from 'pg'
import { type MigrationFile, parseMigration, statementsOf } from './migration-file.ts'

const defaultDirectory = path.join(import.meta.dirname, '..', 'db', 'migrations')

// Any constant does, as long as everybody who migrates takes the same.
const advisoryLock = 4_815_162_342

// Apart from the tables of the product.
const bookkeeping = {
  migrationTableSchema: 'migrations',
  migrationTableName: 'applied',
  migrationLockTableName: 'kysely_lock',
}

export type MigrationOptions = {
  /** Where the .sql files are; db/migrations unless said otherwise. */
  directory?: string
  /** How long to wait for another migration to finish, and for each lock that a statement needs; milliseconds. */
  lockTimeoutMs?: number
  log?: (line: string) => void
}

export type MigrationState = { name: string; applied_at: string | null }

/** Why migrating failed, in words for whoever ran it. */
export class MigrationError extends Error {
  override name = 'MigrationError'
}

/**
 * Applies what is pending, in order, as far as `to` (a name, or its number) if given. Each file commits together with its
 * record, so a failure leaves the files before it applied and nothing of its own. Answers with the names applied.
 * @throws MigrationError when a file fails, `to` is unknown or already applied, or another migration is running
 */
export function migrateUp(databaseUrl: string, options: MigrationOptions & { to?: string } = {}): Promise<string[]> {
  return withMigrator(databaseUrl, options, async ({ files, applied, step }) => {
    const pending = files.filter((file) => !applied.includes(file.name))
    const last = options.to === undefined ? pending.length - 1 : pending.indexOf(resolve(options.to, files))
    if (options.to !== undefined && last === -1) throw new MigrationError(`${options.to} is already applied`)
    const wanted = pending.slice(0, last + 1)
    for (const file of wanted) await step('up', file)
    return wanted.map((file) => file.name)
  })
}

/**
 * Takes back the last `steps` migrations (1 by default), or all that came after `to`, or all. Answers with their names.
 * @throws MigrationError as migrateUp
 */
export function migrateDown(
  databaseUrl: string,
  options: MigrationOptions & { steps?: number; to?: string; all?: boolean } = {},
): Promise<string[]> {
  return withMigrator(databaseUrl, options, async ({ files, applied, step }) => {
    const newestFirst = files.filter((file) => applied.includes(file.name)).reverse()
    let steps = options.all ? newestFirst.length : (options.steps ?? 1)
    if (options.to !== undefined) {
      steps = newestFirst.indexOf(resolve(options.to, files))
      if (steps === -1) throw new MigrationError(`${options.to} is not applied`)
    }
    const wanted = newestFirst.slice(0, steps)
    for (const file of wanted) await step('down', file)
    return wanted.map((file) => file.name)
  })
}

/** Every migration in order, with the moment it was applied, or null. Changes nothing and waits for nobody. */
export async function migrationStatus(databaseUrl: string, options: MigrationOptions = {}): Promise<MigrationState[]> {
  const files = await readMigrations(options.directory ?? defaultDirectory)
  const db = connect(databaseUrl, options)
  try {
    const migrations = await migratorOver(db, files).getMigrations()
    return migrations.map(({ name, executedAt }) => ({ name, applied_at: executedAt?.toISOString() ?? null }))
  } finally {
    await db.destroy()
  }
}

/** The migrations of a directory in order. @throws MigrationError naming the file and what is wrong with it */
export async function readMigrations(directory: string): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
  const files: MigrationFile[] = []
  for (const name of names) {
    try {
      files.push(parseMigration(name, await readFile(path.join(directory, name), 'utf8')))
    } catch (error) {
      throw new MigrationError((error as Error).message)
    }
  }
  return files
}

type Run = {
  files: MigrationFile[]
  applied: string[]
  step: (direction: 'up' | 'down', file: MigrationFile) => Promise<void>
}

async function withMigrator<T>(databaseUrl: string, options: MigrationOptions, work: (run: Run) => Promise<T>) {
  const files = await readMigrations(options.directory ?? defaultDirectory)
  const db = connect(databaseUrl, options)
  try {
    return await db.connection().execute(async (locked) => {
      await lock(locked)
      const migrator = migratorOver(db, files)
      const applied = await appliedNames(db)
      assertInOrder(files, applied)
      const step = async (direction: 'up' | 'down', file: MigrationFile) => {
        const part = file[direction]
        options.log?.(`${direction === 'up' ? 'applying' : 'reverting'} ${file.name}`)
        const only = { disableTransactions: !part.transaction }
        report(direction === 'up' ? await migrator.migrateUp(only) : await migrator.migrateDown(only), file, direction)
      }
      return await work({ files, applied, step })
    })
  } finally {
    await db.destroy()
  }
}

function connect(databaseUrl: string, { lockTimeoutMs = 5_000 }: MigrationOptions) {
  // Two connections: one holds the lock of the whole run, so that it outlives each file's transaction.
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2, options: `-c lock_timeout=${lockTimeoutMs}` })
  pool.on('error', () => {}) // a connection that dies idle; the next query says so
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
}

/** Kysely's own lock waits for ever; this one is taken first and gives up. The end of the connection releases it. */
async function lock(db: Kysely<unknown>) {
  try {
    await sql`select pg_advisory_lock(${advisoryLock})`.execute(db)
  } catch (error) {
    if ((error as { code?: string }).code !== '55P03') throw error
    throw new MigrationError('another migration of this database is running: try again when it has finished')
  }
}

function migratorOver(db: Kysely<unknown>, files: MigrationFile[]): Migrator {
  const run = async (on: Kysely<unknown>, part: MigrationFile['up']) => {
    // Statements sent as one text share an implicit transaction, so those that must do without are sent one by one.
    for (const text of part.transaction ? [part.sql] : statementsOf(part.sql)) await sql.raw(text).execute(on)
  }
  const migrations = Object.fromEntries(
    files.map(({ name, up, down }) => [
      name,
      { up: (on: Kysely<unknown>) => run(on, up), down: (on: Kysely<unknown>) => run(on, down) },
    ]),
  )
  return new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    ...bookkeeping,
  })
}

async function appliedNames(db: Kysely<unknown>): Promise<string[]> {
  const { rows } = await sql<{ there: boolean }>`select to_regclass('migrations.applied') is not null as there`.execute(
    db,
  )
  if (!rows[0]?.there) return []
  const applied = await sql<{ name: string }>`select name from migrations.applied order by name`.execute(db)
  return applied.rows.map(({ name }) => name)
}

/** What is applied must be the first of the files: an order that some database went through differently is no order. */
function assertInOrder(files: MigrationFile[], applied: string[]) {
  const names = new Set(files.map((file) => file.name))
  const unknown = applied.filter((name) => !names.has(name))
  if (unknown.length > 0) {
    throw new MigrationError(
      `the database has migrations that are not here: ${unknown.join(', ')}. Is the code older than it?`,
    )
  }
  const late = files.slice(0, applied.length).find((file) => !applied.includes(file.name))
  if (late) {
    throw new MigrationError(`${late.name} comes before ${applied.at(-1)}, which is applied: give it a later number`)
  }
}

function report({ error }: MigrationResultSet, file: MigrationFile, direction: 'up' | 'down') {
  if (error === undefined) return
  const { message, position, code } = error as Error & { position?: string; code?: string }
  const part = file[direction]
  const line =
    part.line + (position && part.transaction ? part.sql.slice(0, Number(position) - 1).split('\n').length - 1 : 0)
  const hint =
    code === '55P03' ? ': something else holds a lock that this needs; try when it is idle, or wait longer' : ''
  throw new MigrationError(`${file.name}.sql:${line} (${direction}): ${message}${hint}`, { cause: error })
}

function resolve(wanted: string, files: MigrationFile[]): MigrationFile {
  const name = wanted.replace(/\.sql$/, '')
  const file = files.find((one) => one.name === name || one.name.split('_')[0] === name)
  if (!file) throw new MigrationError(`there is no migration ${wanted}`)
  return file
}
