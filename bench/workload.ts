// What the load asks for: paths made from the catalogue itself, the same for the same random seed.
import type pg from 'pg'

export interface Workload {
  readonly name: string
  readonly paths: readonly string[]
  /** Whether a path is to be asked for once only, so that no cache helps. */
  readonly once?: true
  /** Whether the API answers from its own memory, so that it alone is at work beside the load. */
  readonly kept?: true
}

/** A small, seedable generator (mulberry32, public domain): numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const pick = <T>(random: () => number, values: readonly T[]): T => values[Math.floor(random() * values.length)]!

/** One slip of the finger: a letter changed, dropped, doubled, or two swapped. */
export function mistype(random: () => number, text: string): string {
  const at = Math.floor(random() * Math.max(1, text.length - 1))
  const slips = [
    () => text.slice(0, at) + pick(random, [...'aeiounrstl']) + text.slice(at + 1),
    () => text.slice(0, at) + text.slice(at + 1),
    () => text.slice(0, at) + text[at] + text.slice(at),
    () => text.slice(0, at) + (text[at + 1] ?? '') + text[at] + text.slice(at + 2),
  ]
  return pick(random, slips)()
}

export interface KnownTitle {
  readonly slug: string
  readonly title: string
  readonly year: number | null
  readonly person: string | null
}

/** Ways in which people ask for a film that they know, the hardest last. */
export const askings: Readonly<Record<string, (random: () => number, known: KnownTitle) => string>> = {
  'its name': (_random, { title }) => title,
  'name and year': (_random, { title, year }) => (year ? `${title} ${year}` : title),
  'words in another order': (_random, { title }) => title.split(' ').reverse().join(' '),
  'a word missing': (_random, { title }) => title.split(' ').slice(1).join(' ') || title,
  'watch … full movie': (_random, { title }) => `watch ${title} full movie`,
  'words joined': (_random, { title }) => title.replaceAll(' ', ''),
  'one typo': (random, { title }) => mistype(random, title),
  'two typos': (random, { title }) => mistype(random, mistype(random, title)),
  'a person': (_random, { title, person }) => person ?? title,
  'a person, one typo': (random, { title, person }) => mistype(random, person ?? title),
  'a person and a word': (random, { title, person }) => `${person ?? ''} ${pick(random, title.split(' '))}`,
  'a common word': (random, { title }) => pick(random, title.split(' ')),
  'four typos': (random, { title }) => [1, 2, 3, 4].reduce((text) => mistype(random, text), title),
  'words of four titles': (random, { title, person }) =>
    `${pick(random, title.split(' '))} love king blood ${person ?? ''}`,
  'nothing that exists': (random) =>
    Array.from({ length: 4 }, () => Math.floor(random() * 36 ** 7).toString(36)).join(' '),
}

/** What a search box sees while somebody types a title, one in five with a typo. */
export function typings(random: () => number, { title }: KnownTitle): string[] {
  const typed = random() < 0.2 ? mistype(random, title) : title
  return [2, 4, 7].filter((length) => length <= typed.length).map((length) => typed.slice(0, length))
}

export async function knownTitles(pool: pg.Pool, random: () => number, count: number): Promise<KnownTitle[]> {
  // A stretch of random ids rather than order by random(), which would read and sort all of a large table.
  const { rows } = await pool.query<KnownTitle>(
    `select m.slug, m.title, m.release_year as year,
       (select p.name from movie_credits c join people p on p.id = c.person_id where c.movie_id = m.id
        order by c.role, c.billing_order limit 1) as person
     from movies m tablesample system (10) repeatable ($1) limit $2`,
    [Math.floor(random() * 1e6), count],
  )
  return rows
}

const search = (text: string): string => `/api/v1/search?q=${encodeURIComponent(text.slice(0, 200))}`
const suggest = (text: string): string => `/api/v1/movies/suggestions?q=${encodeURIComponent(text.slice(0, 200))}`

/** Lists with each filter and sort alone and some together, first pages and the ones behind them. */
async function listPaths(origin: string): Promise<string[]> {
  const queries = [
    '',
    'sort=rating',
    'sort=title&order=asc',
    'sort=created_at',
    'sort=trending',
    'sort=review_count',
    'genre=drama',
    'genre=comedy&genre=romance&sort=release_date',
    'language=yo',
    'language=ha&sort=title&order=asc',
    'year=2019',
    'year_min=2000&year_max=2009&sort=release_date&order=asc',
    'production_state=Lagos',
    'genre=thriller&language=ig&year_min=2010',
  ]
  const paths = []
  for (const query of queries) {
    let cursor: string | null = null
    for (let page = 0; page < 5; page++) {
      const path: string = `/api/v1/movies?limit=20&${query}${cursor ? `&cursor=${cursor}` : ''}`.replace(/[?&]$/, '')
      paths.push(path)
      const response = await fetch(origin + path)
      if (!response.ok) throw new Error(`${path} answered ${response.status}`)
      const answer = (await response.json()) as { page: { next_cursor: string | null } }
      cursor = answer.page.next_cursor
      if (cursor === null) break
    }
  }
  return paths
}

export interface Workloads {
  readonly list: Workload
  /** Few titles, asked for again and again. */
  readonly detail: Workload
  /** Many titles, hardly ever the same twice. */
  readonly detailCold: Workload
  /** Hardly ever the same query twice. */
  readonly search: Workload
  /** What a search box sends while somebody types. */
  readonly suggestions: Workload
}

/** Builds all workloads against a running API and its database. */
export async function buildWorkloads(pool: pg.Pool, origin: string, seed = 1): Promise<Workloads> {
  const random = randomNumbers(seed)
  const known = await knownTitles(pool, random, 40_000)
  const detail = (title: KnownTitle): string => `/api/v1/movies/${title.slug}`
  const films = new Set(
    (await pool.query<{ slug: string }>(`select slug from movies where type = 'movie'`)).rows.map((row) => row.slug),
  )
  const knownFilms = known.filter((title) => films.has(title.slug))
  return {
    list: { name: 'list', paths: await listPaths(origin), kept: true },
    detail: { name: 'detail', paths: knownFilms.slice(0, 500).map(detail), kept: true },
    detailCold: { name: 'detail, not cached', paths: knownFilms.map(detail), once: true },
    search: {
      name: 'search, not cached',
      // A title of one letter and a slip are nothing to ask for.
      paths: [...new Set(known.map((title) => pick(random, Object.values(askings))(random, title).trim()))]
        .filter((text) => text !== '')
        .map(search),
      once: true,
    },
    suggestions: {
      name: 'suggestions',
      paths: known
        .slice(0, 10_000)
        .flatMap((title) => typings(random, title))
        .map(suggest),
    },
  }
}
