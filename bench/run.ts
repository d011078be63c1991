// npm run bench: what the product does in a second, beside what it is compared with. Not part of the tests.
import { mkdir, writeFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { startPostgres } from '../scripts/services/postgres.ts'
import { scaledDatabase } from './database.ts'
import { explainEverything } from './explain-run.ts'
import { compareOverHttp, startApi } from './http.ts'
import { performancePage } from './page.ts'
import { qualityTable } from './quality.ts'
import { compareWithSeedDesign, measureInsidePostgres } from './search.ts'

const usage = `npm run bench -- [options]

Loads a catalogue of real and generated titles and prints tables of what was measured; the page of the last full run is
docs/performance.md. Databases are kept under .data/bench for the next run.

  --scale N      generated titles (default 100000)
  --growth N     generated titles of the larger catalogue that growth is measured on (default 1000000; 0 for none)
  --seconds N    length of one load (default 8)
  --rounds N     loads of each kind, in turns; the middle one counts (default 3)
  --write        write docs/performance.md
  --help         this
`

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '100000' },
    growth: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** As the manual of Postgres advises for a server of its own: a quarter of the memory (19.4.1, shared_buffers). */
const serverSettings = {
  shared_buffers: `${Math.floor(totalmem() / 4 / 2 ** 20)}MB`,
  effective_cache_size: `${Math.floor(totalmem() / 2 / 2 ** 20)}MB`,
  maintenance_work_mem: '1GB',
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

async function bench(): Promise<void> {
  const scale = Number(values.scale)
  const growth = Number(values.growth)
  const load = { seconds: Number(values.seconds), rounds: Number(values.rounds), connections: 8 }
  const server = await startPostgres({ dataDir: '.data/bench', durable: true, settings: serverSettings })
  try {
    say(`a catalogue of ${scale} titles`)
    const database = await scaledDatabase(server.url, scale)
    const pool = new pg.Pool({ connectionString: database.url, max: load.connections })
    try {
      await mkdir('bench/results', { recursive: true })
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
      const larger = growth > 0 ? await measureGrowth(server.url, growth) : null
      const page = performancePage({ database, http, seedDesign, inside, quality, larger, plans, load })
      process.stdout.write(`${page.summary}\n`)
      await writeFile('bench/results/plans.txt', page.plans)
      say('all plans are in bench/results/plans.txt')
      if (values.write) await writeFile('docs/performance.md', page.summary)
      if (page.scans.length > 0) throw new Error(`these read a table from end to end:\n${page.scans.join('\n')}`)
    } finally {
      await pool.end()
    }
  } finally {
    await server.stop()
  }
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
