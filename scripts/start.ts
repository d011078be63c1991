import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError, processEnvironment, readEnvFile } from '../src/config.ts'
import { defaultMailDir } from '../src/infra/mail-messages.ts'
import { MigrationError, migrateUp } from './migrations.ts'
import { privateDir, privatePostgres, privateRedis } from './project-database.ts'
import { seedDemoAccounts } from './seed/demo-accounts.ts'
import { seedCatalogue } from './seed/seed-catalogue.ts'
import { claim, liveOwner } from './services/ownership.ts'
import { startPostgres } from './services/postgres.ts'
import { startRedis, stopLeftOverRedis } from './services/redis.ts'
import { howToInstall } from './services/redis-binary.ts'
import { type StartArguments, startArguments, startUsage, UsageError } from './start/arguments.ts'
import { type Child, endLeftOver, startChild } from './start/children.ts'
import { assertPortFree, type Environment, localEnvironment, StartError } from './start/environment.ts'
import { startOver } from './start/fresh.ts'
import { type Stopping, untilAskedToStop } from './start/stopping.ts'
import { browserUrl, welcome } from './start/welcome.ts'

const say = (line: string) => console.log(line)

/** Starts everything in its order, each with its way of stopping on the stack; resolves when one of it ends by itself. */
async function runAll(args: StartArguments, stack: AsyncDisposableStack, stopping: Stopping): Promise<string> {
  await claimCheckout(stack)
  readEnvFile()
  const env = await localEnvironment(processEnvironment(), args.port)
  for (const name of ['API', 'worker']) await endLeftOver(name, say)
  await stopLeftOverRedis(privateRedis, say)
  await assertPortFree(env.HOST as string, Number(env.PORT))
  if (args.fresh && !(await startOver({ yes: args.yes, otherDatabase: Boolean(env.DATABASE_URL) }))) {
    throw new StartError('Nothing was deleted, and nothing started')
  }
  const [database, redis] = await Promise.all([openDatabase(env, stack), openRedis(env, args, stack)])
  await migrateUp(database.url, { log: say })
  if (env.NODE_ENV !== 'production') await seed(database.url)
  if (env.DEMO === 'on') await seedDemoAccounts(database.url)

  const childEnv = {
    ...env,
    DATABASE_URL: database.url,
    ...(redis.url && { REDIS_URL: redis.url }),
    NODE_COMPILE_CACHE: path.join(privateDir, 'compile-cache'), // a quarter off the time to start
  }
  const children: Child[] = []
  for (const [name, script] of [
    ['worker', 'src/worker.ts'],
    ['API', 'src/server.ts'],
  ] as const) {
    const child = await startChild(name, script, childEnv)
    children.push(child)
    stopping.atOnce(child.kill)
    stack.defer(child.stop)
  }
  const ended = Promise.race([
    ...children.map(async ({ name, exited }) => `The ${name} ${await exited}`),
    ...(database.exited ? [database.exited.then(() => 'Postgres has stopped')] : []),
    // The API does without Redis, so its end is only told.
    new Promise<never>(() => void redis.exited?.then(() => stopping.signal.aborted || say('Redis has stopped'))),
  ])
  const url = browserUrl(env.HOST as string, Number(env.PORT))
  const early = await Promise.race([untilReady(url), ended])
  if (early !== undefined) throw new StartError(`${early} before it was ready; what it said is above`)
  say(welcome({ url, database: database.what, redis: redis.what, mail: mailOf(env), demo: env.DEMO === 'on' }))
  return ended
}

async function claimCheckout(stack: AsyncDisposableStack) {
  const file = path.join(privateDir, 'start.owner')
  await mkdir(privateDir, { recursive: true })
  const owner = await liveOwner(file)
  if (owner)
    throw new StartError(`LemonNPie is already running from this folder (process ${owner.pid}): stop that one first`)
  stack.defer(await claim(file, 'this folder'))
}

async function openDatabase(env: Environment, stack: AsyncDisposableStack) {
  if (env.DATABASE_URL) {
    const { host, pathname } = new URL(env.DATABASE_URL)
    return { url: env.DATABASE_URL, what: `${pathname.slice(1)} at ${host} (DATABASE_URL)` }
  }
  const server = await startPostgres({ dataDir: privatePostgres, durable: true, log: say })
  stack.defer(server.stop)
  return {
    url: server.url,
    exited: server.exited,
    what: `private Postgres at ${new URL(server.url).host}, data in .data/`,
  }
}

/** Where mails go: said, since links in them are what people wait for. */
function mailOf({ SMTP_URL, MAIL_DIR }: Environment): string {
  if (SMTP_URL) return `${new URL(SMTP_URL).host} (SMTP_URL)`
  return MAIL_DIR ? `files in ${MAIL_DIR} (MAIL_DIR)` : `files in ${defaultMailDir}/ (SMTP_URL sends them)`
}

async function openRedis(env: Environment, { withRedis }: StartArguments, stack: AsyncDisposableStack) {
  if (env.REDIS_URL) return { url: env.REDIS_URL, what: `${new URL(env.REDIS_URL).host} (REDIS_URL)` }
  if (!withRedis) return { what: 'none: cache and rate limits are in the process (--with-redis starts one)' }
  const server = await startRedis({ dataDir: privateRedis, log: say }).catch((error: Error) => {
    throw new StartError(error.message.includes(howToInstall) ? `${error.message}, or set REDIS_URL` : error.message)
  })
  stack.defer(server.stop)
  return { url: server.url, exited: server.exited, what: `private Redis at ${new URL(server.url).host}` }
}

async function seed(url: string) {
  // Only once, so that what editors have changed since stays theirs; npm run seed brings the shipped catalogue again.
  const { titles } = await seedCatalogue(url, { onlyWhenEmpty: true })
  if (titles.inserted > 0) say(`seeded ${titles.inserted} titles`)
}

/** Resolves when the API says that it is ready. */
async function untilReady(url: string): Promise<undefined> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
    const ready = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    if (ready?.ok) return undefined
  }
  throw new StartError(`The API did not become ready within a minute; ${url}/health/ready says why`)
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\nnpm start -- --help says what can be written here`
  if (error instanceof StartError || error instanceof ConfigError || error instanceof MigrationError)
    return error.message
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'ECONNREFUSED' ? 'There is no Postgres at DATABASE_URL: is it running?' : message || String(error)
}

async function main(): Promise<number> {
  const args = startArguments(process.argv.slice(2))
  if (args.help) {
    say(startUsage)
    return 0
  }
  const stack = new AsyncDisposableStack()
  const stopping = untilAskedToStop()
  const code = await Promise.race([runAll(args, stack, stopping), stopping.asked]).then(
    (ended) => {
      if (ended === undefined) say('\nStopping …')
      else console.error(`${ended}: stopping the rest.`)
      return ended === undefined ? 0 : 1
    },
    (error) => {
      console.error(explain(error))
      return error instanceof UsageError ? 2 : 1
    },
  )
  stopping.begin()
  await stack.disposeAsync()
  return code
}

const code = await main().catch((error) => {
  console.error(explain(error))
  return error instanceof UsageError ? 2 : 1
})
// What was only half started when we were asked to stop is ended by its guard as soon as we are gone.
process.exit(code)
