import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { migrateUp } from './migrations.ts'
import { startPostgres } from './services/postgres.ts'

/** Runs `work` over a Postgres of its own that has every migration and no rows, and throws it away afterwards. */
export async function withMigratedDatabase<T>(work: (databaseUrl: string) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'lemonnpie-schema-'))
  try {
    const postgres = await startPostgres({ dataDir, durable: false })
    try {
      await migrateUp(postgres.url)
      return await work(postgres.url)
    } finally {
      await postgres.stop()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
