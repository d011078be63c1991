// How good and how fast search is on the database of DATABASE_URL, by kind of query:
// node bench/search-quality.ts [--cases FILE] [--type movie|series] [--repeat N] [--misses]
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { processEnvironment } from '../src/config.ts'
import { searchQueryOf } from '../src/domains/search/search.policy.ts'
import { mostHits } from '../src/domains/search/search.schemas.ts'

interface Case {
  readonly query: string
  readonly kind: string
  readonly expect_id: string
  readonly accept_any_of?: readonly string[]
}

interface Outcome {
  readonly asked: Case
  readonly place: number
  readonly milliseconds: number
}

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: path.join(import.meta.dirname, '..', 'tests', 'fixtures', 'search-cases.json') },
    type: { type: 'string' },
    repeat: { type: 'string', default: '3' },
    misses: { type: 'boolean', default: false },
  },
})

const suggested = new Set(['partial-prefix', 'prefix-with-typo'])

// The functions alone: what they find is looked up by the harness, outside of the time.
const searchSql = `select array_agg(s.movie_id order by s.rank desc, s.movie_id desc) filter (where not s.is_near) as ids
  from search_titles($1::jsonb, search_filter($2::content_type, null, null, null, null, null, null, null, null, null, $3::text[]),
    $4::text[], ${mostHits}) s`
const suggestSql = `select array_agg(s.movie_id order by s.place) as ids
  from suggest_titles($1, $2, $3::content_type, 8) with ordinality s (movie_id, score, entry, place)`

function statementOf({ query, kind }: Case): pg.QueryConfig {
  const type = options.type ?? null
  if (suggested.has(kind)) {
    return { name: 'suggest', text: suggestSql, values: [query.trim(), /\s$/.test(query), type] }
  }
  const { readings, phrases, excluded } = searchQueryOf(query)
  return { name: 'search', text: searchSql, values: [JSON.stringify(readings), type, excluded, phrases] }
}

async function ask(client: pg.Client, asked: Case, idOf: ReadonlyMap<string, string>): Promise<Outcome> {
  const right = new Set([asked.expect_id, ...(asked.accept_any_of ?? [])].map((slug) => idOf.get(slug)))
  let milliseconds = Number.POSITIVE_INFINITY
  let ids: readonly string[] = []
  for (let run = 0; run < Number(options.repeat); run += 1) {
    const start = performance.now()
    const { rows } = await client.query<{ ids: string[] | null }>(statementOf(asked))
    milliseconds = Math.min(milliseconds, performance.now() - start)
    ids = rows[0]!.ids ?? []
  }
  return { asked, place: ids.findIndex((id) => right.has(id)), milliseconds }
}

const shareWithin = (outcomes: readonly Outcome[], last: number) =>
  (outcomes.filter(({ place }) => place >= 0 && place < last).length / outcomes.length).toFixed(3)

function percentile(outcomes: readonly Outcome[], share: number): string {
  const sorted = outcomes.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1)
}

const line = (name: string, outcomes: readonly Outcome[]) =>
  [
    name.padEnd(28),
    String(outcomes.length).padStart(5),
    shareWithin(outcomes, 1).padStart(8),
    shareWithin(outcomes, 5).padStart(8),
    ...[0.5, 0.95, 0.99].map((share) => percentile(outcomes, share).padStart(8)),
  ].join('')

const cases: readonly Case[] = JSON.parse(readFileSync(options.cases, 'utf8'))
const client = new pg.Client({ connectionString: processEnvironment().DATABASE_URL, options: '-c jit=off' })
await client.connect()
try {
  const slugs = [...new Set(cases.flatMap(({ expect_id, accept_any_of = [] }) => [expect_id, ...accept_any_of]))]
  const known = await client.query<{ slug: string; id: string }>('select slug, id from movies where slug = any ($1)', [
    slugs,
  ])
  const idOf = new Map(known.rows.map(({ slug, id }) => [slug, id]))
  for (const asked of cases.slice(0, 10)) await ask(client, asked, idOf)
  const outcomes: Outcome[] = []
  for (const asked of cases) outcomes.push(await ask(client, asked, idOf))
  console.log(`${'kind'.padEnd(28)}${'cases   hit@1   hit@5  p50 ms  p95 ms  p99 ms'}`)
  for (const [kind, of] of Map.groupBy(outcomes, ({ asked }) => asked.kind)) console.log(line(kind, of))
  const isSuggested = ({ asked }: Outcome) => suggested.has(asked.kind)
  for (const [name, of] of Map.groupBy(outcomes, (outcome) =>
    isSuggested(outcome) ? 'all suggestions' : 'all searches',
  )) {
    console.log(line(name, of))
  }
  if (options.misses) {
    for (const { asked, place } of outcomes.filter((outcome) => outcome.place !== 0)) {
      console.log(`${asked.kind}: ${JSON.stringify(asked.query)} → ${asked.expect_id} at ${place}`)
    }
  }
} finally {
  await client.end()
}
