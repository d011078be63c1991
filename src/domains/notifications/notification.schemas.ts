import { type Role, roles } from '../../lib/actor.ts'
import {
  Cursor,
  closed,
  Limit,
  named,
  nullable,
  nullableRef,
  oneOf,
  PageInfo,
  refTo,
  Timestamp,
  Uuid,
} from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { exampleSummary, exampleViewer, MovieSummary } from '../catalog/movie-summary.schemas.ts'
import { resolutions } from '../moderation/report.schemas.ts'
import { exampleReview, Review, reviewSchemas } from '../reviews/review.schemas.ts'
import { UserSummary } from '../users/user-summary.schemas.ts'

export const notificationTypes = [
  'new_follower',
  'review_helpful',
  'followed_user_review',
  'review_moderated',
  'report_resolved',
  'watchlist_release',
  'role_changed',
  'system',
] as const
export type NotificationType = (typeof notificationTypes)[number]

/** How many of the accounts of a group are named. */
export const namedOfGroup = 3

export const decisions = ['approve', 'reject', 'delete'] as const
export const notices = ['announcement', 'warning', 'suspension'] as const

const movie = { ...exampleSummary, viewer: exampleViewer }
const none = {
  decision: null,
  resolution: null,
  report_id: null,
  role: null,
  former_role: null,
  notice: null,
  title: null,
  body: null,
  reason: null,
  until: null,
}
const ada = { id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b11', name: 'Adaeze Okafor', avatar_url: null, role: 'critic' }
export const exampleNotification = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4e01',
  position: '57',
  type: 'review_helpful',
  message: 'Adaeze Okafor and 11 others found your review of King of Boys helpful.',
  actors: [ada],
  actor_count: 12,
  movie,
  review: { ...exampleReview, movie },
  ...none,
  read_at: null,
  created_at: '2026-11-21T10:00:00.000000Z',
  updated_at: '2026-11-23T18:30:00.000000Z',
}
export const exampleRelease = {
  ...exampleNotification,
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4e02',
  position: '58',
  type: 'watchlist_release',
  message: 'King of Boys, which is on your watchlist, is out.',
  actors: [],
  actor_count: 0,
  review: null,
}

const text = (description: string) => nullable(Type.String({ description }))
const RoleName = (description: string) => nullable(oneOf<readonly Role[]>(roles, { description }))

/** What somebody was told, as they may read it at this moment. */
export const NotificationView = named(
  'Notification',
  closed(
    {
      id: Uuid,
      position: Type.String({
        pattern: '^[1-9][0-9]{0,18}$',
        maxLength: 19,
        description:
          'Its place in your list, the greatest first, as a decimal number. A group that grows moves to the top and takes a new one.',
      }),
      type: oneOf(notificationTypes),
      message: Type.String({ description: 'The whole of it in a sentence of English. It never has text of a review.' }),
      actors: Type.Array(refTo(UserSummary), {
        description: `Who did it: of a group the latest ${namedOfGroup}. Nobody who is out of your sight.`,
      }),
      actor_count: Type.Integer({ minimum: 0, description: 'How many did it, each counted once.' }),
      movie: nullableRef(MovieSummary, { description: 'The title that it is about, if there is one.' }),
      review: nullableRef(Review, {
        description: 'The review that it is about, if it is there for you: spoilers are masked as everywhere.',
      }),
      decision: nullable(oneOf(decisions, { description: 'review_moderated: what a moderator decided.' })),
      resolution: nullable(oneOf(resolutions, { description: 'report_resolved: what came of your report.' })),
      report_id: nullable({ ...Uuid, description: 'report_resolved: which report.' } as typeof Uuid),
      role: RoleName('role_changed: what you are now.'),
      former_role: RoleName('role_changed: what you were.'),
      notice: nullable(oneOf(notices, { description: 'system: what kind of notice.' })),
      title: text('system: the heading of an announcement.'),
      body: text('system: the text of an announcement.'),
      reason: text('What a moderator tells you.'),
      until: nullable({ ...Timestamp, description: 'system: when a suspension ends.' } as typeof Timestamp),
      read_at: nullable({ ...Timestamp, description: 'When you read it; null until then.' } as typeof Timestamp),
      created_at: Timestamp,
      updated_at: { ...Timestamp, description: 'When it took its position.' } as typeof Timestamp,
    },
    { examples: [exampleNotification, exampleRelease] },
  ),
)
export type NotificationView = Static<typeof NotificationView>

export const NotificationQuery = closed({
  unread: Type.Optional(
    Type.Boolean({ default: false, description: 'Only those that you have not read.', examples: [true] }),
  ),
  type: Type.Optional(
    Type.Array(oneOf(notificationTypes), {
      maxItems: notificationTypes.length,
      description: 'Only these. Several are alternatives.',
      examples: [['new_follower']],
    }),
  ),
  limit: Limit,
  cursor: Type.Optional(Cursor),
})
export type NotificationQuery = Static<typeof NotificationQuery>

const UnreadCount = Type.Integer({ minimum: 0, description: 'How many you have not read, whatever the filters.' })

export const NotificationList = closed(
  { data: Type.Array(refTo(NotificationView)), page: refTo(PageInfo), unread_count: UnreadCount },
  {
    examples: [
      {
        data: [exampleRelease, exampleNotification],
        page: { limit: 20, next_cursor: null, total: null },
        unread_count: 2,
      },
    ],
  },
)
export type NotificationList = Static<typeof NotificationList>

/** What is left to read. */
export const ReadState = named(
  'ReadState',
  closed(
    {
      marked: Type.Integer({ minimum: 0, description: 'How many this marked as read.' }),
      unread_count: UnreadCount,
    },
    { examples: [{ marked: 1, unread_count: 1 }] },
  ),
)
export type ReadState = Static<typeof ReadState>

export const NotificationParams = Type.Object({ notification_id: Uuid })

export const notificationSchemas = [...reviewSchemas, NotificationView, ReadState]
