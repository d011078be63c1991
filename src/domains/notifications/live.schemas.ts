import { closed, named, oneOf, refTo, Timestamp } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { exampleNotification, exampleRelease, NotificationView, notificationSchemas } from './notification.schemas.ts'

const is = <const T extends string>(type: T) => oneOf([type])

const Position = Type.String({
  pattern: '^(0|[1-9][0-9]{0,18})$',
  maxLength: 19,
  description: 'The place of a notification in the list of its account, as a decimal number.',
  examples: ['57'],
})
const UnreadCount = Type.Integer({ minimum: 0, description: 'How many are unread.', examples: [2] })

const ExpiresIn = Type.Integer({
  minimum: 0,
  description: 'How long that is from now, in milliseconds: the clock of a client may be another.',
})

export const AuthFrame = named(
  'AuthFrame',
  closed(
    {
      type: is('auth'),
      token: Type.String({ minLength: 1, maxLength: 3_500, description: 'An access token, as signing in brings it.' }),
    },
    { examples: [{ type: 'auth', token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl' }] },
  ),
)

export const ResumeFrame = named(
  'ResumeFrame',
  closed({ type: is('resume'), after: Position }, { examples: [{ type: 'resume', after: '57' }] }),
)

export const PongFrame = named('PongFrame', closed({ type: is('pong') }, { examples: [{ type: 'pong' }] }))

export const ClientFrame = Type.Union([AuthFrame, ResumeFrame, PongFrame].map((frame) => refTo(frame)))
export type ResumeFrame = Static<typeof ResumeFrame>
export type ClientFrame = Static<typeof AuthFrame> | ResumeFrame | Static<typeof PongFrame>

export const ReadyFrame = named(
  'ReadyFrame',
  closed(
    {
      type: is('ready'),
      last: Position,
      after: {
        ...Position,
        description: 'What follows begins behind this position: what `resume` named, else `last`.',
      } as typeof Position,
      reset: Type.Boolean({
        description:
          'Whether what `resume` named is no longer there to go on from (it was pruned, or never was): ask for the list anew.',
      }),
      unread_count: UnreadCount,
      expires_at: { ...Timestamp, description: 'When the token ends, and the socket with it.' } as typeof Timestamp,
      expires_in_ms: ExpiresIn,
    },
    {
      examples: [
        {
          type: 'ready',
          last: '57',
          after: '57',
          reset: false,
          unread_count: 2,
          expires_at: '2026-11-21T10:15:00.000Z',
          expires_in_ms: 840_000,
        },
      ],
    },
  ),
)

export const RenewedFrame = named(
  'RenewedFrame',
  closed(
    { type: is('renewed'), expires_at: Timestamp, expires_in_ms: ExpiresIn },
    { examples: [{ type: 'renewed', expires_at: '2026-11-21T10:29:00.000Z', expires_in_ms: 900_000 }] },
  ),
)

export const NotificationFrame = named(
  'NotificationFrame',
  closed(
    {
      type: is('notification'),
      id: { ...Position, description: 'Its position: what to `resume` after.' } as typeof Position,
      notification: refTo(NotificationView),
    },
    {
      examples: [
        { type: 'notification', id: '57', notification: exampleNotification },
        { type: 'notification', id: '58', notification: exampleRelease },
      ],
    },
  ),
)

export const UnreadCountFrame = named(
  'UnreadCountFrame',
  closed(
    { type: is('unread_count'), unread_count: UnreadCount },
    { examples: [{ type: 'unread_count', unread_count: 2 }] },
  ),
)

export const PingFrame = named('PingFrame', closed({ type: is('ping') }, { examples: [{ type: 'ping' }] }))

export const ClosingFrame = named(
  'ClosingFrame',
  closed(
    {
      type: is('closing'),
      retry_after_ms: Type.Integer({
        minimum: 0,
        description: 'How long to wait before coming back, in milliseconds.',
      }),
    },
    { examples: [{ type: 'closing', retry_after_ms: 4_210 }] },
  ),
)

export type ReadyFrame = Static<typeof ReadyFrame>

/** What clients say. */
export const clientFrames = {
  auth: {
    schema: AuthFrame,
    summary:
      'Says who you are: first within 5 seconds of opening, and again with a fresh token before the old one ends.',
  },
  resume: {
    schema: ResumeFrame,
    summary:
      'Sends what came after a position, in order. Sent right behind `auth`, before `ready` has come, nothing comes twice; later it goes back, and what was sent since comes again.',
  },
  pong: { schema: PongFrame, summary: 'Answers `ping`.' },
} as const

/** What the server says. */
export const serverFrames = {
  ready: { schema: ReadyFrame, summary: 'The token is good. It answers `auth`, and a later `resume`.' },
  renewed: { schema: RenewedFrame, summary: 'The fresh token is good; the socket stays as it is.' },
  notification: {
    schema: NotificationFrame,
    summary: 'Something was told you. Positions only grow, and none is left out.',
  },
  unread_count: { schema: UnreadCountFrame, summary: 'How many are unread has changed, here or in another tab.' },
  ping: {
    schema: PingFrame,
    summary: 'Are you there? Answer with `pong`; whoever is silent for 70 seconds is closed.',
  },
  closing: { schema: ClosingFrame, summary: 'The server stops: come back when it says.' },
} as const

export const clientFrameSchemas = Object.values(clientFrames).map(({ schema }) => schema)

export const liveSchemas = [
  ...notificationSchemas,
  ...clientFrameSchemas,
  ...Object.values(serverFrames).map(({ schema }) => schema),
]
