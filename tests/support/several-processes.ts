import { inject } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { type OpenedContext, openContext } from '../../src/context.ts'
import { openLog } from '../../src/infra/logger.ts'
import { cloneDatabase } from './databases.ts'
import { ownRedis, redisPatience } from './own-redis.ts'

/** One database, and one Redis when the tests run with one, for several contexts that stand for so many processes. */
export interface Services {
  readonly databaseUrl: string
  readonly redisUrl: string | undefined
  /** Another process; messages reach it when this resolves. */
  open(services?: { databaseUrl?: string; redisUrl?: string | undefined }): Promise<OpenedContext>
  stop(): Promise<void>
}

/** @param mode as the tests are run, unless a test is about one of them */
export async function severalProcesses(mode: 'memory' | 'redis' = inject('mode')): Promise<Services> {
  const databaseUrl = await cloneDatabase()
  const redis = mode === 'redis' ? await ownRedis() : null
  const contexts: OpenedContext[] = []
  return {
    databaseUrl,
    redisUrl: redis?.url,
    async open(services = {}) {
      const urls = { databaseUrl, redisUrl: redis?.url, ...services }
      const config = loadConfig({
        NODE_ENV: 'test',
        LOG_LEVEL: 'silent',
        DATABASE_URL: urls.databaseUrl,
        DATABASE_POOL_MAX: '4',
        REDIS_URL: urls.redisUrl,
      })
      const patience = services.redisUrl === undefined ? redisPatience : undefined
      const context = await openContext(config, 'lemonnpie-test', openLog(config), patience)
      contexts.push(context)
      await new Promise<void>((resolve) => context.pubsub.subscribe('opened', () => {}, resolve))
      return context
    },
    async stop() {
      await Promise.all(contexts.map((context) => context[Symbol.asyncDispose]()))
      await redis?.stop()
    },
  }
}
