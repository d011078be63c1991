import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startOver } from '../../scripts/start/fresh.ts'

let directory: string
let data: { postgres: string; redis: string; mail: string }
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'lemonnpie-fresh-'))
  const at = (name: string) => path.join(directory, name)
  data = { postgres: at('postgres'), redis: at('redis'), mail: at('mail') }
  for (const folder of Object.values(data)) {
    await mkdir(folder)
    await writeFile(path.join(folder, 'kept'), 'x')
  }
})
afterEach(() => rm(directory, { recursive: true }))

const isThere = (folder: string) =>
  stat(folder).then(
    () => true,
    () => false,
  )
const left = () => Promise.all(Object.values(data).map(isThere))

/** A terminal at which somebody has typed. @returns what it shows, too */
function terminalWith(typed: string, isTTY = true) {
  const [input, output] = [Object.assign(new PassThrough(), { isTTY }), new PassThrough()]
  input.end(typed)
  return { input, output, shown: () => String(output.read()) }
}

test.each(['n\n', '\n', 'yesterday\n', ''])('asked, %j keeps everything', async (typed) => {
  const terminal = terminalWith(typed)
  expect(await startOver({ yes: false, otherDatabase: false }, data, terminal)).toBe(false)
  expect(await left()).toEqual([true, true, true])
  expect(terminal.shown()).toContain(`deletes the database in ${data.postgres}`)
})

test.each(['y\n', 'YES\n'])('asked, %j empties database, Redis and mails', async (typed) => {
  expect(await startOver({ yes: false, otherDatabase: false }, data, terminalWith(typed))).toBe(true)
  expect(await left()).toEqual([false, false, false])
})

test('with nobody to ask, nothing is deleted unless --yes was said', async () => {
  const nobody = terminalWith('y\n', false)
  await expect(startOver({ yes: false, otherDatabase: false }, data, nobody)).rejects.toThrow('there is nobody to ask')
  await expect(startOver({ yes: true, otherDatabase: true }, data, nobody)).rejects.toThrow(
    'DATABASE_URL names another',
  )
  expect(await left()).toEqual([true, true, true])
  expect(await startOver({ yes: true, otherDatabase: false }, data, nobody)).toBe(true)
  expect(await left()).toEqual([false, false, false])
})
