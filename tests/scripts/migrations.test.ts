import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { migrateDown, migrateUp, migrationStatus, readMigrations } from '../../scripts/migrations.ts'
import { cloneDatabase, withClient } from '../support/databases.ts'
import { schemaSnapshot } from '../support/schema-snapshot.ts'

const shipped = await readMigrations(path.join(import.meta.dirname, '..', '..', 'db', 'migrations'))
const directories: string[] = []

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true })
})

async function directoryOf(files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'lemonnpie-migrations-'))
  directories.push(directory)
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text)
  return directory
}

const creating = (table: string) => `-- migrate:up\ncreate table ${table} ();\n-- migrate:down\ndrop table ${table};\n`
const tables = async (url: string) =>
  (await schemaSnapshot(url)).flatMap((line) => /^relation \| (\w+)/.exec(line)?.[1] ?? [])

async function untilWaiting(client: pg.Client, query: string) {
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and query like $1`
  while ((await client.query(waiting, [query])).rowCount === 0) await sleep(10)
}

describe('the shipped migrations', async () => {
  const url = await cloneDatabase({ empty: true })

  test.each(shipped.map(({ name }) => name))('%s goes up, down, and up to the same', async (name) => {
    const before = await schemaSnapshot(url)
    expect(await migrateUp(url, { to: name })).toEqual([name])
    const after = await schemaSnapshot(url)
    expect(await migrateDown(url)).toEqual([name])
    expect(await schemaSnapshot(url)).toEqual(before)
    expect(await migrateUp(url, { to: name })).toEqual([name])
    expect(await schemaSnapshot(url)).toEqual(after)
  })

  test('all go down to nothing, and up again', async () => {
    const full = await schemaSnapshot(url)
    const down = await migrateDown(url, { all: true })
    expect(down.length).toBe(shipped.length)
    expect(await tables(url)).toEqual([])
    await migrateUp(url)
    expect(await schemaSnapshot(url)).toEqual(full)
  })
})

test('going up as far as one, and down to one, by name or number', async () => {
  const url = await cloneDatabase({ empty: true })
  const directory = await directoryOf({
    '0001_a.sql': creating('a'),
    '0002_b.sql': creating('b'),
    '0003_c.sql': creating('c'),
  })
  expect(await migrateUp(url, { directory, to: '0002' })).toEqual(['0001_a', '0002_b'])
  expect((await migrationStatus(url, { directory })).map((one) => [one.name, one.applied_at !== null])).toEqual([
    ['0001_a', true],
    ['0002_b', true],
    ['0003_c', false],
  ])
  expect(await migrateUp(url, { directory })).toEqual(['0003_c'])
  expect(await migrateUp(url, { directory })).toEqual([])
  expect(await migrateDown(url, { directory, to: '0001_a' })).toEqual(['0003_c', '0002_b'])
  expect(await tables(url)).toEqual(['a'])
  await expect(migrateUp(url, { directory, to: '0001' })).rejects.toThrow('0001 is already applied')
  await expect(migrateDown(url, { directory, to: '0003' })).rejects.toThrow('0003 is not applied')
  await expect(migrateUp(url, { directory, to: '0009' })).rejects.toThrow('there is no migration 0009')
})

test('a file that fails leaves nothing of its own, and what came before it', async () => {
  const url = await cloneDatabase({ empty: true })
  const broken =
    '-- migrate:up\ncreate table b ();\ncreate table c (\n  id nonsense\n);\n-- migrate:down\ndrop table b;\n'
  const directory = await directoryOf({ '0001_a.sql': creating('a'), '0002_b.sql': broken })
  await expect(migrateUp(url, { directory })).rejects.toThrow('0002_b.sql:4 (up): type "nonsense" does not exist')
  expect(await tables(url)).toEqual(['a'])
  await writeFile(path.join(directory, '0002_b.sql'), creating('b'))
  expect(await migrateUp(url, { directory })).toEqual(['0002_b'])
})

test('two at once: the second waits and finds nothing left to do', async () => {
  const url = await cloneDatabase({ empty: true })
  const directory = await directoryOf({ '0001_a.sql': creating('a'), '0002_b.sql': creating('b') })
  const runs = await Promise.all([migrateUp(url, { directory }), migrateUp(url, { directory })])
  expect(runs.flat().sort()).toEqual(['0001_a', '0002_b'])
})

test('the second gives up when the first takes longer than its patience', async () => {
  const url = await cloneDatabase({ empty: true })
  const slow = '-- migrate:up\nselect pg_advisory_xact_lock(1);\n-- migrate:down\nselect 1;\n'
  const directory = await directoryOf({ '0001_slow.sql': slow })
  await withClient(url, async (client) => {
    await client.query('select pg_advisory_lock(1)')
    const first = migrateUp(url, { directory, lockTimeoutMs: 60_000 })
    await untilWaiting(client, '%pg_advisory_xact_lock(1)%')
    await expect(migrateUp(url, { directory, lockTimeoutMs: 50 })).rejects.toThrow(
      'another migration of this database is running',
    )
    await client.query('select pg_advisory_unlock(1)')
    expect(await first).toEqual(['0001_slow'])
  })
})

test('a statement that waits too long for a table gives up, and leaves nothing', async () => {
  const url = await cloneDatabase({ empty: true })
  const altering = '-- migrate:up\ncreate table b ();\nalter table a add column x int;\n-- migrate:down\nselect 1;\n'
  const directory = await directoryOf({ '0001_a.sql': creating('a'), '0002_alter.sql': altering })
  await migrateUp(url, { directory, to: '0001' })
  await withClient(url, async (client) => {
    await client.query('begin; lock table a')
    await expect(migrateUp(url, { directory, lockTimeoutMs: 50 })).rejects.toThrow(
      /lock timeout: something else holds a lock/,
    )
    await client.query('rollback')
  })
  expect(await tables(url)).toEqual(['a'])
  expect(await migrateUp(url, { directory })).toEqual(['0002_alter'])
})

test('transaction:off is what lets an index be built concurrently', async () => {
  const url = await cloneDatabase({ empty: true })
  const indexing = (option: string) =>
    `-- migrate:up${option}\ncreate table a (x int);\ncreate index concurrently a_x_idx on a (x);\n-- migrate:down${option}\ndrop index concurrently a_x_idx;\ndrop table a;\n`
  const inside = await directoryOf({ '0001_a.sql': indexing('') })
  await expect(migrateUp(url, { directory: inside })).rejects.toThrow('cannot run inside a transaction block')
  const outside = await directoryOf({ '0001_a.sql': indexing(' transaction:off') })
  expect(await migrateUp(url, { directory: outside })).toEqual(['0001_a'])
  expect(await tables(url)).toEqual(['a', 'a_x_idx'])
  expect(await migrateDown(url, { directory: outside })).toEqual(['0001_a'])
  expect(await tables(url)).toEqual([])
})

test('a database that is ahead, or went another way, is left alone', async () => {
  const url = await cloneDatabase({ empty: true })
  await migrateUp(url, { directory: await directoryOf({ '0001_a.sql': creating('a'), '0003_c.sql': creating('c') }) })
  const older = await directoryOf({ '0001_a.sql': creating('a') })
  await expect(migrateUp(url, { directory: older })).rejects.toThrow('has migrations that are not here: 0003_c')
  const late = await directoryOf({
    '0001_a.sql': creating('a'),
    '0002_b.sql': creating('b'),
    '0003_c.sql': creating('c'),
  })
  await expect(migrateUp(url, { directory: late })).rejects.toThrow('0002_b comes before 0003_c, which is applied')
  expect(await tables(url)).toEqual(['a', 'c'])
})

test.each([
  "comment on table movies is 'x'",
  "comment on column movies.title is 'x'",
  "comment on function fold(text) is 'x'",
  'alter table movies alter column runtime set default 1',
  'alter table movies alter column slug drop not null',
  'alter table movies add column x int',
  'alter table movies drop constraint movies_part_of_check',
  'drop index movies_part_of_idx',
  "alter type content_type add value 'short'",
  'create function x() returns int language sql return 1',
  'alter table movies disable trigger movies_add_stats',
  'create extension pgcrypto',
])('the comparison of schemas notices %s', async (statement) => {
  const url = await cloneDatabase()
  const before = await schemaSnapshot(url)
  await withClient(url, (client) => client.query(statement))
  expect(await schemaSnapshot(url)).not.toEqual(before)
})
