import { readFileSync } from 'node:fs'
import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyContextConfig, FastifySchema, onRequestHookHandler } from 'fastify'
import type { Config } from '../config.ts'
import { bodyOf, type CachedBody } from '../infra/cache-body.ts'
import type { Access } from '../lib/actor.ts'
import type { App } from './app-type.ts'
import { assetBytes } from './assets.ts'
import { finishDocument } from './docs-finish.ts'
import { answerHeaders } from './docs-headers.ts'
import { limitTable } from './limit-policies.ts'
import type { Limit } from './limits.ts'
import { noBody, optionalBody } from './optional-body.ts'
import { refreshCookieName } from './refresh-cookie.ts'
import { docsPolicy, pageHeaders } from './security.ts'
import { sendBody } from './send-body.ts'
import { allowNoBody } from './tidy-credentials.ts'

declare module 'fastify' {
  interface FastifySchema {
    /** In place of the example of the schema that the answer refers to: a reference has no room for its own. */
    'x-answer-example'?: object
  }
}

/** Every tag that an operation may carry, in the order of the documentation. */
export const tags = [
  { name: 'Auth', description: 'Accounts, signing in, sessions and passwords.' },
  { name: 'Movies', description: 'Films: lists, details, similar ones, what is featured and what is trending.' },
  { name: 'Series', description: 'The same for series.' },
  { name: 'Search', description: 'Search and suggestions that forgive typos, missing tone marks and word order.' },
  { name: 'People', description: 'Actors, directors, producers and writers, with their filmographies.' },
  { name: 'Users', description: 'Profiles, and what a person may do with their own data.' },
  { name: 'Social', description: 'Following and blocking, lists of titles, and the feed of what those you follow do.' },
  { name: 'Notifications', description: 'What you were told, and how you want to be.' },
  { name: 'Genres and languages', description: 'What titles are filed under, with counts.' },
  { name: 'Reviews', description: 'Reviews of titles, and what readers think of them.' },
  { name: 'Moderation', description: 'For moderators: the queue, reports, held scores and the word list.' },
  { name: 'Operations', description: 'For administrators: the job queues, and the jobs that failed for good.' },
  { name: 'Meta', description: 'Every closed list that a client needs.' },
] as const

const description =
  (): string => `Nollywood films and series: find them, review them, and follow what others make of them.

* Ids are UUIDs; a detail path takes the id or the slug.
* Lists answer \`data\` and \`page\`; follow \`page.next_cursor\` until it is \`null\`.
* Errors have one form everywhere (the schema \`Problem\`); their codes are listed below.
* What happens is told live over a WebSocket: [AsyncAPI](/asyncapi.json) describes its messages.
* Public answers carry an \`ETag\`: send it back in \`If-None-Match\` and save the transfer.

## Errors

Any operation may also answer what is not listed with it, since it is said before there is an operation: 400 for an
address or a header that is not well-formed, 404 and 405 for unknown paths and methods, 408, 414, 417 and 431. Switch on
\`error\` or the status, never on \`message\`.

${assetBytes('errors.md').toString().trim()}

## Rate limits

Every operation names its policy as \`x-rate-limit\`; operations with the same one share one count. Answers say how much is
left (\`RateLimit-Limit\`, \`RateLimit-Remaining\`, \`RateLimit-Reset\` in seconds), and a 429 when to try again
(\`Retry-After\`).

${limitTable()}`

interface Manifest {
  readonly version: string
  readonly license: string
}

const manifest = (): Manifest =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest

const accessNotes: Readonly<Record<Access, string>> = {
  public: '',
  user: 'Needs an account.',
  verified: 'Needs an account with a verified e-mail address.',
  critic: 'Needs the role critic.',
  moderator: 'Needs the role moderator.',
  admin: 'Needs the role admin.',
}

/**
 * What an operation takes as credentials. Where none are needed, a token that is given counts all the same; refreshing and
 * signing out take the cookie too.
 */
const securityOf = (access: Access, { tokenLimit }: FastifyContextConfig): Record<string, string[]>[] => [
  ...(access === 'public' ? [{}] : []),
  { bearerAuth: [] },
  ...(tokenLimit ? [{ refreshCookie: [] }] : []),
]

