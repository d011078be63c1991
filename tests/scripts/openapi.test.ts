import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(path.join(tmpdir(), 'lemonnpie-openapi-'))
afterAll(() => rmSync(folder, { recursive: true }))

const openapi = (...args: string[]) => {
  const script = path.join(import.meta.dirname, '../../scripts/export-openapi.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('npm run openapi', () => {
  it('writes the document without a database, the same every time', () => {
    const output = path.join(folder, 'openapi.json')
    expect(openapi('--output', output)).toMatchObject({ status: 0, stdout: expect.stringContaining('wrote') })
    const document = JSON.parse(readFileSync(output, 'utf8'))
    expect(document.openapi).toBe('3.1.0')
    expect(document.paths['/api/v1/movies'].get.operationId).toBe('listMovies')
    expect(openapi('--output', output, '--check').status).toBe(0)
  })

  it('says when the file is stale, and leaves it alone', () => {
    const output = path.join(folder, 'stale.json')
    writeFileSync(output, '{}')
    expect(openapi('--output', output, '--check')).toMatchObject({ status: 1, stderr: expect.stringContaining(output) })
    expect(readFileSync(output, 'utf8')).toBe('{}')
  })

  it('explains itself', () => {
    expect(openapi('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--check') })
  })

  it('tells wrong usage from failure', () => {
    expect(openapi('--nope')).toMatchObject({ status: 2, stderr: expect.stringContaining('--nope') })
    const nowhere = path.join(folder, 'no', 'such', 'folder.json')
    expect(openapi('--output', nowhere)).toMatchObject({ status: 1, stderr: expect.stringMatching(/^ENOENT.*\n$/) })
  })
})
