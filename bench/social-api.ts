// What people ask for around follows, feeds and lists, over HTTP.
import { type Client, openClient } from './client.ts'
import type { LoadResult } from './load.ts'
import { type Crowd, password } from './social-data.ts'
import { sqlLoad } from './sql-load.ts'

interface Person {
  readonly id: string
  readonly token: string
}

const api = '/api/v1'
const deepPages = 10

const read = async (client: Client, who: Person | undefined, path: string): Promise<Record<string, unknown>> =>
  JSON.parse((await client.ask({ method: 'GET', path: `${api}${path}`, token: who?.token })).toString())

async function signIn(client: Client, email: string): Promise<Person> {
  const answer = await client.ask({ method: 'POST', path: `${api}/auth/login`, body: { email, password } })
  const { user, access_token } = JSON.parse(answer.toString()) as { user: { id: string }; access_token: string }
  return { id: user.id, token: access_token }
}

/** The address of the page so far down somebody's feed. */
async function deepFeed(client: Client, reader: Person): Promise<string> {
  let path = '/users/feed'
  for (let page = 0; page < deepPages; page += 1) {
    const { page: info } = (await read(client, reader, path)) as { page: { next_cursor: string | null } }
    if (info.next_cursor === null) throw new Error(`${reader.id} has no more than ${page + 1} pages`)
    path = `/users/feed?cursor=${info.next_cursor}`
  }
  return path
}

interface Row {
  readonly name: string
  readonly act: () => Promise<unknown>
  /** For what is only read: asks for it once, and says what it is. */
  readonly sample?: () => Promise<Record<string, unknown>>
  readonly isEmpty?: boolean
}

interface People {
  readonly readers: readonly Person[]
  readonly star: Person
  readonly nobody: Person
}

async function rowsOf(client: Client, { readers, star, nobody }: People): Promise<Row[]> {
  const titles = (await read(client, undefined, '/movies?limit=100')) as { data: { id: string }[] }
  const deep = new Map<Person, string>()
  for (const reader of readers) deep.set(reader, await deepFeed(client, reader))
  let turn = 0
  const nextReader = (): Person => readers[turn++ % readers.length]!
  const reading = (name: string, pathOf: (reader: Person) => string, isEmpty = false): Row => ({
    name,
    isEmpty,
    act: () => {
      const reader = nextReader()
      return client.ask({ method: 'GET', path: api + pathOf(reader), token: reader.token })
    },
    sample: () => {
      const reader = nextReader()
      return read(client, reader, pathOf(reader))
    },
  })
  /** Both count as one. */
  const doAndUndo = async ({ token }: Person, path: string): Promise<void> => {
    await client.ask({ method: 'POST', path: api + path, token })
    await client.ask({ method: 'DELETE', path: api + path, token })
  }
  const publishing = (name: string, who: Person): Row => ({
    name,
    act: () => doAndUndo(who, `/users/favorites/${titles.data[turn++ % titles.data.length]!.id}`),
  })
  return [
    reading('feed, first page, of 2,000 followees', () => '/users/feed'),
    reading(`feed, page ${deepPages + 1}`, (reader) => deep.get(reader)!),
    reading('feed, first page, two types', () => '/users/feed?types=reviewed,favourited'),
    reading('feed, a type that there is nothing of', () => '/users/feed?types=rated', true),
    {
      name: 'follow and unfollow somebody',
      act: () => {
        const [who, whom] = [nextReader(), nextReader()]
        return doAndUndo(who, `/users/${whom === who ? nobody.id : whom.id}/follow`)
      },
    },
    reading('followers of a star, first page', () => `/users/${star.id}/followers`),
    reading('watchlist, first page', () => '/users/watchlist'),
    reading('watchlist of a star, by title', () => `/users/${star.id}/watchlist?sort=title`),
    reading('profile with stats', () => `/users/${nextReader().id}`),
    reading('statistics of a star', () => `/users/${star.id}/statistics`),
    publishing('favorite and take back, followed by nobody', nobody),
    publishing('favorite and take back, as a star', star),
  ]
}

/** Measures the rows whose names are wanted. @throws Error where an answer is empty that must not be */
export async function measureApi(
  origin: string,
  crowd: Crowd,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
  isWanted: (name: string) => boolean,
): Promise<Array<readonly [name: string, load: LoadResult]>> {
  const client = openClient(origin)
  try {
    const readers: Person[] = []
    for (const email of crowd.readers) readers.push(await signIn(client, email))
    const people = { readers, star: await signIn(client, crowd.star), nobody: await signIn(client, crowd.nobody) }
    const results: Array<readonly [string, LoadResult]> = []
    for (const { name, act, sample, isEmpty = false } of await rowsOf(client, people)) {
      if (!isWanted(name)) continue
      const { data } = (await sample?.()) ?? {}
      if (Array.isArray(data) && (data.length === 0) !== isEmpty) throw new Error(`${name}: ${data.length} rows`)
      // What is cold is read from the disk once.
      await sqlLoad(act, connections, 3)
      results.push([name, await sqlLoad(act, connections, seconds)])
    }
    return results
  } finally {
    client.close()
  }
}