const takesNoBody: ReadonlySet<unknown> = new Set([allowNoBody, optionalBody])

/** What the guard and the limit enforce, as the documentation shows it. */
const describeRoute = (
  { body, ...schema }: FastifySchema,
  access: Access,
  config: FastifyContextConfig,
  preValidation: unknown,
): FastifySchema & Record<string, unknown> => ({
  ...schema,
  ...(body !== undefined && body !== noBody && { body }),
  security: securityOf(access, config),
  ...([preValidation].flat().some((hook) => takesNoBody.has(hook)) && { 'x-optional-body': true }),
  'x-access': access,
  'x-rate-limit': [config.rateLimit, config.accountLimit?.policy, config.tokenLimit?.policy].flatMap((limit) =>
    limit ? [(limit as Limit).name] : [],
  ),
  ...(access === 'public'
    ? {}
    : { description: [schema.description, accessNotes[access]].filter((part) => part !== undefined).join('\n\n') }),
})

const swaggerOptions = (config: Pick<Config, 'PUBLIC_URL'>): FastifyDynamicSwaggerOptions => {
  const { version, license } = manifest()
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'LemonNPie API',
        version,
        description: description(),
        license: { name: license, url: 'https://opensource.org/license/mit' },
      },
      servers: [{ url: config.PUBLIC_URL ?? '/', description: 'This server' }],
      tags: [...tags],
      components: {
        headers: answerHeaders as unknown as Record<string, never>,
        securitySchemes: {
          bearerAuth: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'An access token. Roles nest: user < critic < moderator < admin.',
          },
          refreshCookie: {
            type: 'apiKey',
            in: 'cookie',
            name: `__Secure-${refreshCookieName}`,
            description:
              'A refresh token, for web pages that asked for it as a cookie; over plain http without the prefix ' +
              '`__Secure-`. It counts only with an `Origin` of ours.',
          },
        },
      },
    },
    stripBasePath: false,
    convertConstToEnum: false,
    refResolver: { buildLocalReference: ({ $id }, _uri, _fragment, index) => `${$id ?? `Schema${index}`}` },
    transform: ({ schema, url, route }) => {
      const { access, operational } = route.config ?? {}
      const described = schema ?? {}
      if (operational || access === undefined) return { url, schema: { ...described, hide: true } }
      return { url, schema: describeRoute(described, access, route.config ?? {}, route.preValidation) }
    },
    transformObject: (document) => finishDocument('openapiObject' in document ? document.openapiObject : {}),
  }
}

const writePageHeaders: onRequestHookHandler = (_request, reply, done) => {
  reply.headers(pageHeaders)
  done()
}

/** Collects the schemas of routes declared after it. Called before any route is. */
export async function describeApi(app: App, config: Pick<Config, 'PUBLIC_URL'>): Promise<void> {
  await app.register(swagger, swaggerOptions(config))
  // Its own routes declare no access, so it comes before the hook that refuses such routes.
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: docsPolicy,
    logo: { type: 'image/svg+xml', content: assetBytes('logo.svg'), href: '/', target: '_self' },
    uiHooks: { onRequest: writePageHeaders },
    theme: {
      title: 'LemonNPie API',
      css: [{ filename: 'lemonnpie.css', content: assetBytes('docs.css').toString() }],
      favicon: [
        {
          filename: 'favicon.svg',
          rel: 'icon',
          type: 'image/svg+xml',
          sizes: 'any',
          content: assetBytes('favicon.svg').toString(),
        },
      ],
    },
    uiConfig: { url: '/openapi.json', docExpansion: 'list', deepLinking: true, tryItOutEnabled: true },
  })
}

/** /openapi.json, made once, when the first asks. */
export function serveOpenApi(app: App): void {
  let body: CachedBody | undefined
  app.get('/openapi.json', { config: { access: 'public', operational: true } }, (request, reply) => {
    body ??= bodyOf(Buffer.from(JSON.stringify(app.swagger())))
    return sendBody(request, reply, body, 'public, max-age=300')
  })
}
