import pg from 'pg'
import { erdPage, readTables } from './erd.ts'
import { writeOrCheck } from './generated-file.ts'
import { withMigratedDatabase } from './migrated-database.ts'

const tables = await withMigratedDatabase(async (url) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await readTables(client)
  } finally {
    await client.end()
  }
})
process.exitCode = writeOrCheck(
  [{ path: 'docs/erd.md', content: erdPage(tables) }],
  process.argv[2],
  'npm run erd:generate',
)
