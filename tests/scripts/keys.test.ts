import { expect, test } from 'vitest'
import { cloneDatabase, withClient } from '../support/databases.ts'
import { runScript } from '../support/run-script.ts'

const keys = (databaseUrl: string, ...args: string[]) =>
  runScript('scripts/keys.ts', args, { DATABASE_URL: databaseUrl })
const nowhere = 'postgres://nobody:hush@127.0.0.1:1/none'

test('keys are listed, rotated and retired, and the newest stays', async () => {
  const url = await cloneDatabase()
  const listed = async () =>
    (await keys(url, 'list')).stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/).slice(0, 2) as [string, string])
  const [[first, state] = ['', ''], ...none] = await listed()
  expect([state, none]).toEqual(['signs', []])

  const early = await keys(url, 'retire', first)
  expect(early).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('is the newest key, which signs: rotate first'),
  })

  const rotated = await keys(url, 'rotate')
  expect(rotated).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[\w-]{22} signs from now on\n$/) })
  const second = rotated.stdout.slice(0, 22)
  expect(await listed()).toEqual([
    [second, 'signs'],
    [first, 'verifies'],
  ])

  expect(await keys(url, 'retire', first)).toMatchObject({ code: 0, stdout: `${first} is retired\n` })
  expect(await listed()).toEqual([
    [second, 'signs'],
    [first, 'retired'],
  ])
  expect((await keys(url, 'list')).stdout).toMatch(/ retired \d{4}-\d\d-\d\dT[\d:]{8}Z\n$/)
  expect((await keys(url, 'retire', first)).stderr).toContain('was retired at')
  expect(await keys(url, 'retire', 'x')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no key x'),
  })
})

test('a key whose name begins with a hyphen is no option', async () => {
  const url = await cloneDatabase()
  const kid = '-r3cQ0m1LTeaUEHx8ZyQdA'
  await withClient(url, (client) =>
    client.query(`insert into signing_keys (kid, created_at) values ($1, now() - interval '1 day')`, [kid]),
  )
  expect(await keys(url, 'retire', kid)).toMatchObject({ code: 0, stdout: `${kid} is retired\n` })
})

test.each([
  [[], 'there are list, rotate and retire'],
  [['turn'], "unknown command 'turn'"],
  [['retire'], 'retire takes the name of one key'],
  [['retire', 'a', 'b'], 'retire takes the name of one key'],
  [['list', 'a'], 'list takes nothing else'],
  [['--frob'], "Unknown option '--frob'"],
])('%j is wrong usage', async (args, message) => {
  const result = await keys(nowhere, ...args)
  expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) })
  expect(result.stderr).toContain('--help')
})

test('--help says what there is, and failures are told without the password', async () => {
  const help = await keys(nowhere, '--help')
  expect(help).toMatchObject({ code: 0, stderr: '' })
  for (const word of ['list', 'rotate', 'retire']) expect(help.stdout).toContain(word)
  const away = await keys(nowhere, 'list')
  expect(away).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('there is no database to reach') })
  expect(away.stderr).not.toContain('hush')
  const bare = await keys(await cloneDatabase({ empty: true }), 'list')
  expect(bare).toMatchObject({ code: 1, stderr: expect.stringContaining('npm run migrate makes them') })
})
