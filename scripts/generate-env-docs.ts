import { readFileSync } from 'node:fs'
import { environmentSchema } from '../src/environment.ts'
import { envExample, envTable } from './env-docs.ts'
import { betweenMarkers, writeOrCheck } from './generated-file.ts'

const { properties, required = [] } = environmentSchema
const readme = betweenMarkers(readFileSync('README.md', 'utf8'), 'environment', envTable(properties, required))
process.exitCode = writeOrCheck(
  [
    { path: '.env.example', content: envExample(properties, required) },
    { path: 'README.md', content: readme },
  ],
  process.argv[2],
  'npm run env:generate',
)
