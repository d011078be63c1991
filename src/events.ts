import { type Static, type TSchema, Type } from './lib/typebox.ts'

const titleEvent = Type.Object({ movie_id: Type.String({ format: 'uuid' }) }, { additionalProperties: false })

const userEvent = Type.Object({ user_id: Type.String({ format: 'uuid' }) }, { additionalProperties: false })

/** Everything that can happen, by name: past tense, with the shape of its payload. A changed payload is a new name. */
export const eventSchemas = {
  'title.created': titleEvent,
  'title.updated': titleEvent,
  'title.deleted': titleEvent,
  'user.updated': userEvent,
  'user.registered': userEvent,
  'email.verification_requested': userEvent,
  // Whether the address has an account is found out where the mail is sent, so that asking tells nobody.
  'password.reset_requested': Type.Object({ email: Type.String({ maxLength: 254 }) }, { additionalProperties: false }),
  'password.changed': Type.Object(
    { user_id: Type.String({ format: 'uuid' }), changed_at: Type.String({ format: 'date-time' }) },
    { additionalProperties: false },
  ),
  'session.new_device': Type.Object(
    { user_id: Type.String({ format: 'uuid' }), session_id: Type.String({ format: 'uuid' }) },
    { additionalProperties: false },
  ),
} as const satisfies Record<string, TSchema>

export type EventName = keyof typeof eventSchemas
export type EventPayload<N extends EventName> = Static<(typeof eventSchemas)[N]>
