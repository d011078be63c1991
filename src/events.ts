import { type Static, type TSchema, Type } from './lib/typebox.ts'

const titleEvent = Type.Object({ movie_id: Type.String({ format: 'uuid' }) }, { additionalProperties: false })

const uuid = Type.String({ format: 'uuid' })
/** The author is null when the account was erased. */
const reviewFields = { review_id: uuid, movie_id: uuid, author_id: Type.Union([uuid, Type.Null()]) }
const reviewEvent = Type.Object(reviewFields, { additionalProperties: false })
const userEvent = Type.Object({ user_id: Type.String({ format: 'uuid' }) }, { additionalProperties: false })

const notificationEvent = Type.Object(
  { notification_id: uuid, user_id: uuid, channels: Type.Array(Type.String({ maxLength: 30 }), { maxItems: 10 }) },
  { additionalProperties: false },
)

/** Everything that can happen, by name: past tense, with the shape of its payload. A changed payload is a new name. */
export const eventSchemas = {
  'title.created': titleEvent,
  'title.updated': titleEvent,
  'title.deleted': titleEvent,
  'review.published': reviewEvent,
  'review.updated': reviewEvent,
  'review.deleted': Type.Object({ ...reviewFields, actor_id: uuid }, { additionalProperties: false }),
  'review.moderated': Type.Object(
    {
      ...reviewFields,
      actor_id: uuid,
      decision: Type.Union([Type.Literal('approve'), Type.Literal('reject')]),
      /** What the author is told with it. Events from before it was written down lack it. */
      reason: Type.Optional(Type.Union([Type.String({ maxLength: 500 }), Type.Null()])),
    },
    { additionalProperties: false },
  ),
  'review.voted': Type.Object(
    { review_id: uuid, user_id: uuid, vote_type: Type.Union([Type.Literal('helpful'), Type.Literal('unhelpful')]) },
    { additionalProperties: false },
  ),
  'review.unvoted': Type.Object({ review_id: uuid, user_id: uuid }, { additionalProperties: false }),
  'user.updated': userEvent,
  'user.registered': userEvent,
  'user.followed': Type.Object({ follower_id: uuid, followee_id: uuid }, { additionalProperties: false }),
  'user.unfollowed': Type.Object({ follower_id: uuid, followee_id: uuid }, { additionalProperties: false }),
  'user.blocked': Type.Object({ blocker_id: uuid, blocked_id: uuid }, { additionalProperties: false }),
  'email.verification_requested': userEvent,
  // Null for an address without an account: the same is done for all, so that asking tells nobody.
  'password.reset_wanted': Type.Object({ user_id: Type.Union([uuid, Type.Null()]) }, { additionalProperties: false }),
  'password.changed': Type.Object(
    { user_id: Type.String({ format: 'uuid' }), changed_at: Type.String({ format: 'date-time' }) },
    { additionalProperties: false },
  ),
  'session.new_device': Type.Object(
    { user_id: Type.String({ format: 'uuid' }), session_id: Type.String({ format: 'uuid' }) },
    { additionalProperties: false },
  ),
  'review.flagged': Type.Object(
    { review_id: uuid, movie_id: uuid, reports: Type.Integer() },
    { additionalProperties: false },
  ),
  'title.score_held': Type.Object({ movie_id: uuid, reviews: Type.Integer() }, { additionalProperties: false }),
  'title.score_released': Type.Object(
    { movie_id: uuid, actor_id: uuid, counted: Type.Integer(), rejected: Type.Integer() },
    { additionalProperties: false },
  ),
  /** A decision on held reviews that are too many for one transaction: what becomes of those that are held still. */
  'title.score_decided': Type.Object(
    {
      movie_id: uuid,
      burst_id: uuid,
      actor_id: uuid,
      rest: Type.Union([Type.Literal('count'), Type.Literal('reject')]),
      reason: Type.String(),
    },
    { additionalProperties: false },
  ),
  'report.resolved': Type.Object(
    {
      report_id: uuid,
      /** Null when the account was erased. */
      reporter_id: Type.Union([uuid, Type.Null()]),
      /** Null when the review is gone. */
      review_id: Type.Union([uuid, Type.Null()]),
      resolution: Type.Union(
        ['dismissed', 'content_removed', 'user_warned', 'user_suspended'].map((each) => Type.Literal(each)),
      ),
    },
    { additionalProperties: false },
  ),
  'user.warned': Type.Object(
    { user_id: uuid, actor_id: uuid, review_id: uuid, reason: Type.String() },
    { additionalProperties: false },
  ),
  'user.suspended': Type.Object(
    { user_id: uuid, actor_id: uuid, until: Type.Union([Type.String(), Type.Null()]), reason: Type.String() },
    { additionalProperties: false },
  ),
  'user.erased': userEvent,
  /** Published by a trigger of users. */
  'user.role_changed': Type.Object(
    { user_id: uuid, role: Type.String({ maxLength: 20 }), former_role: Type.String({ maxLength: 20 }) },
    { additionalProperties: false },
  ),
  /** An administrator has given a dead job of an event up. */
  'job.dropped': Type.Object(
    { job: Type.String({ maxLength: 100 }), event: Type.String({ maxLength: 100 }), payload: Type.Unknown() },
    { additionalProperties: false },
  ),
  'announcement.called_off': Type.Object({ announcement_id: uuid }, { additionalProperties: false }),
  'announcement.made': Type.Object({ announcement_id: uuid }, { additionalProperties: false }),
  /** Something to be carried by channels that lead out of here. */
  'notification.created': notificationEvent,
  /** The same of what many are told, whose mails wait behind those of `notification.created`. */
  'notification.created_for_many': notificationEvent,
  /** The mail of a day, with what came after one position up to another. */
  'digest.due': Type.Object(
    { user_id: uuid, day: Type.String({ format: 'date' }), after: Type.String(), until: Type.String() },
    { additionalProperties: false },
  ),
} as const satisfies Record<string, TSchema>

export type EventName = keyof typeof eventSchemas
export type EventPayload<N extends EventName> = Static<(typeof eventSchemas)[N]>
