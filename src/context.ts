import type { Redis } from 'ioredis'
import type pg from 'pg'
import type { Config } from './config.ts'
import { type Cache, openCache } from './infra/cache.ts'
import { type Db, openDb } from './infra/db.ts'
import { type Hot, openHot } from './infra/hot.ts'
import { type Log, openLog } from './infra/logger.ts'
import type { Mailer } from './infra/mail-messages.ts'
import { openMailer } from './infra/mailer.ts'
import { type Metrics, openMetrics } from './infra/metrics.ts'
import { openPasswords, type Passwords } from './infra/passwords.ts'
import { openPubSub, type PubSub } from './infra/pubsub.ts'
import { openQueueDesk, type QueueDesk } from './infra/queue-desk.ts'
import { openRedis, untilReady } from './infra/redis.ts'

/** Everything that costs a connection or is shared by a whole process. Opened and closed by the entry file alone. */
export interface Ctx {
  readonly config: Config
  readonly log: Log
  readonly metrics: Metrics
  readonly db: Db
  /**
   * A replica where DATABASE_READ_URL names one, else the database itself. For public reads that are kept for minutes at
   * most: what is kept longer is forgotten when it changes, and a replica that lags would have it kept as it was. While
   * the replica is away the database itself answers.
   */
  readonly readDb: Db
  readonly pool: pg.Pool
  /** The pool of the replica; `null` when there is none. */
  readonly readPool: pg.Pool | null
  /**
   * One connection to each database, and to the Redis of the queues if there is one, for health checks alone, so that a
   * busy pool does not look like a lost database.
   */
  readonly probes: { readonly postgres: pg.Pool; readonly replica: pg.Pool | null; readonly queues: Redis | null }
  /** Pipelined connections to the database itself for short named statements. */
  readonly hot: Hot
  /** `null` when there is no REDIS_URL. */
  readonly redis: Redis | null
  readonly pubsub: PubSub
  readonly cache: Cache
  readonly passwords: Passwords
  /** For handlers of events: no request waits for a mail server. */
  readonly mailer: Mailer
  /** For operators: what is in the job queues. Nobody adds jobs by it; that is what events are for. */
  readonly queueDesk: QueueDesk
}

/** The part of the context that a function uses: its signature is its list of dependencies. */
export type Needs<K extends keyof Ctx> = Pick<Ctx, K>

export type OpenedContext = Ctx & AsyncDisposable

/**
 * Opens a context: nothing waits for Postgres, which is connected to on first use; Redis gets a short moment, and is
 * reconnected to in the background when it is away.
 * @param applicationName how the connections call themselves in pg_stat_activity
 * @param redisMilliseconds in which Redis must answer; for tests, whose machine does other things too
 */
export async function openContext(
  config: Config,
  applicationName: string,
  log: Log = openLog(config),
  redisMilliseconds?: number,
): Promise<OpenedContext> {
  const metrics = openMetrics()
  const { DATABASE_POOL_MAX: max, DATABASE_URL: url } = config
  const readUrl = config.DATABASE_READ_URL ?? url
  const open = (target: string, most: number, primary?: pg.Pool) =>
    openDb({ url: target, max: most, applicationName, log, metrics, ...(primary && { primary }) })
  const { db, pool } = open(url, max)
  const read = readUrl === url ? null : open(readUrl, max, pool)
  const probe = open(url, 1)
  const readProbe = read && open(readUrl, 1)
  const hot = openHot({ url: config.DATABASE_URL, applicationName, log, metrics })
  const redis = config.REDIS_URL ? openRedis(config.REDIS_URL, log, redisMilliseconds) : null
  const queues = config.QUEUE_REDIS_URL ? openRedis(config.QUEUE_REDIS_URL, log.child({ of: 'queues' })) : null
  await Promise.all([redis, queues].map((one) => one && untilReady(one, 1_000)))
  const pubsub = openPubSub({ url: config.DATABASE_URL, db, redis, log })
  const cache = openCache({ redis, pubsub, metrics, log })
  const passwords = openPasswords()
  const mailer = openMailer(config, log)
  const queueDesk = openQueueDesk({ config, log })
  return {
    config,
    log,
    metrics,
    db,
    readDb: read?.db ?? db,
    pool,
    readPool: read?.pool ?? null,
    probes: { postgres: probe.pool, replica: readProbe?.pool ?? null, queues },
    hot,
    redis,
    pubsub,
    cache,
    passwords,
    mailer,
    queueDesk,
    [Symbol.asyncDispose]: async () => {
      await passwords.close()
      await mailer.close()
      await queueDesk.close()
      await cache.close()
      await pubsub.close()
      redis?.disconnect()
      queues?.disconnect()
      await hot.close()
      await Promise.all([probe.pool.end(), readProbe?.pool.end()])
      await read?.db.destroy()
      await db.destroy()
    },
  }
}
