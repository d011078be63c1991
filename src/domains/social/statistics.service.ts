import type { Needs } from '../../context.ts'
import { bodyOf, type CachedBody } from '../../infra/cache-body.ts'
import { compileHot } from '../../infra/hot-query.ts'
import type { Actor } from '../../lib/actor.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { accountNotFound } from './follow.errors.ts'
import { findStatistics, type StatisticsOptions } from './statistics.queries.ts'
import { statisticsSchemas, UserStatistics } from './statistics.schemas.ts'

const statisticsOf = compileHot('findStatistics', (db, asked: StatisticsOptions) => findStatistics(db, asked))

/** All numbers of an account, as far as the viewer may know them. @throws AppError 404 */
export async function openStatistics(ctx: Needs<'hot'>, viewer: Actor | null, userId: string): Promise<UserStatistics> {
  const [statistics] = await ctx.hot.run(statisticsOf, { userId, viewer: viewer?.id ?? null })
  if (!statistics) throw accountNotFound()
  return statistics
}

const stringifyStatistics = stringifierOf(UserStatistics, statisticsSchemas)

/** The same as JSON. @throws AppError 404 */
export const openStatisticsBody = async (...asked: Parameters<typeof openStatistics>): Promise<CachedBody> =>
  bodyOf(Buffer.from(stringifyStatistics(await openStatistics(...asked))))
