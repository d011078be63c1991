import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ConfigError, loadConfig } from '../src/config.ts'
import { environmentSchema } from '../src/environment.ts'
import { importsOf } from './support/architecture.ts'

const inRoot = (path: string) => new URL(`../${path}`, import.meta.url)
const read = (path: string) => readFileSync(inRoot(path), 'utf8')

const dockerfile = read('Dockerfile').replace(/\\\n/g, ' ')
const instructions = (name: string) =>
  [...dockerfile.matchAll(new RegExp(`^${name}\\s+(.*)$`, 'gm'))].map((match) => match[1] ?? '')

/** What the image copies from the checkout; not what one stage takes from another. */
const copied = instructions('COPY')
  .filter((line) => !line.startsWith('--from='))
  .flatMap((line) => line.split(/\s+/).slice(0, -1))

interface Service {
  readonly image: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly volumes?: readonly string[]
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>
}
const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose
const services = Object.entries(compose.services)
const ours = services.filter(([, service]) => service.image === 'lemonnpie')

/** `${NAME:-default}` and `${NAME:?message}` as compose fills them in. */
const filled = (text: string, given: Readonly<Record<string, string>>) =>
  text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name: string, kind: string, rest: string) => {
    const value = given[name]
    if (value) return value
    if (kind === '?') throw new Error(rest)
    return rest ?? ''
  })
const environmentOf = (service: Service, given: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(service.environment ?? {}).map(([name, text]) => [name, filled(text, given)]))
const secrets = { POSTGRES_PASSWORD: 'abc123', JWT_SECRET: '0123456789abcdef0123456789abcdef' }

/** Loaded where it is installed, and done without where it is not: the pretty printer of a developer's terminal. */
const optional = ['pino-pretty']

/** The files that Node loads when it runs `path`, and the packages that they import. */
function closure(path: string, seen = new Set<string>(), packages = new Set<string>()) {
  if (seen.has(path)) return { files: seen, packages }
  seen.add(path)
  const runtime = read(path).replace(/^\s*(?:import|export)\s+type\s[^;]*?from\s*['"][^'"]+['"]/gm, '')
  const imports = importsOf({ path, text: runtime })
  for (const name of imports.packages)
    packages.add(
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    )
  for (const file of imports.ours) closure(file, seen, packages)
  return { files: seen, packages }
}

const entries = [
  ...ours.map(([, service]) => service.command),
  JSON.parse(instructions('CMD').at(-1) ?? '[]') as string[],
].flatMap((command) => command?.filter((part) => part.endsWith('.ts')) ?? [])

describe('the image', () => {
  it('copies what exists, and the ignore file lets it through', () => {
    expect(copied.length).toBeGreaterThan(0)
    expect(copied.filter((path) => !existsSync(inRoot(path)))).toEqual([])
    const letThrough = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
    expect(copied.filter((path) => !letThrough.includes(path))).toEqual([])
  })

  it.each([...new Set(entries)])('has all that %s loads', (entry) => {
    const { files, packages } = closure(entry)
    expect([...files].filter((file) => !copied.some((path) => file.startsWith(`${path}/`)))).toEqual([])
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
    expect(
      [...packages].filter((name) => !isBuiltin(name) && !(name in dependencies) && !optional.includes(name)),
    ).toEqual([])
  })

  it('runs as nobody in particular and stops by SIGTERM', () => {
    expect(instructions('USER').at(-1)).toBe('node')
    expect(instructions('STOPSIGNAL')).toEqual(['SIGTERM'])
  })

  it('installs as the decision says', () => {
    expect(instructions('RUN').some((line) => line.startsWith('npm install --omit=dev'))).toBe(true)
    expect(dockerfile).not.toMatch(/^RUN.*npm ci/m)
  })

  it('runs the major version of Node that .nvmrc names', () => {
    expect([...new Set(instructions('FROM').map((line) => line.split(' ')[0]))]).toEqual([
      `node:${read('.nvmrc').trim()}-slim`,
    ])
  })
})

describe('docker-compose.yml', () => {
  it('runs the API, the worker and the migrations from the one image', () => {
    expect(ours.map(([name]) => name)).toEqual(expect.arrayContaining(['api', 'worker', 'migrate']))
    for (const [, { command }] of ours) {
      for (const file of command?.filter((part) => part.endsWith('.ts')) ?? [])
        expect(existsSync(inRoot(file)), file).toBe(true)
    }
  })

  it('sets only variables that the configuration knows', () => {
    for (const [name, service] of ours) {
      const unknown = Object.keys(service.environment ?? {}).filter((key) => !(key in environmentSchema.properties))
      expect(unknown, name).toEqual([])
    }
  })

  it('gives a configuration that production accepts once the secrets are set', () => {
    for (const [, service] of ours) {
      expect(loadConfig(environmentOf(service, secrets))).toMatchObject({ NODE_ENV: 'production', DEMO: 'off' })
    }
  })

  it('passes on what an operator sets, and leaves out only what it decides itself', () => {
    const decided = ['NODE_ENV', 'HOST', 'PORT', 'DATABASE_URL', 'REDIS_URL', 'QUEUE_REDIS_URL', 'RATE_LIMIT', 'DEMO']
    // Of the worker alone, and without an SMTP_URL alone.
    decided.push('METRICS_PORT', 'MAIL_DIR')
    for (const [name, service] of ours) {
      const passed = Object.entries(service.environment ?? {}).filter(([key, text]) => text.includes(`\${${key}`))
      const missing = Object.keys(environmentSchema.properties).filter(
        (key) => !decided.includes(key) && !passed.some(([own]) => own === key),
      )
      expect(missing, name).toEqual([])
    }
  })

  it('says which secret is missing', () => {
    const [, api] = ours.find(([name]) => name === 'api')!
    expect(() => environmentOf(api, { ...secrets, JWT_SECRET: '' })).toThrow('set JWT_SECRET')
    expect(() => environmentOf(api, { ...secrets, POSTGRES_PASSWORD: '' })).toThrow('set POSTGRES_PASSWORD')
    expect(() => loadConfig(environmentOf(api, { ...secrets, JWT_SECRET: 'short' }))).toThrow(ConfigError)
  })

  it('opens ports on the loopback address only', () => {
    const ports = services.flatMap(([, { ports: list }]) => list ?? [])
    expect(ports.length).toBeGreaterThan(0)
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
  })

  it('keeps the data of Postgres where the image of 18 has it, and the two Redises apart', () => {
    expect(compose.services.postgres?.volumes).toEqual(['postgres:/var/lib/postgresql'])
    expect(compose.services['redis-cache']?.command).toEqual(expect.arrayContaining(['allkeys-lru', '--maxmemory']))
    expect(compose.services['redis-queues']?.command?.join(' ')).toContain('noeviction --appendonly yes')
  })

  it('starts nothing of ours before the migrations are done', () => {
    for (const [name, service] of ours.filter(([own]) => own !== 'migrate')) {
      expect(service.depends_on?.migrate?.condition, name).toBe('service_completed_successfully')
    }
  })
})
