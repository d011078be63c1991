import { Type } from './lib/typebox.ts'

const onOff = (fallback: 'on' | 'off', description: string) =>
  Type.Unsafe<'on' | 'off'>({ type: 'string', enum: ['on', 'off'], default: fallback, description })

const url = (protocols: string, description: string, example: string) =>
  Type.Optional(Type.String({ pattern: `^(?:${protocols})://.+`, description, examples: [example] }))

/** Known to everybody who has read this file, so production refuses both. */
export const defaultJwtSecret = 'lemonnpie-development-secret-not-for-production'
export const examplePushKey = '-Lc58ekof7vjuQjEEgm7AeyOSbbslkvJ0bT3__SUz9s'

const address = '[^\\s<>@,;:"()\\\\\\[\\]]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?'
const displayName = '(?:"[^"\\r\\n]*"|[^"<>@,;:\\r\\n]*)'

/** Every environment variable that LemonNPie reads; `.env.example` and the README's table are generated from it. */
export const environmentSchema = Type.Object({
  NODE_ENV: Type.Unsafe<'development' | 'test' | 'production'>({
    type: 'string',
    enum: ['development', 'test', 'production'],
    default: 'development',
    description: 'What kind of deployment this is.',
  }),
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address that the API listens on.' }),
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 3000,
    description: 'Port that the API listens on; 0 takes any free one.',
  }),
  PUBLIC_URL: url(
    'https?',
    'Where clients reach the API: where the links of mails lead, and the server that its OpenAPI document names. Required in production.',
    'https://api.lemonnpie.example',
  ),
  WEB_ORIGINS: Type.String({
    default: '',
    pattern: '^(?:https?://[^/,\\s]+(?:\\s*,\\s*https?://[^/,\\s]+)*)?$',
    description: 'Origins of web pages that may call the API, separated by commas.',
    examples: ['https://lemonnpie.example,http://localhost:5173'],
  }),
  TRUST_PROXY: Type.String({
    default: '',
    pattern: '^(?:[0-9a-fA-F.:]+(?:/[0-9]{1,3})?(?:\\s*,\\s*[0-9a-fA-F.:]+(?:/[0-9]{1,3})?)*)?$',
    description:
      'Addresses (CIDR, separated by commas) of proxies whose X-Forwarded-For is believed; empty believes none.',
    examples: ['10.0.0.0/8'],
  }),
  LOG_LEVEL: Type.Unsafe<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'>({
    type: 'string',
    enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    default: 'info',
    description: 'Least level that is logged.',
  }),
  DATABASE_URL: Type.String({
    pattern: '^postgres(?:ql)?://.+',
    description: 'Postgres 18; `npm start` and `npm test` bring their own when it is not set.',
    examples: ['postgres://lemonnpie:secret@localhost:5432/lemonnpie'],
  }),
  DATABASE_READ_URL: url(
    'postgres(?:ql)?',
    'A read replica for public reads; defaults to DATABASE_URL.',
    'postgres://lemonnpie:secret@replica:5432/lemonnpie',
  ),
  DATABASE_POOL_MAX: Type.Integer({
    minimum: 1,
    maximum: 200,
    default: 10,
    description: 'Most connections in the pool of one process.',
  }),
  REDIS_URL: url(
    'rediss?',
    'Redis for the shared cache and rate limits; without it both are kept in the process.',
    'redis://localhost:6379',
  ),
  QUEUE_REDIS_URL: url(
    'rediss?',
    'Redis for the job queues (noeviction, AOF); without it the queues live in Postgres.',
    'redis://localhost:6380',
  ),
  REDIS_TIMEOUT_MS: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    default: 50,
    description: 'Milliseconds in which Redis must answer; past that, cache and limits do without it.',
  }),
  JWT_SECRET: Type.String({
    minLength: 32,
    default: defaultJwtSecret,
    description: 'Secret that signs tokens and page cursors: 32 characters or more, and its own in production.',
  }),
  RATE_LIMIT: onOff('on', 'Whether requests are rate limited; off is refused in production.'),
  SMTP_URL: url(
    'smtps?',
    'Mail server, with its login if it wants one (sent over TLS only); without it mails are kept as files.',
    'smtp://localhost:1025',
  ),
  MAIL_FROM: Type.String({
    pattern: `^(?:${displayName}\\s*<${address}>|${address})$`,
    default: 'LemonNPie <no-reply@lemonnpie.test>',
    description: 'Sender of e-mails: an address, with a name or without; production needs its own.',
    examples: ['LemonNPie <no-reply@lemonnpie.example>'],
  }),
  MAIL_DIR: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Folder that mails land in, as .eml files, where there is no SMTP_URL; `.data/mail` unless set. Production needs one of the two.',
      examples: ['/var/lib/lemonnpie/mail'],
    }),
  ),
  METRICS_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65535,
      description: 'Port at HOST on which the worker tells its metrics; it listens on none unless set.',
      examples: ['9464'],
    }),
  ),
  VAPID_PUBLIC_KEY: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_-]{87}$',
      description: 'Web Push: the public key of `npm run keys:push`; there is none without both keys.',
      examples: ['BG-WGt3aDa_DjiX0nP6D3furYTQpEY1ChWVktuxugJJq7nR6OHY1Jzvr6gm3ofN2SVzqRgYhP5cLmKSBrThkKMk'],
    }),
  ),
  VAPID_PRIVATE_KEY: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_-]{43}$',
      description: 'Web Push: the private key that goes with it.',
      examples: [examplePushKey],
    }),
  ),
  VAPID_SUBJECT: Type.String({
    pattern: '^(?:mailto:.+@.+|https://.+)$',
    default: 'mailto:no-reply@lemonnpie.test',
    description: 'Web Push: where push services reach whoever runs this; production with keys needs its own.',
  }),
  PUSH_SERVICES: Type.String({
    pattern: '^https?://[^/,\\s]+(?:\\s*,\\s*https?://[^/,\\s]+)*$',
    default:
      'https://fcm.googleapis.com,https://updates.push.services.mozilla.com,https://*.push.apple.com,https://*.notify.windows.com',
    description: 'Web Push: the origins of push services, separated by commas; nothing is ever sent elsewhere.',
  }),
  CLOUDINARY_URL: url('cloudinary', 'Image store.', 'cloudinary://key:secret@cloud'),
  DEMO: onOff('off', 'Whether the demo accounts are made and let in; `npm start` turns it on, production refuses it.'),
})
