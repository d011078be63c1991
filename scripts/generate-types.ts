import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { writeOrCheck } from './generated-file.ts'
import { withMigratedDatabase } from './migrated-database.ts'

const codegen = path.join(path.dirname(createRequire(import.meta.url).resolve('kysely-codegen')), 'cli', 'bin.js')

// What the parsers of src/infra/db.ts make of each type. json_build_object and friends are typed where they are used.
const typeMapping = {
  date: 'string',
  timestamp: 'string',
  timestamptz: 'string',
  int8: 'number',
  numeric: 'number',
}

const content = await withMigratedDatabase(async (url) => {
  const args = ['--print', '--dialect', 'postgres', '--url', url, '--default-schema', 'public', '--include-pattern']
  args.push('public.*', '--type-mapping', JSON.stringify(typeMapping), '--log-level', 'error')
  const { stdout } = await promisify(execFile)(process.execPath, [codegen, ...args], { maxBuffer: 16 * 1024 * 1024 })
  return `${stdout.trim()}\n`
})
process.exitCode = writeOrCheck([{ path: 'db/types.ts', content }], process.argv[2], 'npm run types:generate')
