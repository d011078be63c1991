import { readFileSync } from 'node:fs'
import { bodyOf, type CachedBody } from '../infra/cache-body.ts'
import { type CloseCode, closeCodes } from '../lib/live-close.ts'
import type { NamedSchema } from '../lib/schemas.ts'
import type { App } from './app-type.ts'
import { livePath } from './live-upgrade.ts'
import { sendBody } from './send-body.ts'

type Json = Readonly<Record<string, unknown>>

/** Frames by their type. */
export type Frames = Readonly<Record<string, { readonly schema: NamedSchema; readonly summary: string }>>

export interface LiveDescription {
  /** Those of the frames and all that they refer to. They are not the app's: OpenAPI has no use for them. */
  readonly schemas: readonly NamedSchema[]
  readonly clientFrames: Frames
  readonly serverFrames: Frames
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The AsyncAPI document, once the app is ready. */
    asyncApi: () => Json
    live: { described: LiveDescription | null }
  }
}

const components = '#/components/schemas/'

/** A schema as the document has it: what it refers to by name is a component, and a name is only said by its place. */
function inDocument(schema: unknown, seen: Set<string>): unknown {
  if (Array.isArray(schema)) return schema.map((each) => inDocument(each, seen))
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (key === '$id') return []
    if (key !== '$ref') return [[key, key === 'examples' ? value : inDocument(value, seen)]]
    const name = String(value).replace(/#$/, '')
    seen.add(name)
    return [['$ref', components + name]]
  })
  return Object.fromEntries(parts)
}

/** The schemas of these names and all that they refer to. */
function schemasFor(names: readonly string[], known: Readonly<Record<string, unknown>>): Json {
  const found = new Map<string, unknown>()
  const wanted = [...names]
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (found.has(name)) continue
    const seen = new Set<string>()
    found.set(name, inDocument(known[name], seen))
    wanted.push(...seen)
  }
  return Object.fromEntries([...found].sort(([a], [b]) => a.localeCompare(b)))
}

const messageOf = (type: string, { schema, summary }: Frames[string]): Json => ({
  name: type,
  title: type,
  summary,
  contentType: 'application/json',
  payload: { $ref: components + schema.$id },
  examples: ((schema.examples as unknown[] | undefined) ?? []).map((payload, n) => ({
    name: `${type}${n + 1}`,
    payload,
  })),
})

const afterwards = {
  'back off': 'come back, later each time',
  refresh: 'come back with a fresh token',
  stop: 'stay away',
} as const

/** The close codes as a Markdown table. */
export const closeTable = (codes: Readonly<Record<string, CloseCode>> = closeCodes): string =>
  [
    '| code | reason | means | then |',
    '|--:|---|---|---|',
    ...Object.values(codes).map(
      ({ code, reason, meaning, after }) =>
        `| ${code} | ${reason === '' ? '' : `\`${reason}\``} | ${meaning} | ${afterwards[after]} |`,
    ),
  ].join('\n')

const refs = (where: string, names: readonly string[]) => names.map((name) => ({ $ref: `${where}${name}` }))

const description = (): string => `What a person of LemonNPie is told, while it happens.

Open the socket, send \`auth\` and, to go on where you were, \`resume\` right behind it; \`ready\` answers both. From then on
every notification comes once, in the order of its position, which is what to \`resume\` after. Send \`auth\` again with a fresh
token before the old one ends, and the socket stays. Send nothing else; no token ever stands in the address.

${closeTable()}`

/** AsyncAPI 3.0 of the live socket, with the very schemas that its frames are checked with. */
export function asyncApiDocument(
  { clientFrames, serverFrames, schemas }: LiveDescription,
  publicUrl: string | undefined,
): Json {
  const { version, license } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const frames = { ...clientFrames, ...serverFrames }
  const known = Object.fromEntries(schemas.map((schema) => [schema.$id, schema]))
  const { host, protocol } = new URL(publicUrl ?? 'http://127.0.0.1:3000')
  const operation = (action: 'send' | 'receive', summary: string, which: Frames): Json => ({
    action,
    channel: { $ref: '#/channels/live' },
    summary,
    messages: refs('#/channels/live/messages/', Object.keys(which)),
  })
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'LemonNPie, live',
      version,
      description: description(),
      license: { name: license, url: 'https://opensource.org/license/mit' },
    },
    defaultContentType: 'application/json',
    servers: {
      api: { host, protocol: protocol === 'https:' ? 'wss' : 'ws', description: 'The API' },
    },
    channels: {
      live: {
        address: livePath,
        title: 'Live notifications',
        servers: refs('#/servers/', ['api']),
        messages: Object.fromEntries(
          Object.keys(frames).map((type) => [type, { $ref: `#/components/messages/${type}` }]),
        ),
        bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
      },
    },
    operations: {
      hearClients: operation('receive', 'What clients say', clientFrames),
      tellClients: operation('send', 'What clients are told', serverFrames),
    },
    components: {
      messages: Object.fromEntries(Object.entries(frames).map(([type, frame]) => [type, messageOf(type, frame)])),
      schemas: schemasFor(
        Object.values(frames).map(({ schema }) => schema.$id),
        known,
      ),
    },
  }
}

/** Says what the frames of the live socket are. */
export function describeLive(app: App, description: LiveDescription): void {
  app.live.described = description
}

/** /asyncapi.json, made once, when the first asks. Declared before what it describes. */
export function serveAsyncApi(app: App, publicUrl: string | undefined): void {
  let body: CachedBody | undefined
  app.decorate('live', { described: null })
  app.decorate('asyncApi', () => asyncApiDocument(app.live.described!, publicUrl))
  app.get('/asyncapi.json', { config: { access: 'public', operational: true } }, (request, reply) => {
    body ??= bodyOf(Buffer.from(JSON.stringify(app.asyncApi())))
    return sendBody(request, reply, body, 'public, max-age=300')
  })
}
