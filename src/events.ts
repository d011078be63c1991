import { type Static, type TSchema, Type } from './lib/typebox.ts'

const titleEvent = Type.Object({ movie_id: Type.String({ format: 'uuid' }) }, { additionalProperties: false })

const userEvent = Type.Object({ user_id: Type.String({ format: 'uuid' }) }, { additionalProperties: false })

/** Everything that can happen, by name: past tense, with the shape of its payload. A changed payload is a new name. */
export const eventSchemas = {
  'title.created': titleEvent,
  'title.updated': titleEvent,
  'title.deleted': titleEvent,
  'user.updated': userEvent,
} as const satisfies Record<string, TSchema>

export type EventName = keyof typeof eventSchemas
export type EventPayload<N extends EventName> = Static<(typeof eventSchemas)[N]>
