import { readFileSync } from 'node:fs'
import { closeTable } from '../src/http/asyncapi.ts'
import { betweenMarkers, writeOrCheck } from './generated-file.ts'
import { withApp } from './openapi-document.ts'

const page = 'docs/live.md'

// The document of the live socket, from the frames as they are declared, and its close codes in the guide.
const document = await withApp((app) => `${JSON.stringify(app.asyncApi(), null, 2)}\n`)
const files = [
  { path: 'asyncapi.json', content: document },
  { path: page, content: betweenMarkers(readFileSync(page, 'utf8'), 'close-codes', closeTable()) },
]
process.exitCode = writeOrCheck(files, process.argv[2], 'npm run asyncapi')
