import type pg from 'pg'
import { expect, test } from 'vitest'
import { cloneDatabase, withClient } from '../support/databases.ts'
import { runScript } from '../support/run-script.ts'
import { userPasswordHash } from '../support/user-factory.ts'

const run = (databaseUrl: string, ...args: string[]) =>
  runScript('scripts/personal-data.ts', args, { DATABASE_URL: databaseUrl })
const nowhere = 'postgres://nobody:hush@127.0.0.1:1/none'

const addUser = async (client: pg.Client, email: string, columns = ''): Promise<string> => {
  const { rows } = await client.query<{ id: string }>(
    `insert into users (email, email_key, password_hash, name, role, suspended_at)
     values ($1, $1, $2, 'Adaeze Okafor', ${columns || "'user', null"}) returning id`,
    [email, userPasswordHash],
  )
  return rows[0]!.id
}

test('a suspended person has what is held of them, and is erased, by whoever runs this', async () => {
  const url = await cloneDatabase()
  const { id, film } = await withClient(url, async (client) => {
    const user = await addUser(client, 'adaeze@example.com', "'user', now()")
    const { rows } = await client.query<{ id: string }>(
      `insert into movies (type, slug, title, release_precision) values ('movie', 'suya', 'Suya', 'unknown') returning id`,
    )
    await client.query(
      `insert into reviews (user_id, movie_id, lemon_pie_rating, review_text, review_language) values ($1, $2, 8, 'The suya of Surulere', 'en')`,
      [user, rows[0]!.id],
    )
    return { id: user, film: rows[0]!.id }
  })

  const exported = await run(url, 'export', 'ADAEZE@example.com')
  expect(exported).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(exported.stdout)).toMatchObject({ account: { id }, reviews: [{ movie: { id: film } }] })

  expect(await run(url, 'erase', id)).toMatchObject({ code: 2, stderr: expect.stringContaining('it needs --yes') })
  expect(await run(url, 'erase', id, '--yes')).toMatchObject({ code: 0, stdout: `${id} is erased\n`, stderr: '' })
  await withClient(url, async (client) => {
    const { rows } = await client.query(
      `select (select count(*) from users)::int as users, (select count(*) from reviews where user_id is null)::int as reviews,
         (select row_to_json(a) from (select action, actor_id, target_id, details from audit_log) a) as audited`,
    )
    const audited = { action: 'user.erased', actor_id: null, target_id: id, details: { reviews: 'anonymise' } }
    expect(rows).toEqual([{ users: 0, reviews: 1, audited }])
  })
  expect(await run(url, 'erase', id, '--yes')).toMatchObject({ code: 1, stdout: '' })
  expect(await run(url, 'export', 'adaeze@example.com')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('there is no such account'),
  })
})

test('the last admin stays', async () => {
  const url = await cloneDatabase()
  const id = await withClient(url, (client) => addUser(client, 'admin@example.com', "'admin', null"))
  expect(await run(url, 'erase', id, '--yes')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/admin/i),
  })
})

test.each([
  [[], 'there are export and erase'],
  [['turn', 'x'], 'there are export and erase'],
  [['export'], 'export takes one account'],
  [['erase', 'a', 'b', '--yes'], 'erase takes one account'],
  [['erase', 'a', '--yes', '--reviews=burn'], '--reviews is anonymise or delete'],
  [['--frob'], "Unknown option '--frob'"],
])('%j is wrong usage', async (args, message) => {
  const result = await run(nowhere, ...args)
  expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) })
})

test('--help says what there is, and failures are told without the password', async () => {
  expect((await run(nowhere, '--help')).stdout).toContain('export ACCOUNT')
  const away = await run(nowhere, 'export', 'adaeze@example.com')
  expect(away).toMatchObject({ code: 1, stdout: '' })
  expect(away.stderr).not.toContain('hush')
})
