import { loadConfig, processEnvironment } from '../../src/config.ts'
import { openContext } from '../../src/context.ts'
import { forgetAllReviews } from '../../src/domains/reviews/review.service.ts'
import { privateRedis } from '../project-database.ts'
import { runningRedis } from '../services/redis.ts'

/** Tells the processes that serve the database that what they keep of the catalogue and its reviews is old. */
export async function forgetEverywhere(databaseUrl: string): Promise<void> {
  const redisUrl = processEnvironment().REDIS_URL ?? (await runningRedis(privateRedis))
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    DATABASE_POOL_MAX: '1',
    LOG_LEVEL: 'error',
  })
  await using ctx = await openContext(config, 'lemonnpie-seed')
  await forgetAllReviews(ctx)
}
