import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import path from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { type Static, type TProperties, type TSchema, Type } from './lib/typebox.ts'

const onOff = (fallback: 'on' | 'off', description: string) =>
  Type.Unsafe<'on' | 'off'>({ type: 'string', enum: ['on', 'off'], default: fallback, description })

const url = (protocols: string, description: string, example: string) =>
  Type.Optional(Type.String({ pattern: `^(?:${protocols})://.+`, description, examples: [example] }))

const isUrl = (value: string): boolean => URL.canParse(value)

/** Whoever connects decodes the login and the path, and would only fail then. */
function isDecodable(value: string): boolean {
  const { username, password, pathname, search } = new URL(value)
  try {
    for (const part of [username, password, pathname, search]) decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}

/** An address of a server, with its login. */
const isServer = (value: string): boolean => isUrl(value) && isDecodable(value)

/** An address, or a block of them with as many leading bits as its family has. */
function isAddressBlock(block: string): boolean {
  const [address = '', bits = '0', ...rest] = block.split('/')
  const family = isIP(address)
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
}

/** What a schema's pattern can't tell: variable → whether its value can be used. */
const usable: Readonly<Record<string, (value: string) => boolean>> = {
  DATABASE_URL: isServer,
  DATABASE_READ_URL: isServer,
  REDIS_URL: isServer,
  QUEUE_REDIS_URL: isServer,
  SMTP_URL: (value) => isServer(value) && new URL(value).hostname !== '',
  CLOUDINARY_URL: isServer,
  PUBLIC_URL: isUrl,
  WEB_ORIGINS: (value) => commaList(value).every((origin) => isUrl(origin) && new URL(origin).origin === origin),
  TRUST_PROXY: (value) => commaList(value).every(isAddressBlock),
}

/** Known to everybody who has read this file, so production refuses both. */
export const defaultJwtSecret = 'lemonnpie-development-secret-not-for-production'
export const examplePushKey = '-Lc58ekof7vjuQjEEgm7AeyOSbbslkvJ0bT3__SUz9s'

const address = '[^\\s<>@,;:"()\\\\\\[\\]]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?'
const displayName = '(?:"[^"\\r\\n]*"|[^"<>@,;:\\r\\n]*)'
/** How addresses of the defaults end: nobody reads what is sent there. */
const defaultAddress = /@lemonnpie\.test>?$/i

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

type Environment = Static<typeof environmentSchema>
export type Config = Readonly<Environment>

/** What is wrong with the environment: all of it, by variable name, never with a value. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration is wrong:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

function requirement(schema: TSchema): string {
  if (schema.enum) return `must be one of ${schema.enum.join(', ')}`
  if (schema.type === 'integer') return `must be a whole number from ${schema.minimum} to ${schema.maximum}`
  if (schema.minLength) return `must have at least ${schema.minLength} characters`
  const example = schema.examples?.[0]
  return example ? `has the wrong form; an example of the right one: ${example}` : 'has the wrong form'
}

function productionProblems(environment: Environment): string[] {
  if (environment.NODE_ENV !== 'production') return []
  const problems: string[] = []
  if (environment.JWT_SECRET === defaultJwtSecret) problems.push('JWT_SECRET must not be the default one in production')
  if (!environment.PUBLIC_URL) problems.push('PUBLIC_URL is required in production: the links of mails lead there')
  if (defaultAddress.test(environment.MAIL_FROM))
    problems.push('MAIL_FROM must be an address of your own in production')
  if (environment.VAPID_PRIVATE_KEY === examplePushKey)
    problems.push('VAPID_PRIVATE_KEY must not be the example in production: npm run keys:push makes one')
  if (environment.VAPID_PRIVATE_KEY && defaultAddress.test(environment.VAPID_SUBJECT))
    problems.push('VAPID_SUBJECT must be an address of your own in production with VAPID keys')
  if (environment.DEMO === 'on') problems.push('DEMO must be off in production')
  if (environment.RATE_LIMIT === 'off') problems.push('RATE_LIMIT must be on in production')
  if (!environment.SMTP_URL && !environment.MAIL_DIR)
    problems.push('SMTP_URL is required in production (or MAIL_DIR, to keep mails as files)')
  if (commaList(environment.PUSH_SERVICES).some((one) => !one.startsWith('https://')))
    problems.push('PUSH_SERVICES must be https in production')
  return problems
}

/** Whole numbers written in digits become numbers; all else is left for the check to refuse. */
const asTyped = (schema: TSchema, text: string): string | number =>
  schema.type === 'integer' && /^\d+$/.test(text) ? Number(text) : text

/**
 * Reads the configuration: default, convert, check; all problems at once.
 * @param source variables by name; empty ones count as not set, unknown ones are left alone
 * @throws ConfigError
 */
export function loadConfig(source: Readonly<Record<string, string | undefined>>): Config {
  const properties: TProperties = environmentSchema.properties
  const required = new Set<string>(environmentSchema.required)
  const given = Object.fromEntries(
    Object.entries(properties).flatMap(([name, schema]) =>
      source[name] ? [[name, asTyped(schema, source[name])]] : [],
    ),
  )
  const environment = Value.Default(environmentSchema, given) as Environment
  const problems = Object.entries(properties).flatMap(([name, schema]) => {
    const value = (environment as Record<string, unknown>)[name]
    if (value === undefined) return required.has(name) ? [`${name} is required`] : []
    const valid = schema.enum ? schema.enum.includes(value) : Value.Check(schema, value)
    return valid && (usable[name]?.(value as string) ?? true) ? [] : [`${name} ${requirement(schema)}`]
  })
  problems.push(...productionProblems(environment))
  if (!environment.VAPID_PUBLIC_KEY !== !environment.VAPID_PRIVATE_KEY)
    problems.push('VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY go together')
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(environment)
}

const envFile = path.join(import.meta.dirname, '..', '.env')

/** Adds the variables of `.env`, if there is one, to the environment; what is set there already stays. */
export function readEnvFile(): void {
  if (existsSync(envFile)) process.loadEnvFile(envFile)
}

/** The process's own environment: the one place that reads it. */
export const processEnvironment = (): Readonly<Record<string, string | undefined>> => ({ ...process.env })

/** A list written with commas, without blanks. */
export const commaList = (value: string): string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
