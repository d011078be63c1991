import { Cursor, closed, IncludeTotal, Limit, oneOf } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'

export const trendingWindows = ['day', 'week', 'month'] as const
export type TrendingWindow = (typeof trendingWindows)[number]

export const TrendingQuery = closed({
  window: oneOf(trendingWindows, { default: 'week', description: 'How fast interest cools.' }),
  limit: Limit,
  cursor: Type.Optional(Cursor),
  include_total: IncludeTotal,
})
export type TrendingQuery = Static<typeof TrendingQuery>
