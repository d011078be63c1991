import { closed, nullable, Timestamp, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'

const position = Type.Integer({ minimum: 1, maximum: 1000, description: 'Place in the list, from 1.' })
const until = nullable(Type.String({ ...Timestamp, maxLength: 40, description: 'When it ends; null is for good.' }))

export const FeaturedBody = closed(
  { position, until: Type.Optional(until) },
  { examples: [{ position: 1, until: '2026-12-26T00:00:00Z' }] },
)
export type FeaturedBody = Static<typeof FeaturedBody>

export const Featured = closed(
  { movie_id: Uuid, position, until },
  { examples: [{ movie_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77', position: 1, until: '2026-12-26T00:00:00Z' }] },
)
export type Featured = Static<typeof Featured>
