// node bench/social.ts: follows, feeds, lists and profiles over HTTP, and the designs that a feed could have. Not a test.
import { mkdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { startPostgres } from '../scripts/services/postgres.ts'
import { serverSettings } from './database.ts'
import { startApi } from './http.ts'
import type { LoadResult } from './load.ts'
import { loadCells, loadHead, machine, table } from './report.ts'
import { crowdOf, password } from './social-data.ts'
import { measureDesigns } from './social-designs.ts'
import { sqlLoad } from './sql-load.ts'

const usage = `npm run bench:social -- [options]

Makes a crowd that follows by Zipf's rule in a database of its own, kept under .data/bench for the next run, and prints
tables of what was measured, for docs/decisions/feed.md.

  --users N        accounts (default 200000)
  --follows N      edges of the follow graph (default 5000000)
  --activities N   what they did (default 5000000)
  --seconds N      length of one load (default 8)
  --connections N  requests in flight (default 8)
  --help           this
`

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '200000' },
    follows: { type: 'string', default: '5000000' },
    activities: { type: 'string', default: '5000000' },
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '8' },
    help: { type: 'boolean', default: false },
  },
})

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

interface Person {
  readonly id: string
  readonly token: string
}

/** Asks the API as somebody. @throws Error for anything but a 2xx */
type AskApi = (who: Person | null, method: string, path: string, body?: object) => Promise<unknown>

const askerOf =
  (origin: string): AskApi =>
  async (who, method, path, body) => {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        ...(who ? { authorization: `Bearer ${who.token}` } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
    return text === '' ? null : JSON.parse(text)
  }

async function signIn(ask: AskApi, email: string): Promise<Person> {
  const { user, access_token } = (await ask(null, 'POST', '/auth/login', { email, password })) as {
    user: { id: string }
    access_token: string
  }
  return { id: user.id, token: access_token }
}

const deepPages = 10

/** The address of the page so far down each reader's feed. */
async function deepFeed(ask: AskApi, reader: Person): Promise<string> {
  let path = '/users/feed'
  for (let page = 0; page < deepPages; page += 1) {
    const { page: info } = (await ask(reader, 'GET', path)) as { page: { next_cursor: string | null } }
    if (info.next_cursor === null) break
    path = `/users/feed?cursor=${info.next_cursor}`
  }
  return path
}

async function measureApi(
  origin: string,
  people: { readers: Person[]; star: Person; nobody: Person },
  load: { connections: number; seconds: number },
) {
  const ask = askerOf(origin)
  const { readers, star, nobody } = people
  const titles = ((await ask(null, 'GET', '/movies?limit=100')) as { data: { id: string }[] }).data
  const deep = new Map<Person, string>()
  for (const reader of readers) deep.set(reader, await deepFeed(ask, reader))
  let turn = 0
  const nextReader = (): Person => readers[turn++ % readers.length]!
  const nextTitle = (): string => titles[turn++ % titles.length]!.id
  const publishAs = (who: Person) => async () => {
    const id = nextTitle()
    await ask(who, 'POST', `/users/favorites/${id}`)
    await ask(who, 'DELETE', `/users/favorites/${id}`)
  }
  const measured: ReadonlyArray<readonly [name: string, act: () => Promise<unknown>]> = [
    ['feed, first page, of 2,000 followees', () => ask(nextReader(), 'GET', '/users/feed')],
    [
      `feed, page ${deepPages + 1}`,
      () => {
        const reader = nextReader()
        return ask(reader, 'GET', deep.get(reader)!)
      },
    ],
    ['feed, first page, two types', () => ask(nextReader(), 'GET', '/users/feed?types=reviewed,favourited')],
    ['feed, first page, one rare type', () => ask(nextReader(), 'GET', '/users/feed?types=rated')],
    [
      'follow and unfollow somebody',
      async () => {
        const [who, whom] = [nextReader(), nextReader()]
        await ask(who, 'POST', `/users/${whom === who ? nobody.id : whom.id}/follow`)
        await ask(who, 'DELETE', `/users/${whom === who ? nobody.id : whom.id}/follow`)
      },
    ],
    ['followers of a star, first page', () => ask(nextReader(), 'GET', `/users/${star.id}/followers`)],
    ['watchlist, first page', () => ask(nextReader(), 'GET', '/users/watchlist')],
    ['watchlist of a star, by title', () => ask(nextReader(), 'GET', `/users/${star.id}/watchlist?sort=title`)],
    ['profile with stats', () => ask(nextReader(), 'GET', `/users/${nextReader().id}`)],
    ['statistics of a star', () => ask(nextReader(), 'GET', `/users/${star.id}/statistics`)],
    ['favorite and take back, followed by nobody', publishAs(nobody)],
    ['favorite and take back, as a star', publishAs(star)],
  ]
  const results: Array<readonly [string, LoadResult]> = []
  for (const [name, act] of measured) {
    say(`  ${name}`)
    // What is cold is read from the disk once.
    await sqlLoad(act, load.connections, 3)
    results.push([name, await sqlLoad(act, load.connections, load.seconds)])
  }
  return results
}

async function bench(): Promise<void> {
  const size = { users: Number(values.users), follows: Number(values.follows), activities: Number(values.activities) }
  const load = { connections: Number(values.connections), seconds: Number(values.seconds) }
  const server = await startPostgres({ dataDir: '.data/bench', durable: true, settings: serverSettings })
  try {
    say(`a crowd of ${size.users}`)
    const crowd = await crowdOf(server.url, size, say)
    await mkdir('bench/results', { recursive: true })
    const api = await startApi(crowd.url, 'bench/results/social-api.log')
    try {
      const ask = askerOf(api.origin)
      const readers: Person[] = []
      for (const email of crowd.readers) readers.push(await signIn(ask, email))
      const people = { readers, star: await signIn(ask, crowd.star), nobody: await signIn(ask, crowd.nobody) }
      say('over HTTP')
      const results = await measureApi(api.origin, people, load)
      process.stdout.write(
        `${crowd.users.toLocaleString('en-US')} accounts, ${crowd.follows.toLocaleString('en-US')} follows, ` +
          `${crowd.activities.toLocaleString('en-US')} activities; ${load.connections} at a time; ${machine()}\n\n` +
          `${table(
            ['over HTTP', ...loadHead],
            results.map(([name, result]) => [name, ...loadCells(result)]),
          )}\n\n`,
      )
    } finally {
      await api.stop()
    }
    say('the designs, inside Postgres')
    const options = { concurrency: load.connections, seconds: load.seconds }
    const { reads, fanOut } = await measureDesigns(crowd.url, crowd.readers, crowd.star, options)
    process.stdout.write(
      `${table(
        ['ids of the first page', ...loadHead],
        reads.map((read) => [read.name, ...loadCells(read.load)]),
      )}\n\n` + `One activity of a star, written into the rows of each of its followers: ${Math.round(fanOut)} ms.\n`,
    )
  } finally {
    await server.stop()
  }
}

if (values.help) process.stdout.write(usage)
else await bench()
