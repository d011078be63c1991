import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import type { DB } from '../db/types.ts'
import { searchQueryOf } from '../src/domains/search/search.policy.ts'
import { listHits, listSuggestions, type SearchOptions } from '../src/domains/search/search.queries.ts'
import { mostHits } from '../src/domains/search/search.schemas.ts'
import { searchFiltersOf } from '../src/domains/search/search-filter.policy.ts'
import type { Db } from '../src/infra/db.ts'
import { compileHot } from '../src/infra/hot-query.ts'
import { type LoadResult, load, percentile } from './load.ts'
import { commonestWord, makeSeedDesign, seedSearch, seedSuggestions } from './seed-design.ts'
import { sqlLoad } from './sql-load.ts'
import { askings, knownTitles, randomNumbers, typings } from './workload.ts'

export interface SeedDesignComparison {
  readonly name: string
  readonly query: string
  readonly ours: LoadResult
  readonly theirs: LoadResult
}

/** Milliseconds that queries of one kind took, each asked once. */
export interface InsidePostgres {
  readonly kind: string
  readonly queries: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

const pageSize = 20
const suggestionCount = 8

const overPool = (pool: pg.Pool): Db => new Kysely<DB>({ dialect: new PostgresDialect({ pool }) })

function searchOptions(text: string): SearchOptions {
  const { readings, phrases, excluded } = searchQueryOf(text)
  const filters = searchFiltersOf(null, {} as Parameters<typeof searchFiltersOf>[1])
  const page = { most_hits: mostHits, rows: pageSize + 1, after_rank: null, after_id: null }
  const said = { readings: JSON.stringify(readings), phrases, excluded, text: readings[0]?.terms.join(' ') ?? '' }
  return { ...filters, is_filtered: excluded.length > 0, ...said, ...page }
}

const hits = compileHot('searchTitles', (db, options: SearchOptions) => listHits(db, options))

/** Prepared on its connection, as the service asks. */
const searchIn = (pool: pg.Pool) => (text: string) =>
  pool.query({ name: hits.name, text: hits.text, values: hits.bind(searchOptions(text)) })

const suggestionOptions = (text: string) => ({
  typed: text.trim(),
  wholeWord: /\s$/.test(text),
  type: null,
  limit: suggestionCount,
})

/** The seed design's statements and ours for the commonest word of all titles. */
export async function compareWithSeedDesign(
  pool: pg.Pool,
  origin: string,
  { seconds, rounds, connections }: { seconds: number; rounds: number; connections: number },
): Promise<SeedDesignComparison[]> {
  await makeSeedDesign(pool)
  const word = await commonestWord(pool)
  const db = overPool(pool)
  const search = searchIn(pool)
  const title = await seedTitleOf(pool, word)
  const overHttp = (path: string) => () => load({ origin, paths: [path], connections, seconds })
  const inPostgres = (ask: () => Promise<unknown>) => () => sqlLoad(ask, connections, seconds)
  const duel = async (name: string, query: string, theirs: string, ours: () => Promise<LoadResult>) => {
    const runs: Array<[LoadResult, LoadResult]> = []
    for (let round = 0; round < rounds; round++) {
      runs.push([await ours(), await sqlLoad(() => pool.query(theirs, [query, pageSize]), connections, seconds)])
    }
    runs.sort((a, b) => a[0].rate / a[1].rate - b[0].rate / b[1].rate)
    const [ourRun, theirRun] = runs[Math.floor(runs.length / 2)]!
    return { name, query, ours: ourRun, theirs: theirRun }
  }
  const suggest = (text: string) => () => db.executeQuery(listSuggestions(db, suggestionOptions(text)))
  const asked = encodeURIComponent(word)
  return [
    await duel('search, the API', word, seedSearch, overHttp(`/api/v1/search?q=${asked}`)),
    await duel(
      'search, not cached, no HTTP',
      word,
      seedSearch,
      inPostgres(() => search(word)),
    ),
    await duel(
      'search, not cached, no HTTP',
      title,
      seedSearch,
      inPostgres(() => search(title)),
    ),
    await duel('suggestions, the API', word, seedSuggestions, overHttp(`/api/v1/movies/suggestions?q=${asked}`)),
    await duel('suggestions, not cached, no HTTP', word, seedSuggestions, inPostgres(suggest(word))),
    await duel(
      'suggestions, not cached, no HTTP',
      title.slice(0, 9),
      seedSuggestions,
      inPostgres(suggest(title.slice(0, 9))),
    ),
  ]
}

/** A title with that word, for a query of several. */
async function seedTitleOf(pool: pg.Pool, word: string): Promise<string> {
  const { rows } = await pool.query<{ title: string }>(
    `select title from seed_design.movies m join seed_design.movie_search_index i on i.movie_id = m.id
     where i.title_vector @@ to_tsquery('english', $1) and length(title) between 12 and 30 order by title limit 1`,
    [word],
  )
  return rows[0]?.title ?? word
}

async function measure(
  kind: string,
  queries: readonly string[],
  ask: (text: string) => Promise<unknown>,
): Promise<InsidePostgres> {
  const milliseconds: number[] = []
  for (const query of queries) {
    const begun = performance.now()
    await ask(query)
    milliseconds.push(performance.now() - begun)
  }
  milliseconds.sort((a, b) => a - b)
  const at = (share: number): number => percentile(milliseconds, share)
  return { kind, queries: queries.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** Searches and suggestions of every kind, one at a time: what they cost inside Postgres, as its client sees it. */
export async function measureInsidePostgres(pool: pg.Pool, perKind = 300): Promise<InsidePostgres[]> {
  const db = overPool(pool)
  const random = randomNumbers(7)
  const known = await knownTitles(pool, random, perKind * Object.keys(askings).length)
  const ask = searchIn(pool)
  const search = (text: string) => ask(text.slice(0, 200))
  const suggest = (text: string) => db.executeQuery(listSuggestions(db, suggestionOptions(text)))
  const all: string[] = []
  const results: InsidePostgres[] = []
  // What the disk has is read first, by as many queries of other titles: a server that has just started is measured otherwise.
  const asked = new Set(known.map(({ slug }) => slug))
  const others = (await knownTitles(pool, randomNumbers(8), known.length)).filter(({ slug }) => !asked.has(slug))
  const kinds = Object.values(askings)
  for (const [index, title] of others.entries()) await search(kinds[index % kinds.length]!(random, title))
  for (const [index, [kind, asking]] of Object.entries(askings).entries()) {
    const queries = known.slice(index * perKind, (index + 1) * perKind).map((title) => asking(random, title))
    all.push(...queries)
    results.push(await measure(`search: ${kind}`, queries, search))
  }
  const mixed = all.filter((_, index) => index % 3 === 0).sort(() => random() - 0.5)
  results.push(await measure('search: all kinds mixed', mixed, search))
  const typed = known.slice(0, perKind * 3).flatMap((title) => typings(random, title))
  for (const text of typed.slice(-50)) await suggest(text)
  results.push(await measure('suggestions', typed, suggest))
  const mistyped = known
    .slice(0, perKind)
    .map(({ title }) => askings['one typo']!(random, { title, slug: '', year: null, person: null }).slice(0, 12))
  results.push(await measure('suggestions: with a typo', mistyped, suggest))
  return results
}
