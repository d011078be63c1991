import { closed, named, nullable, pageOf, refTo, Timestamp, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'

/** Browsers that one account may be told on. */
export const mostSubscriptions = 10

/** What `PushSubscription.toJSON()` gives in a browser. */
export const NewPushSubscription = closed(
  {
    endpoint: Type.String({
      pattern: '^https?://[^\\s]+$',
      minLength: 10,
      maxLength: 1000,
      description: 'The address at the push service of the browser: one that we know.',
    }),
    expirationTime: Type.Optional(nullable(Type.Number({ minimum: 0, maximum: 9_007_199_254_740_991 }))),
    keys: closed({
      p256dh: Type.String({ pattern: '^[A-Za-z0-9_-]{87}=?$', maxLength: 88 }),
      auth: Type.String({ pattern: '^[A-Za-z0-9_-]{22}(?:==)?$', maxLength: 24 }),
    }),
  },
  {
    examples: [
      {
        endpoint: 'https://updates.push.services.mozilla.com/wpush/v2/gAAAAABn1',
        expirationTime: null,
        keys: {
          p256dh: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
          auth: 'tBHItJI5svbpez7KI4CCXg',
        },
      },
    ],
  },
)
export type NewPushSubscription = Static<typeof NewPushSubscription>

const example = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e5001',
  service: 'https://updates.push.services.mozilla.com',
  created_at: '2026-11-21T10:00:00.000000Z',
  told_at: null,
}

export const PushSubscription = named(
  'PushSubscription',
  closed(
    {
      id: Uuid,
      service: Type.String({ description: 'The push service of the browser.' }),
      created_at: Timestamp,
      told_at: nullable({ ...Timestamp, description: 'When it last took a message.' } as typeof Timestamp),
    },
    { examples: [example] },
  ),
)
export type PushSubscription = Static<typeof PushSubscription>

export const PushSubscriptionList = pageOf(refTo(PushSubscription), {
  examples: [{ data: [example], page: { limit: mostSubscriptions, next_cursor: null, total: null } }],
})

export const PushKey = named(
  'PushKey',
  closed(
    { public_key: Type.String({ description: 'What to subscribe with, as `applicationServerKey`.' }) },
    {
      examples: [
        { public_key: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM' },
      ],
    },
  ),
)
export type PushKey = Static<typeof PushKey>

export const SubscriptionParams = Type.Object({ subscription_id: Uuid })
export const pushSchemas = [PushSubscription, PushKey]
