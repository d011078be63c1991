import { closed, Limit, oneOf } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'

export const trendingWindows = ['day', 'week', 'month'] as const
export const TrendingQuery = closed({
  window: oneOf(trendingWindows, { default: 'week', description: 'How fast interest cools.' }),
  limit: Limit,
})
export type TrendingQuery = Static<typeof TrendingQuery>

export const FeaturedBody = closed(
  {
    position: Type.Integer({ minimum: 1, maximum: 1000, description: 'Place in the list, from 1.' }),
    until: Type.Optional(
      Type.Unsafe<string | null>({
        type: ['string', 'null'],
        format: 'date-time',
        maxLength: 40,
        description: 'When it ends; for good without.',
      }),
    ),
  },
  { examples: [{ position: 1, until: '2026-12-26T00:00:00Z' }] },
)
export type FeaturedBody = Static<typeof FeaturedBody>

export const Featured = closed(
  {
    movie_id: Type.String({ format: 'uuid' }),
    position: Type.Integer(),
    until: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' }),
  },
  { examples: [{ movie_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77', position: 1, until: '2026-12-26T00:00:00Z' }] },
)
export type Featured = Static<typeof Featured>
