import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { errorKindsOf, errorTable } from './error-docs.ts'
import { betweenMarkers, writeOrCheck } from './generated-file.ts'

const page = 'docs/errors.md'
const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
const kinds = sources.flatMap((name) => errorKindsOf(readFileSync(path.join('src', name), 'utf8')))
const table = errorTable(kinds)
process.exitCode = writeOrCheck(
  [
    { path: page, content: betweenMarkers(readFileSync(page, 'utf8'), 'errors', table) },
    // For the description in the OpenAPI document, whose readers have no repository.
    { path: 'src/http/assets/errors.md', content: `${table}\n` },
  ],
  process.argv[2],
  'npm run errors:generate',
)
