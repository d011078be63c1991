import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { totalmem } from 'node:os'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { pino } from 'pino'
import type { DB } from '../db/types.ts'
import { migrateUp } from '../scripts/migrations.ts'
import { processEnvironment } from '../src/config.ts'
import { refreshSearchStatistics } from '../src/domains/search/search.jobs.ts'

/** As the manual of Postgres advises for a server of its own: a quarter of the memory (19.4.1, shared_buffers). */
export const serverSettings = {
  shared_buffers: `${Math.floor(totalmem() / 4 / 2 ** 20)}MB`,
  effective_cache_size: `${Math.floor(totalmem() / 2 / 2 ** 20)}MB`,
  maintenance_work_mem: '1GB',
}

export interface ScaledDatabase {
  readonly url: string
  readonly titles: number
  /** Seconds that seeding took when it was made, or null when that was not by us. */
  readonly seededIn: number | null
}

const withDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href

async function query<Row>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows as Row[]
  } finally {
    await client.end()
  }
}

async function seed(url: string, ...amounts: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ['scripts/seed.ts', ...amounts], {
    env: { ...processEnvironment(), DATABASE_URL: url },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`seeding ${amounts.join(' ')} failed`)
}

/** What the worker does when it starts, and daily. */
async function refresh(url: string): Promise<void> {
  const [{ kept }] = (await query<{ kept: boolean }>(
    url,
    'select exists (select from search_common_words) as kept',
  )) as [{ kept: boolean }]
  if (kept) return
  const pool = new pg.Pool({ connectionString: url, max: 1, options: '-c jit=off' })
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) })
  await refreshSearchStatistics({ db, log: pino({ level: 'silent' }) })
  await db.destroy()
}

/** The seconds that seeding a database took, which its comment keeps; null while it isn't complete. */
async function secondsOf(serverUrl: string, name: string): Promise<number | null> {
  const [known] = await query<{ seconds: string | null }>(
    serverUrl,
    `select shobj_description(oid, 'pg_database') as seconds from pg_database where datname = '${name}'`,
  )
  return known?.seconds ? Number(known.seconds) : null
}

/**
 * The real catalogue among `scale` generated titles, in a database of its own. It is kept for the next run; the seconds
 * that seeding took are in the database's comment.
 */
export async function scaledDatabase(serverUrl: string, scale: number): Promise<ScaledDatabase> {
  const name = `bench_${scale}`
  const url = withDatabase(serverUrl, name)
  if ((await secondsOf(serverUrl, name)) === null) {
    await query(serverUrl, `drop database if exists ${name} with (force)`)
    await query(serverUrl, `create database ${name}`)
    await migrateUp(url)
    const begun = performance.now()
    await seed(url, '--scale', String(scale))
    const seconds = (performance.now() - begun) / 1000
    await query(url, 'vacuum analyze')
    await query(serverUrl, `comment on database ${name} is '${seconds.toFixed(1)}'`)
  }
  await migrateUp(url)
  await refresh(url)
  const seededIn = await secondsOf(serverUrl, name)
  const [{ titles }] = (await query<{ titles: string }>(url, 'select count(*) as titles from movies')) as [
    { titles: string },
  ]
  return { url, titles: Number(titles), seededIn }
}

export interface CommunitySize {
  readonly scale: number
  readonly users: number
  readonly reviews: number
}

/** A copy of the scaled database with a community in it, kept likewise; the seconds are those of the community alone. */
export async function communityDatabase(serverUrl: string, size: CommunitySize): Promise<ScaledDatabase> {
  const { scale, users, reviews } = size
  const titles = await scaledDatabase(serverUrl, scale)
  const name = `bench_${scale}_${users}_${reviews}`
  const url = withDatabase(serverUrl, name)
  if ((await secondsOf(serverUrl, name)) === null) {
    await query(serverUrl, `drop database if exists ${name} with (force)`)
    await query(serverUrl, `create database ${name} template bench_${scale}`)
    const begun = performance.now()
    await seed(url, '--users', String(users), '--reviews', String(reviews))
    const seconds = (performance.now() - begun) / 1000
    await query(url, 'vacuum analyze')
    await query(serverUrl, `comment on database ${name} is '${seconds.toFixed(1)}'`)
  }
  await migrateUp(url)
  return { ...titles, url, seededIn: await secondsOf(serverUrl, name) }
}
