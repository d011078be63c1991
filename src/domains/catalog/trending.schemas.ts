import { closed, Limit, oneOf } from '../../lib/schemas.ts'
import type { Static } from '../../lib/typebox.ts'

export const trendingWindows = ['day', 'week', 'month'] as const
export const TrendingQuery = closed({
  window: oneOf(trendingWindows, { default: 'week', description: 'How fast interest cools.' }),
  limit: Limit,
})
export type TrendingQuery = Static<typeof TrendingQuery>
