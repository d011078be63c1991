import { closed, named, oneOf } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { type NotificationType, notificationTypes } from './notification.schemas.ts'

/** Every way to be told, with how it may be wanted. */
export const channelModes = {
  in_app: ['off', 'on'],
  realtime: ['off', 'on'],
  email: ['off', 'instant', 'daily'],
  web_push: ['off', 'on'],
} as const
export type ChannelName = keyof typeof channelModes
export const channelNames = Object.keys(channelModes) as ChannelName[]
export type ModesOf = { [C in ChannelName]: (typeof channelModes)[C][number] }

const usual: ModesOf = { in_app: 'on', realtime: 'on', email: 'daily', web_push: 'on' }

/** How everybody is told until they say otherwise. */
export const defaultModes: Readonly<Record<NotificationType, ModesOf>> = {
  new_follower: usual,
  review_helpful: { ...usual, web_push: 'off' },
  followed_user_review: usual,
  review_moderated: { ...usual, email: 'instant' },
  report_resolved: { ...usual, web_push: 'off' },
  watchlist_release: usual,
  role_changed: { ...usual, email: 'instant' },
  system: { ...usual, email: 'instant' },
}

/** Where and when the mail of the day is sent until somebody says otherwise. */
export const defaultSettings = { time_zone: 'Africa/Lagos', digest_hour: 8 } as const

const descriptions: Readonly<Record<ChannelName, string>> = {
  in_app: 'On your list, counted while unread.',
  realtime: 'On open connections, the moment it happens.',
  email: 'By mail to a verified address: at once, or in the mail of the day.',
  web_push: 'By Web Push to the browsers that you subscribed with.',
}

const Mode = (channel: ChannelName) => oneOf(channelModes[channel], { description: descriptions[channel] })

const modeFields = {
  in_app: oneOf(channelModes.in_app, { description: descriptions.in_app }),
  realtime: oneOf(channelModes.realtime, { description: descriptions.realtime }),
  email: oneOf(channelModes.email, { description: descriptions.email }),
  web_push: oneOf(channelModes.web_push, { description: descriptions.web_push }),
} satisfies { [C in ChannelName]: ReturnType<typeof Mode> }

const byType = <T>(make: (type: NotificationType) => T) =>
  Object.fromEntries(notificationTypes.map((type) => [type, make(type)])) as Record<NotificationType, T>

const TimeZone = Type.String({
  minLength: 1,
  maxLength: 60,
  pattern: '^[A-Za-z][A-Za-z0-9_+/-]*$',
  description: 'Where you live, as the IANA names it: the mail of the day goes by it.',
  examples: ['Africa/Lagos'],
})
const DigestHour = Type.Integer({
  minimum: 0,
  maximum: 23,
  description: 'The hour of the mail of the day, where you live.',
  examples: [8],
})

export const NotificationPreferences = named(
  'NotificationPreferences',
  closed(
    { time_zone: TimeZone, digest_hour: DigestHour, types: closed(byType(() => closed(modeFields))) },
    { examples: [{ ...defaultSettings, types: defaultModes }] },
  ),
)
export type NotificationPreferences = Static<typeof NotificationPreferences>

const optionalModes = {
  in_app: Type.Optional(modeFields.in_app),
  realtime: Type.Optional(modeFields.realtime),
  email: Type.Optional(modeFields.email),
  web_push: Type.Optional(modeFields.web_push),
}

/** What is left out stays. */
export const PreferencesPatch = closed(
  {
    time_zone: Type.Optional(TimeZone),
    digest_hour: Type.Optional(DigestHour),
    types: Type.Optional(closed(byType(() => Type.Optional(closed(optionalModes))))),
  },
  {
    examples: [
      {
        time_zone: 'Europe/London',
        digest_hour: 18,
        types: { review_helpful: { email: 'off' }, watchlist_release: { email: 'instant', web_push: 'on' } },
      },
    ],
  },
)
export type PreferencesPatch = Static<typeof PreferencesPatch>

export const UnsubscribeBody = closed(
  {
    token: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'The secret of the link, where it is not in the query.',
      }),
    ),
    // What mail programs send with one click (RFC 8058).
    'List-Unsubscribe': Type.Optional(Type.String({ maxLength: 20 })),
  },
  { examples: [{ 'List-Unsubscribe': 'One-Click' }] },
)
export type UnsubscribeBody = Static<typeof UnsubscribeBody>

export const UnsubscribeQuery = closed({
  token: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'The secret of the link.',
      examples: ['AZjRxHsufDqfYC9djB5LEQ.system.q83vEjRWeJA'],
    }),
  ),
})
export type UnsubscribeQuery = Static<typeof UnsubscribeQuery>

export const preferenceSchemas = [NotificationPreferences]
