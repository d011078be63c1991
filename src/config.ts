import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import path from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { defaultJwtSecret, environmentSchema, examplePushKey } from './environment.ts'
import type { Static, TProperties, TSchema } from './lib/typebox.ts'

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

/** How addresses of the defaults end: nobody reads what is sent there. */
const defaultAddress = /@lemonnpie\.test>?$/i

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
