// npm run bench:worker: events from the outbox to jobs, and to their effects, beside raw BullMQ. Not a test.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { migrateUp } from '../scripts/migrations.ts'
import { startPostgres } from '../scripts/services/postgres.ts'
import { startRedis } from '../scripts/services/redis.ts'
import { loadConfig } from '../src/config.ts'
import { type OpenedContext, openContext } from '../src/context.ts'
import { eventNames } from '../src/infra/event-check.ts'
import { firstTime } from '../src/infra/handled-events.ts'
import { type NewJob, openQueues, type Queues } from '../src/infra/queues.ts'
import { inTx } from '../src/infra/tx.ts'
import { startDelivery } from '../src/worker/delivery.ts'
import { relayBatch, relaySome } from '../src/worker/relay.ts'
import type { Subscribers } from '../src/worker/subscriber-jobs.ts'
import { withSection } from './page.ts'
import { type Measured, middle, relaySection } from './worker-page.ts'

const usage = `npm run bench:worker -- [options]

Relays events of a database of its own, and has them handled, on both backends of the queues.

  --events N   events of one measurement (default 10000)
  --rounds N   measurements of each kind, in turns; the middle one counts (default 3)
  --only NAME  only 'postgres' or only 'redis'
  --write      write the section of docs/performance.md
  --help       this
`

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const say = (line: string): void => void process.stderr.write(`${line}\n`)

const pageFile = 'docs/performance.md'
/** As many as the relay takes at a time. */
const bulk = 500
/** As the relay has. */
const lanes = 2
const concurrency = 10

const nobody = Object.fromEntries(eventNames.map((name) => [name, []])) as unknown as Subscribers
const subscribers = (handle: Subscribers['title.created'][number]['handle']): Subscribers => ({
  ...nobody,
  'title.created': [{ id: 'bench', queue: 'bench', handle }],
})

async function seedEvents({ db }: OpenedContext, howMany: number): Promise<void> {
  await sql`truncate outbox_events, handled_events`.execute(db)
  await sql`insert into outbox_events (name, payload)
    select 'title.created', jsonb_build_object('movie_id', uuidv7()) from generate_series(1, ${howMany})`.execute(db)
  await sql`vacuum analyze outbox_events`.execute(db)
}

async function empty(queues: Queues, name: string): Promise<void> {
  await (await queues.queueOf(name)).obliterate({ force: true })
}

const perSecond = async (howMany: number, work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await work()
  return howMany / ((performance.now() - begun) / 1_000)
}

const rawJobs = (howMany: number): NewJob[] =>
  Array.from({ length: howMany }, () => {
    const id = crypto.randomUUID()
    const data = { event: 'title.created', id, payload: { movie_id: crypto.randomUUID() }, request_id: null }
    return { id: `evt-${id}-bench`, name: 'bench', data }
  })

async function addRaw(queues: Queues, jobs: readonly NewJob[]): Promise<void> {
  let from = 0
  const lane = async (): Promise<void> => {
    while (from < jobs.length) {
      const some = jobs.slice(from, from + bulk)
      from += bulk
      await queues.add('raw', some)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

async function relayAll(ctx: OpenedContext, queues: Queues): Promise<void> {
  const nothing = subscribers(async () => {})
  let more = true
  while (more) more = await relaySome(ctx, nothing, queues.add, true)
  if ((await relayBatch(ctx, nothing, queues.add)) > 0) throw new Error('events were left')
}

/** Jobs of a queue, done with nothing to do. */
async function workRaw(queues: Queues, howMany: number): Promise<void> {
  const all = Promise.withResolvers<void>()
  let done = 0
  const options = { concurrency, rate: null, onFailed: () => {}, onStalled: () => {} }
  const { stop } = queues.work('raw', options, async () => {
    done += 1
    if (done === howMany) all.resolve()
  })
  await all.promise
  await stop()
}

/** From rows in the outbox to effects with their marks: all of the worker. */
async function handleAll(ctx: OpenedContext, howMany: number): Promise<void> {
  const all = Promise.withResolvers<void>()
  let done = 0
  const handle: Subscribers['title.created'][number]['handle'] = async (jobCtx, { id }) => {
    await inTx(jobCtx, (tx) => firstTime(tx.db, 'bench', id))
    done += 1
    if (done === howMany) all.resolve()
  }
  const { stop } = startDelivery(ctx, subscribers(handle))
  await all.promise
  await stop()
}

async function measure(name: string, env: Record<string, string>): Promise<Measured> {
  const ctx = await openContext(loadConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', ...env }), 'lemonnpie-bench')
  const queues = openQueues(ctx)
  const howMany = Number(values.events)
  const rounds: Record<'addBulk' | 'relayed' | 'worked' | 'handled', number[]> = {
    ...{ addBulk: [], relayed: [], worked: [], handled: [] },
  }
  try {
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const jobs = rawJobs(howMany)
      rounds.addBulk.push(await perSecond(howMany, () => addRaw(queues, jobs)))
      await seedEvents(ctx, howMany)
      rounds.relayed.push(await perSecond(howMany, () => relayAll(ctx, queues)))
      await empty(queues, 'bench')
      rounds.worked.push(await perSecond(howMany, () => workRaw(queues, howMany)))
      await empty(queues, 'raw')
      await seedEvents(ctx, howMany)
      rounds.handled.push(await perSecond(howMany, () => handleAll(ctx, howMany)))
      await wait(200)
      say(
        `  ${name}: ${Object.entries(rounds)
          .map(([kind, all]) => `${kind} ${Math.round(all.at(-1)!)}`)
          .join(', ')} a second`,
      )
    }
  } finally {
    await queues.close()
    await ctx[Symbol.asyncDispose]()
  }
  return {
    backend: name,
    addBulk: middle(rounds.addBulk),
    relayed: middle(rounds.relayed),
    worked: middle(rounds.worked),
    handled: middle(rounds.handled),
  }
}

async function bench(): Promise<void> {
  const dir = await mkdtemp(path.join(tmpdir(), 'lemonnpie-bench-worker-'))
  const server = await startPostgres({ dataDir: path.join(dir, 'postgres'), durable: true })
  const redis =
    values.only === 'postgres' ? null : await startRedis({ dataDir: path.join(dir, 'redis'), persistent: true })
  try {
    await migrateUp(server.url)
    const measured: Measured[] = []
    if (values.only !== 'redis') measured.push(await measure('Postgres', { DATABASE_URL: server.url }))
    if (redis) measured.push(await measure('Redis', { DATABASE_URL: server.url, QUEUE_REDIS_URL: redis.url }))
    const load = { events: Number(values.events), rounds: Number(values.rounds), bulk, concurrency }
    const section = relaySection(measured, load)
    process.stdout.write(`${section}\n`)
    if (values.write) await writeFile(pageFile, withSection(await readFile(pageFile, 'utf8'), section))
  } finally {
    await redis?.stop()
    await server.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

if (values.help) process.stdout.write(usage)
else await bench()
