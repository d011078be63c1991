import type { Needs } from '../../context.ts'
import { compileHot } from '../../infra/hot-query.ts'
import { runPrepared } from '../../infra/prepared.ts'
import type { Actor } from '../../lib/actor.ts'
import { accountNotFound } from './follow.errors.ts'
import { findStatistics, type StatisticsOptions } from './statistics.queries.ts'
import type { UserStatistics } from './statistics.schemas.ts'

const statisticsOf = compileHot('findStatistics', (db, asked: StatisticsOptions) => findStatistics(db, asked))

/** All numbers of an account, as far as the viewer may know them. @throws AppError 404 */
export async function openStatistics(
  ctx: Needs<'pool' | 'metrics'>,
  viewer: Actor | null,
  userId: string,
): Promise<UserStatistics> {
  const [statistics] = await runPrepared(ctx, statisticsOf, { userId, viewer: viewer?.id ?? null })
  if (!statistics) throw accountNotFound()
  return statistics
}
