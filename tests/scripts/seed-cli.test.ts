import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { openContext } from '../../src/context.ts'
import { cloneDatabase } from '../support/databases.ts'

const script = path.join(import.meta.dirname, '..', '..', 'scripts', 'seed.ts')

function run(args: readonly string[], url = 'postgres://nobody:secret@127.0.0.1:9/none') {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const env = { PATH: '/usr/bin:/bin', DATABASE_URL: url }
    execFile(process.execPath, [script, ...args], { env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lemonnpie-seed-'))
  return () => rm(folder, { recursive: true })
})

async function fileWith(text: string): Promise<string> {
  const file = path.join(folder, `${crypto.randomUUID()}.json`)
  await writeFile(file, text)
  return file
}

describe('npm run seed', () => {
  test('--help says what can be written, and exits 0', async () => {
    const { code, out } = await run(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('--scale N')
  })

  test.each([
    ['--people=3', "Unknown option '--people'"],
    ['--users', "Option '--users <value>' argument missing"],
    ['--users=-5', "--users must be a whole number from 1 to 10000000, not '-5'"],
    ['--reviews=many', "--reviews must be a whole number from 1 to 10000000, not 'many'"],
    ['--follows=0', "--follows must be a whole number from 1 to 15000000, not '0'"],
    ['stray', "Unexpected argument 'stray'"],
    ['--scale=0', "--scale must be a whole number from 1 to 10000000, not '0'"],
    ['--scale=1e3', '--scale must be a whole number'],
    ['--random-seed=-1', '--random-seed must be a whole number'],
    ['--file', "Option '--file <value>' argument missing"],
  ])('%s is wrong usage: exit 2', async (argument, message) => {
    const { code, out, err } = await run([argument])
    expect(err).toContain(message)
    expect(err).toContain('--help')
    expect(code).toBe(2)
    expect(out).toBe('')
  })

  test('fails with one clear line: exit 1', async () => {
    const url = await cloneDatabase()
    const broken = await fileWith('[{"id": ')
    expect(await run(['--file', `${folder}/none.json`], url)).toMatchObject({ code: 1, out: '' })
    expect((await run(['--file', `${folder}/none.json`], url)).err).toContain(`There is no file ${folder}/none.json`)
    expect((await run(['--file', folder], url)).err).toContain(`${folder} can't be read (EISDIR)`)
    expect((await run(['--file', broken], url)).err).toContain(`${broken} is no JSON`)
  })

  test('lists every problem of a file and imports nothing: exit 1', async () => {
    const url = await cloneDatabase()
    const file = await fileWith(
      JSON.stringify([
        { id: 'a', title: 'A', type: 'film' },
        { id: 'b', title: 'B', type: 'movie', x: 1 },
      ]),
    )
    const { code, err } = await run(['--file', file], url)
    expect(code).toBe(1)
    expect(err).toContain('Nothing was imported: the catalogue has 2 problems')
    expect(err).toContain('[0] "a": type must be movie or series, not "film"')
    expect(err).toContain('[1] "b": unknown key x')
    expect((await run(['--file', file, '--ignore-unknown-keys'], url)).err).toContain('the catalogue has 1 problem')
  })

  test('says when there is no database, and no tables, without the password', async () => {
    const away = await run([])
    expect(away).toMatchObject({ code: 1, out: '' })
    expect(away.err).toContain('There is no database to reach (ECONNREFUSED)')
    expect(away.err).not.toContain('secret')
    const empty = await run([], await cloneDatabase({ empty: true }))
    expect(empty.code).toBe(1)
    expect(empty.err).toContain('npm run migrate')
  })

  test('imports and generates, and says what it did: exit 0', async () => {
    const url = await cloneDatabase()
    const first = await run(['--scale', '60'], url)
    expect(first.code).toBe(0)
    expect(first.out).toContain('titles: 434 inserted, 0 updated, 0 unchanged')
    expect(first.out).toContain('featured: 10 titles')
    expect(first.out).toContain('generated: 60 titles')
    expect(first.err).toContain('60 of 60 titles (100%)')
    const second = await run(['--scale', '60'], url)
    expect(second.code).toBe(0)
    expect(second.out).toContain('titles: 0 inserted, 0 updated, 434 unchanged')
    expect(second.out).toContain('generated: 0 titles, 0 people')
  })

  test('makes a community with progress and rate, once; says when it doesn’t fit: exit 1', async () => {
    const url = await cloneDatabase({ seeded: true })
    const first = await run(['--users', '40', '--reviews', '200'], url)
    expect(first.code).toBe(0)
    expect(first.out).toMatch(/generated: 40 accounts, 200 reviews, \d+ votes, 0 follows/)
    expect(first.err).toMatch(/40 of 40 users \(100%\), [\d,]+\/s/)
    expect(first.err).toMatch(/200 of 200 reviews \(100%\), [\d,]+\/s/)
    const second = await run(['--users', '40', '--reviews', '200'], url)
    expect(second.code).toBe(0)
    expect(second.out).toContain('generated: 0 accounts, 0 reviews, 0 votes, 0 follows')
    const third = await run(['--reviews', '801'], url)
    expect(third).toMatchObject({ code: 1, out: '' })
    expect(third.err).toContain('40 generated accounts write at most 800 reviews')
    expect(third.err).toContain('make more with --users and --scale')
  })

  test('tells running processes that what they keep of the catalogue is old', async () => {
    const url = await cloneDatabase({ seeded: true })
    const server = await openContext(loadConfig({ DATABASE_URL: url, LOG_LEVEL: 'silent' }), 'lemonnpie-test')
    try {
      let loads = 0
      const read = (): Promise<number> =>
        server.cache.remember(
          { family: 'movie', id: 'movie:king-of-boys-2018:', ttlSeconds: 3_600 },
          async () => ++loads,
        )
      await expect.poll(() => server.pubsub.isListening()).toBe(true)
      expect([await read(), await read()]).toEqual([1, 1])
      expect(await run([], url)).toMatchObject({ code: 0 })
      await expect.poll(read).toBe(2)
    } finally {
      await server[Symbol.asyncDispose]()
    }
  })
})
