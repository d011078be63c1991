// npm run bench: what the product does in a second, beside what it is compared with. Not part of the tests.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { startPostgres } from '../scripts/services/postgres.ts'
import { communityDatabase, scaledDatabase, serverSettings } from './database.ts'
import { explainEverything } from './explain-run.ts'
import { compareOverHttp, startApi } from './http.ts'
import { liveHeading } from './live-page.ts'
import { performancePage, plansText, scansOf, sectionOf, withSection } from './page.ts'
import { qualityTable } from './quality.ts'
import { measureReviews } from './reviews.ts'
import { reviewsHeading, reviewsSection } from './reviews-page.ts'
import { compareWithSeedDesign, measureInsidePostgres } from './search.ts'
import { workerHeading } from './worker-page.ts'

const usage = `npm run bench -- [options]

Loads a catalogue of real and generated titles and prints tables of what was measured; the page of the last full run is
docs/performance.md. Databases are kept under .data/bench for the next run.

  --only PART    only 'catalogue' or only 'reviews', whose section alone is then written
  --scale N      generated titles (default 100000)
  --users N      accounts of the community that reviews are measured in (default 200000)
  --reviews N    reviews that they have written (default 2000000)
  --growth N     generated titles of the larger catalogue that growth is measured on (default 1000000; 0 for none)
  --seconds N    length of one load (default 8)
  --rounds N     loads of each kind, in turns; the middle one counts (default 3)
  --write        write docs/performance.md
  --help         this
`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    scale: { type: 'string', default: '100000' },
    users: { type: 'string', default: '200000' },
    reviews: { type: 'string', default: '2000000' },
    growth: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

const scale = Number(values.scale)
const load = { seconds: Number(values.seconds), rounds: Number(values.rounds), connections: 8 }
const pageFile = 'docs/performance.md'

/** @returns scans that there should not be */
async function benchCatalogue(serverUrl: string): Promise<readonly string[]> {
  const growth = Number(values.growth)
  say(`a catalogue of ${scale} titles`)
  const database = await scaledDatabase(serverUrl, scale)
  const pool = new pg.Pool({ connectionString: database.url, max: load.connections })
  try {
    const api = await startApi(database.url, 'bench/results/api.log')
    const { http, seedDesign } = await (async () => {
      say('over HTTP, beside a bare route')
      const http = await compareOverHttp({ pool, origin: api.origin, ...load })
      say('search beside the seed design')
      return { http, seedDesign: await compareWithSeedDesign(pool, api.origin, load) }
    })().finally(api.stop)
    say('search inside Postgres')
    const inside = await measureInsidePostgres(pool)
    say('search by kind of case')
    const quality = await qualityTable(database.url)
    say('plans')
    const plans = await explainEverything(database.url)
    const larger = growth > 0 ? await measureGrowth(serverUrl, growth) : null
    const page = performancePage({ database, http, seedDesign, inside, quality, larger, plans, load })
    process.stdout.write(`${page.summary}\n`)
    await writeFile('bench/results/plans.txt', page.plans)
    say('all plans are in bench/results/plans.txt')
    if (values.write) {
      // The other parts are measured by themselves, at another time.
      const before = await readFile(pageFile, 'utf8')
      const others = [reviewsHeading, workerHeading, liveHeading]
        .map((heading) => sectionOf(before, heading))
        .filter(Boolean)
      await writeFile(pageFile, others.reduce(withSection, page.summary))
    }
    return page.scans
  } finally {
    await pool.end()
  }
}

/** @returns scans that there should not be */
async function benchReviews(serverUrl: string): Promise<readonly string[]> {
  const size = { scale, users: Number(values.users), reviews: Number(values.reviews) }
  say(`${size.reviews} reviews by ${size.users} accounts of ${size.scale} titles`)
  const database = await communityDatabase(serverUrl, size)
  const measured = await measureReviews(database, load, say)
  const section = reviewsSection({ database, size, measured, load })
  process.stdout.write(`${section}\n`)
  await writeFile('bench/results/review-plans.txt', plansText(measured.plans))
  say('all plans are in bench/results/review-plans.txt')
  if (values.write) await writeFile(pageFile, withSection(await readFile(pageFile, 'utf8'), section))
  return scansOf(measured.plans)
}

const parts = { catalogue: benchCatalogue, reviews: benchReviews } as const

async function bench(): Promise<void> {
  const { only } = values
  const chosen = Object.entries(parts).filter(([name]) => only === undefined || name === only)
  if (chosen.length === 0) throw new Error(`--only must be one of ${Object.keys(parts).join(', ')}, not '${only}'`)
  const server = await startPostgres({ dataDir: '.data/bench', durable: true, settings: serverSettings })
  const scans: string[] = []
  try {
    await mkdir('bench/results', { recursive: true })
    for (const [, run] of chosen) scans.push(...(await run(server.url)))
  } finally {
    await server.stop()
  }
  if (scans.length > 0) throw new Error(`these read a table from end to end:\n${scans.join('\n')}`)
}

async function measureGrowth(serverUrl: string, growth: number) {
  say(`a catalogue of ${growth} titles`)
  const database = await scaledDatabase(serverUrl, growth)
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  try {
    return { database, inside: await measureInsidePostgres(pool), quality: await qualityTable(database.url) }
  } finally {
    await pool.end()
  }
}

if (values.help) process.stdout.write(usage)
else await bench()
