/** Where a file of src (or the generated types) stands in the layout. */
interface Place {
  readonly layer: string
  readonly domain?: string
  readonly noun?: string
  readonly role?: string
}

export const roles = [
  'routes',
  'schemas',
  'service',
  'queries',
  'policy',
  'errors',
  'cache',
  'jobs',
  'account',
  'channel',
]

/** Who calls whom between domains: downwards only. Who reacts to another domain hears of it by an event. */
const calls: Readonly<Record<string, readonly string[]>> = {
  admin: ['moderation'],
  moderation: ['reviews', 'users'],
  reviews: ['catalog', 'users'],
  catalog: ['uploads'],
  uploads: [],
  auth: ['users'],
  social: ['users'],
  notifications: ['users'],
  users: [],
  search: [],
  analytics: [],
}

export const knownDomains = Object.keys(calls)

const isBelow = (domain: string, other: string): boolean =>
  (calls[domain] ?? []).some((called) => called === other || isBelow(called, other))

/** The files of infra that queries are written with. The rest of infra (Redis, cache, log, outbox …) is not for them. */
const sqlInfra = ['constraints', 'db', 'hot', 'tx']

const rootFiles: Readonly<Record<string, string>> = {
  'src/server.ts': 'entry',
  'src/worker.ts': 'entry',
  'src/app.ts': 'app',
  'src/config.ts': 'config',
  'src/environment.ts': 'environment',
  'src/context.ts': 'context',
  'src/events.ts': 'events',
  'db/types.ts': 'types',
}

/** @returns undefined for a path that the layout has no place for */
export function placeOf(path: string): Place | undefined {
  const layer = rootFiles[path] ?? /^src\/(lib|infra|http|worker)\/[^/]+\.ts$/.exec(path)?.[1]
  if (layer) return { layer }
  const [, domain, noun, role] = /^src\/domains\/([^/]+)\/([^/.]+)\.([^/]+)\.ts$/.exec(path) ?? []
  return domain && noun && role ? { layer: 'domain', domain, noun, role } : undefined
}

interface Allowance {
  /** Layers that may be imported. */
  readonly layers: readonly string[]
  /** Roles that may be imported from the own domain. */
  readonly own?: readonly string[]
  /** Roles that may be imported from other domains. */
  readonly others?: readonly string[]
}

const base = ['lib', 'infra', 'events', 'context', 'config', 'types']

/** The import table. Every layer also imports itself. */
const byLayer: Readonly<Record<string, Allowance>> = {
  lib: { layers: ['lib'] },
  // What variables there are; nobody but the configuration asks for them.
  environment: { layers: ['lib'] },
  config: { layers: ['lib', 'environment'] },
  infra: { layers: base },
  events: { layers: base },
  context: { layers: base },
  types: { layers: [] },
  http: { layers: ['lib', 'infra', 'context', 'config', 'http'] },
  app: { layers: ['lib', 'infra', 'context', 'config', 'http'], others: ['plugin', 'jobs', 'account'] },
  worker: { layers: [...base, 'worker'], others: ['plugin', 'jobs'] },
  entry: { layers: [...base, 'http', 'app', 'worker'] },
}

const rules: Allowance = { layers: ['lib'], own: ['schemas'], others: ['schemas'] }

const byRole: Readonly<Record<string, Allowance>> = {
  schemas: rules,
  errors: rules,
  policy: rules,
  cache: { layers: ['lib', 'infra'], own: ['schemas', 'cache'] },
  queries: { layers: ['lib', 'types', 'sql'], own: ['schemas', 'errors', 'queries'] },
  service: {
    layers: ['lib', 'infra', 'events', 'context'],
    own: ['schemas', 'errors', 'policy', 'cache', 'queries', 'service', 'channel'],
    others: ['service', 'policy'],
  },
  routes: { layers: ['lib', 'http'], own: ['service', 'schemas'] },
  jobs: { layers: ['lib', 'infra', 'events', 'context'], own: ['service', 'queries', 'schemas', 'channel'] },
  // A way to be told elsewhere than here.
  channel: {
    layers: ['lib', 'infra', 'events', 'context'],
    own: ['service', 'queries', 'policy', 'schemas', 'channel'],
  },
  // What a domain holds of people, for exports and erasures.
  account: { layers: ['lib', 'infra', 'context'], own: ['service', 'queries', 'cache', 'schemas'] },
  plugin: { layers: ['lib', 'infra', 'http'], own: ['routes', 'schemas'] },
}

/** Whether the file at `from` may import the file at `to`, both by path from the root. */
export function isAllowed(from: string, to: string): boolean {
  const [source, target] = [placeOf(from), placeOf(to)]
  if (!source || !target) return false
  const allowance = source.domain ? byRole[source.role ?? ''] : byLayer[source.layer]
  if (!allowance) return false
  if (target.domain && target.domain === source.domain) return allowance.own?.includes(target.role ?? '') ?? false
  if (target.domain) {
    if (!allowance.others?.includes(target.role ?? '')) return false
    return source.role !== 'service' || isBelow(source.domain ?? '', target.domain)
  }
  if (target.layer === 'infra' && allowance.layers.includes('sql')) {
    return sqlInfra.some((name) => to === `src/infra/${name}.ts`)
  }
  return allowance.layers.includes(target.layer)
}
