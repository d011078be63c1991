// node bench/social.ts: follows, feeds, lists and profiles over HTTP, and the designs that a feed could have. Not a test.
import { mkdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { runningPostgres, startPostgres } from '../scripts/services/postgres.ts'
import { serverSettings } from './database.ts'
import { startApi } from './http.ts'
import { loadCells, loadHead, machine, table } from './report.ts'
import { measureApi } from './social-api.ts'
import { type Crowd, crowdOf } from './social-data.ts'
import { measureDesigns } from './social-designs.ts'

const usage = `npm run bench:social -- [options]

Makes a crowd that follows by Zipf's rule in a database of its own, kept under .data/bench for the next run, and prints
tables of what was measured, for docs/decisions/feed.md. A Postgres that runs over .data/bench already is taken.

  --users N        accounts (default 200000)
  --follows N      edges of the follow graph (default 5000000)
  --activities N   what they did, about (default 5000000)
  --seconds N      length of one load (default 8)
  --connections N  requests in flight (default 8)
  --rows TEXT      only the rows over HTTP whose name has TEXT, and no designs
  --designs        only the designs
  --help           this
`

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '200000' },
    follows: { type: 'string', default: '5000000' },
    activities: { type: 'string', default: '5000000' },
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '8' },
    rows: { type: 'string' },
    designs: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const load = { connections: Number(values.connections), seconds: Number(values.seconds) }

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
const print = (text: string): void => {
  process.stdout.write(`${text}\n\n`)
}

async function benchApi(crowd: Crowd): Promise<void> {
  say('over HTTP')
  await mkdir('bench/results', { recursive: true })
  const api = await startApi(crowd.url, 'bench/results/social-api.log')
  try {
    const results = await measureApi(api.origin, crowd, load, (name) => name.includes(values.rows ?? ''))
    print(
      table(
        ['over HTTP', ...loadHead],
        results.map(([name, result]) => [name, ...loadCells(result)]),
      ),
    )
  } finally {
    await api.stop()
  }
}

async function benchDesigns(crowd: Crowd): Promise<void> {
  say('the designs, inside Postgres')
  const options = { concurrency: load.connections, seconds: load.seconds }
  const { reads, fanOut } = await measureDesigns(crowd.url, crowd.readers, crowd.star, options)
  print(
    table(
      ['ids of the first page', ...loadHead],
      reads.map((read) => [read.name, ...loadCells(read.load)]),
    ),
  )
  print(`One activity of a star, written into the rows of each of its followers: ${Math.round(fanOut)} ms.`)
}

async function bench(): Promise<void> {
  const size = { users: Number(values.users), follows: Number(values.follows), activities: Number(values.activities) }
  const running = await runningPostgres('.data/bench')
  const server = running
    ? { url: running, stop: async () => {} }
    : await startPostgres({ dataDir: '.data/bench', durable: true, settings: serverSettings })
  try {
    say(`a crowd of ${size.users}`)
    const crowd = await crowdOf(server.url, size, say)
    const [users, follows, activities] = [crowd.users, crowd.follows, crowd.activities].map((n) =>
      n.toLocaleString('en-US'),
    )
    print(
      `${users} accounts, ${follows} follows, ${activities} activities; ${load.connections} at a time; ${machine()}`,
    )
    if (!values.designs) await benchApi(crowd)
    if (values.rows === undefined) await benchDesigns(crowd)
  } finally {
    await server.stop()
  }
}

if (values.help) process.stdout.write(usage)
else await bench()
