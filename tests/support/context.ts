import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inject } from 'vitest'
import { type AppOptions, buildApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { type OpenedContext, openContext } from '../../src/context.ts'
import type { App } from '../../src/http/app-type.ts'
import type { OverloadWatch } from '../../src/http/pressure.ts'
import { type Log, openLog } from '../../src/infra/logger.ts'
import { openPasswords } from '../../src/infra/passwords.ts'
import type { Actor, Role } from '../../src/lib/actor.ts'
import { type CloneOptions, cloneDatabase } from './databases.ts'
import { keptCompilers } from './kept-compilers.ts'
import { ownRedis, redisPatience } from './own-redis.ts'

export interface TestContextOptions extends CloneOptions {
  /** By default what the project runs with: `on` in the mode redis, `off` in the mode memory. */
  readonly redis?: 'on' | 'off'
  /** Environment variables beside those of a test: LOG_LEVEL=silent, RATE_LIMIT=off. */
  readonly env?: Readonly<Record<string, string>>
  /** bcrypt's cost; by default the least there is, so that signing in takes a test milliseconds. */
  readonly passwordCost?: number
  /** Where lines go, when a test reads them. */
  readonly log?: Log
}

/** A context, and what must be closed before it. */
export interface TestContext extends OpenedContext {
  readonly beforeClosing: (close: () => Promise<unknown>) => void
}

/**
 * A real context over a database (and Redis) of its own. Whoever asked closes it, which closes its apps first:
 * `beforeAll(async () => { ctx = await testContext(); return () => ctx[Symbol.asyncDispose]() })`
 */
export async function testContext(options: TestContextOptions = {}): Promise<TestContext> {
  const wantsRedis = options.redis ?? (inject('mode') === 'redis' ? 'on' : 'off')
  const [databaseUrl, redis] = await Promise.all([
    cloneDatabase(options),
    wantsRedis === 'on' ? ownRedis() : Promise.resolve(null),
  ])
  // Made by the first mail.
  const mailDir = path.join(tmpdir(), `lemonnpie-mail-${randomBytes(8).toString('hex')}`)
  const config = loadConfig({
    NODE_ENV: 'test',
    MAIL_DIR: mailDir,
    LOG_LEVEL: 'silent',
    RATE_LIMIT: 'off',
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_MAX: '5',
    REDIS_URL: redis?.url,
    ...options.env,
  })
  const log = options.log ?? openLog(config)
  const patience = options.env?.REDIS_URL === undefined ? redisPatience : undefined
  const ctx = await openContext(config, 'lemonnpie-test', log, patience)
  const passwords = openPasswords({ cost: options.passwordCost ?? 4 })
  const closers: Array<() => Promise<unknown>> = []
  return {
    ...ctx,
    passwords,
    beforeClosing: (close) => {
      closers.push(close)
    },
    [Symbol.asyncDispose]: async () => {
      for (const close of closers.reverse()) await close()
      await passwords.close()
      await ctx[Symbol.asyncDispose]()
      await redis?.stop()
      await rm(mailDir, { recursive: true, force: true })
    },
  }
}

export interface TestAppOptions extends AppOptions {
  readonly actor?: Actor
  readonly routes?: (app: App) => void
}

/** Somebody with a role, for `testApp(ctx, { actor })`. */
export const actorWith = (role: Role, more: Partial<Actor> = {}): Actor => ({
  id: '0198d1c4-0000-7000-8000-000000000001',
  role,
  isVerified: true,
  ...more,
})

/** What keeps the machine of a test busy says nothing of the app. */
const never: OverloadWatch = { note: () => {}, isOverloaded: () => false }

/**
 * The app over a test's context, ready for `inject`; it closes with the context.
 * @param options `actor`: who every request comes from; nobody when it is left out. `routes`: declares more of them
 */
export async function testApp(ctx: TestContext, { actor, routes, ...options }: TestAppOptions = {}): Promise<App> {
  const app = await buildApp(ctx, {
    overload: never,
    compilers: keptCompilers,
    ...(actor ? { authenticate: () => actor } : {}),
    ...options,
  })
  routes?.(app)
  ctx.beforeClosing(() => app.close())
  await app.ready()
  return app
}
