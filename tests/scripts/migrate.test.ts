import { expect, test } from 'vitest'
import { cloneDatabase, withClient } from '../support/databases.ts'
import { runScript } from '../support/run-script.ts'

const migrate = (databaseUrl: string, ...args: string[]) =>
  runScript('scripts/migrate.ts', args, { DATABASE_URL: databaseUrl })

test('up, status, down and up again, told and with exit code 0', async () => {
  const url = await cloneDatabase({ empty: true })
  const first = await migrate(url, 'up', '--to', '0002')
  expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/applying 0002_titles\n2 applied\n$/) })
  expect(first.stderr).toContain(`the database ${new URL(url).pathname.slice(1)} at 127.0.0.1`)

  const status = await migrate(url, 'status')
  expect(status.code).toBe(0)
  expect(status.stdout).toMatch(/^\d{4}-\d\d-\d\dT\S+Z {2}0002_titles$/m)
  expect(status.stdout).toMatch(/^pending +0003_people$/m)

  const down = await migrate(url, 'down')
  expect(down).toMatchObject({ code: 0, stdout: 'reverting 0002_titles\n1 taken back\n' })
  const all = await migrate(url)
  expect(all.stdout).toMatch(/\d+ applied\n$/)
  expect(await migrate(url)).toMatchObject({ code: 0, stdout: 'nothing is pending\n' })
  expect((await migrate(url, 'down', '--all')).code).toBe(0)
  expect(await migrate(url, 'down')).toMatchObject({ code: 0, stdout: 'nothing to take back\n' })
})

test.each([
  [['sideways'], "unknown command 'sideways': there are up, down and status"],
  [['up', 'down'], "unknown command 'up down'"],
  [['up', '--steps', '2'], '--steps does not go with up'],
  [['down', '--steps', '2', '--all'], '--all does not go with down --steps'],
  [['status', '--to', '0001'], '--to does not go with status'],
  [['down', '--steps', '0'], "--steps must be a whole number from 1, not '0'"],
  [['--lock-timeout', 'soon'], "--lock-timeout must be a number of seconds up to 3600, not 'soon'"],
  [['--frob'], "Unknown option '--frob'"],
])('%j is wrong usage', async (args, message) => {
  const result = await migrate('postgres://nobody@127.0.0.1:1/none', ...args)
  expect(result).toMatchObject({ code: 2, stdout: '' })
  expect(result.stderr).toContain(message)
  expect(result.stderr).toContain('--help')
})

test('--help says what there is', async () => {
  const result = await migrate('postgres://nobody@127.0.0.1:1/none', '--help')
  expect(result).toMatchObject({ code: 0, stderr: '' })
  for (const word of ['up', 'down', 'status', '--to', '--steps', '--all', '--lock-timeout']) {
    expect(result.stdout).toContain(word)
  }
})

test('failures are told in a line or two, without the password, and with exit code 1', async () => {
  const away = await migrate('postgres://nobody:hush@127.0.0.1:1/none')
  expect(away).toMatchObject({ code: 1, stdout: '' })
  expect(away.stderr).toContain('there is no database to reach (ECONNREFUSED)')
  const malformed = await migrate('mysql://nobody:hush@127.0.0.1/none')
  expect(malformed).toMatchObject({ code: 1, stderr: expect.stringContaining('DATABASE_URL has the wrong form') })
  const unknown = await migrate(await cloneDatabase(), 'up', '--to', 'nowhere')
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no migration nowhere') })
  const missing = await runScript('scripts/migrate.ts', [], { NODE_ENV: 'production' })
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('DATABASE_URL is required') })
  for (const { stderr } of [away, malformed, unknown]) {
    expect(stderr).not.toContain('hush')
    expect(stderr).not.toMatch(/^\s+at /m)
  }
})

test('it refuses to run beside another, after the patience it is given', async () => {
  const url = await cloneDatabase({ empty: true })
  await withClient(url, async (client) => {
    await client.query('select pg_advisory_lock(4815162342)')
    const refused = await migrate(url, 'up', '--lock-timeout', '0.05')
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('another migration of this database is running'),
    })
  })
  expect((await migrate(url, 'up')).code).toBe(0)
})
