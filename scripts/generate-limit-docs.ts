import { readFileSync } from 'node:fs'
import { limitTable } from '../src/http/limit-policies.ts'
import { betweenMarkers, writeOrCheck } from './generated-file.ts'

const path = 'docs/rate-limits.md'
const content = betweenMarkers(readFileSync(path, 'utf8'), 'limits', limitTable())
process.exitCode = writeOrCheck([{ path, content }], process.argv[2], 'npm run limits:generate')
