import type { Redis } from 'ioredis'
import type pg from 'pg'
import type { Config } from './config.ts'
import { type Cache, openCache } from './infra/cache.ts'
import { type Db, openDb } from './infra/db.ts'
import { type Hot, openHot } from './infra/hot.ts'
import { type Log, openLog } from './infra/logger.ts'
import { type Metrics, openMetrics } from './infra/metrics.ts'
import { openPubSub, type PubSub } from './infra/pubsub.ts'
import { openRedis, untilReady } from './infra/redis.ts'

/** Everything that costs a connection or is shared by a whole process. Opened and closed by the entry file alone. */
export interface Ctx {
  readonly config: Config
  readonly log: Log
  readonly metrics: Metrics
  readonly db: Db
  /** For public reads: a replica where DATABASE_READ_URL names one, else the database itself. */
  readonly readDb: Db
  readonly pool: pg.Pool
  /** Pipelined connections for short named statements. */
  readonly hot: Hot
  /** `null` when there is no REDIS_URL. */
  readonly redis: Redis | null
  readonly pubsub: PubSub
  readonly cache: Cache
}

/** The part of the context that a function uses: its signature is its list of dependencies. */
export type Needs<K extends keyof Ctx> = Pick<Ctx, K>

export type OpenedContext = Ctx & AsyncDisposable

/**
 * Opens a context: nothing waits for Postgres, which is connected to on first use; Redis gets a short moment, and is
 * reconnected to in the background when it is away.
 * @param applicationName how the connections call themselves in pg_stat_activity
 */
export async function openContext(
  config: Config,
  applicationName: string,
  log: Log = openLog(config),
): Promise<OpenedContext> {
  const metrics = openMetrics()
  const { db, pool } = openDb({
    url: config.DATABASE_URL,
    max: config.DATABASE_POOL_MAX,
    applicationName,
    log,
    metrics,
  })
  const readUrl = config.DATABASE_READ_URL ?? config.DATABASE_URL
  const read =
    readUrl === config.DATABASE_URL
      ? null
      : openDb({ url: readUrl, max: config.DATABASE_POOL_MAX, applicationName, log, metrics })
  const hot = openHot({ url: readUrl, applicationName, log, metrics })
  const redis = config.REDIS_URL ? openRedis(config.REDIS_URL, log) : null
  if (redis) await untilReady(redis, 1_000)
  const pubsub = openPubSub({ url: config.DATABASE_URL, db, redis, log })
  const cache = openCache({ redis, pubsub, metrics, log })
  return {
    config,
    log,
    metrics,
    db,
    readDb: read?.db ?? db,
    pool,
    hot,
    redis,
    pubsub,
    cache,
    [Symbol.asyncDispose]: async () => {
      await cache.close()
      await pubsub.close()
      redis?.disconnect()
      await hot.close()
      await read?.db.destroy()
      await db.destroy()
    },
  }
}
