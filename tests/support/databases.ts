import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import { migrateUp } from '../../scripts/migrations.ts'
import { seedCatalogue } from '../../scripts/seed/seed-catalogue.ts'

const migrations = path.join(import.meta.dirname, '..', '..', 'db', 'migrations')

/** The URL of another database on the same server. */
export function inDatabase(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${name}`
  return other.href
}

/** Runs `work` with a connection that is closed afterwards. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Makes the migrated database that others are cloned from, named after what is in db/migrations. */
export async function createTemplate(adminUrl: string): Promise<string> {
  const hash = createHash('sha256')
  for (const file of (await readdir(migrations)).sort())
    hash.update(file).update(await readFile(path.join(migrations, file)))
  const name = `template_${hash.digest('hex').slice(0, 16)}`
  await withClient(adminUrl, (client) => client.query(`create database ${name}`))
  await migrateUp(inDatabase(adminUrl, name))
  return name
}

export type CloneOptions = {
  /** With the shipped catalogue in it. */
  seeded?: boolean
  /** Without even the migrations. */
  empty?: boolean
}

/**
 * A database of the caller's own: migrated and without rows, unless said otherwise. It goes when the run ends: dropping
 * one by force just after its pool closed would break connections that are still saying goodbye (57P01).
 */
export async function cloneDatabase({ seeded = false, empty = false }: CloneOptions = {}): Promise<string> {
  const { url, template } = inject('postgres')
  const name = `test_${randomBytes(8).toString('hex')}`
  const source = empty ? 'template0' : seeded ? await seededTemplate(url, template) : template
  await withClient(url, (client) => clone(client, name, source))
  return inDatabase(url, name)
}

const clone = (client: pg.Client, name: string, source: string) =>
  client.query(`create database ${name} template ${source} strategy file_copy`)

/** The first to ask makes it; others, in other workers, wait at the lock meanwhile. */
async function seededTemplate(url: string, template: string): Promise<string> {
  const name = `${template}_seeded`
  await withClient(url, async (client) => {
    await client.query('select pg_advisory_lock(hashtext($1))', [name])
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount) return
    // Under another name until it is whole.
    await clone(client, `${name}_unfinished`, template)
    await seedCatalogue(inDatabase(url, `${name}_unfinished`))
    await client.query(`alter database ${name}_unfinished rename to ${name}`)
  })
  return name
}
