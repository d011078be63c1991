import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { architectureProblems, importsOf, type SourceFile } from './support/architecture.ts'
import { knownDomains, roles } from './support/architecture-table.ts'

const root = new URL('..', import.meta.url)

const ourFiles = (): SourceFile[] =>
  ['src', 'scripts', 'bench', 'tests'].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && name !== 'architecture.test.ts') // this file quotes violations
      .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
      .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') })),
  )

/** A file for every place of the layout, seen from the domain `reviews` (which may call `catalog`, and not `admin`). */
const layers = {
  lib: 'src/lib/text.ts',
  'infra (sql)': 'src/infra/db.ts',
  'infra (other)': 'src/infra/redis.ts',
  events: 'src/events.ts',
  context: 'src/context.ts',
  config: 'src/config.ts',
  types: 'db/types.ts',
  http: 'src/http/limits.ts',
  app: 'src/app.ts',
  worker: 'src/worker/relay.ts',
  server: 'src/server.ts',
  script: 'scripts/seed.ts',
  test: 'tests/support/context.ts',
}
const everyRole = [...roles, 'plugin']
const domainFiles = (label: string, domain: string, noun: string): Record<string, string> =>
  Object.fromEntries(
    everyRole.map((role) => [
      `${label} ${role}`,
      `src/domains/${domain}/${role === 'plugin' ? domain : noun}.${role}.ts`,
    ]),
  )
const targets: Record<string, string> = {
  ...layers,
  ...domainFiles('own', 'reviews', 'vote'),
  ...domainFiles('called', 'catalog', 'title'),
  ...domainFiles('calling', 'admin', 'dashboard'),
}

const statement = (from: string, to: string) => {
  const path = posix.relative(posix.dirname(from), to)
  return `import { thing } from '${path.startsWith('.') ? path : `./${path}`}'\n`
}

/** Which targets a file may import, by asking the checker about each alone. */
const allowedFrom = (from: string): string[] =>
  Object.entries(targets)
    .filter(([, to]) => to !== from)
    .filter(([, to]) => {
      const problems = architectureProblems([{ path: from, text: statement(from, to) }])
      return !problems.some((problem) => problem.rule === 'import table')
    })
    .map(([label]) => label)

const infra = ['infra (sql)', 'infra (other)']
const plugins = ['plugin', 'jobs']
const ofAll = (found: readonly string[]) =>
  ['own', 'called', 'calling'].flatMap((label) => found.map((role) => `${label} ${role}`))

const table: Record<string, string[]> = {
  'src/lib/page.ts': ['lib'],
  'src/config.ts': ['lib'],
  'src/infra/cache.ts': ['lib', ...infra, 'events', 'context', 'config', 'types'],
  'src/events.ts': ['lib', ...infra, 'context', 'config', 'types'],
  'src/context.ts': ['lib', ...infra, 'events', 'config', 'types'],
  'src/http/errors.ts': ['lib', ...infra, 'context', 'config', 'http'],
  'src/app.ts': ['lib', ...infra, 'context', 'config', 'http', ...ofAll([...plugins, 'account'])],
  'src/worker/runner.ts': ['lib', ...infra, 'events', 'context', 'config', 'types', 'worker', ...ofAll(plugins)],
  'src/worker.ts': ['lib', ...infra, 'events', 'context', 'config', 'types', 'http', 'app', 'worker'],
  'src/domains/reviews/review.schemas.ts': ['lib', ...ofAll(['schemas'])],
  'src/domains/reviews/review.errors.ts': ['lib', ...ofAll(['schemas'])],
  'src/domains/reviews/review.policy.ts': ['lib', ...ofAll(['schemas'])],
  'src/domains/reviews/review.cache.ts': ['lib', ...infra, 'own schemas', 'own cache'],
  'src/domains/reviews/review.queries.ts': ['lib', 'infra (sql)', 'types', 'own schemas', 'own errors', 'own queries'],
  'src/domains/reviews/review.service.ts': [
    ...['lib', ...infra, 'events', 'context'],
    ...['own schemas', 'own errors', 'own policy', 'own cache', 'own queries', 'own service', 'own channel'],
    ...['called service', 'called policy'],
  ],
  'src/domains/reviews/review.routes.ts': ['lib', 'http', 'own service', 'own schemas'],
  'src/domains/reviews/review.jobs.ts': [
    'lib',
    ...infra,
    'events',
    'context',
    'own service',
    'own queries',
    'own schemas',
    'own channel',
  ],
  'src/domains/reviews/review.channel.ts': [
    ...['lib', ...infra, 'events', 'context'],
    ...['own service', 'own queries', 'own policy', 'own schemas', 'own channel'],
  ],
  'src/domains/reviews/review.account.ts': [
    ...['lib', ...infra, 'context'],
    ...['own service', 'own queries', 'own cache', 'own schemas'],
  ],
  'src/domains/reviews/reviews.plugin.ts': ['lib', ...infra, 'http', 'own routes', 'own schemas'],
}

/** Trees that each break one rule, and the file that must be named for it. */
const broken: ReadonlyArray<readonly [what: string, rule: string, path: string, files: Record<string, string>]> = [
  [
    'typebox from two places',
    'package doors',
    'src/events.ts',
    { 'src/events.ts': `import { Type } from '@sinclair/typebox'` },
  ],
  [
    'SQL in a service',
    'package doors',
    'src/domains/reviews/review.service.ts',
    { 'src/domains/reviews/review.service.ts': `import { sql } from 'kysely'` },
  ],
  [
    'Redis in a query',
    'package doors',
    'src/domains/reviews/review.queries.ts',
    { 'src/domains/reviews/review.queries.ts': `import { Redis } from 'ioredis'` },
  ],
  [
    'a logger in a query',
    'package doors',
    'src/domains/reviews/review.queries.ts',
    { 'src/domains/reviews/review.queries.ts': `import pino from 'pino'` },
  ],
  [
    'a request in a service',
    'package doors',
    'src/domains/reviews/review.service.ts',
    { 'src/domains/reviews/review.service.ts': `import type { FastifyRequest } from 'fastify'` },
  ],
  [
    'two files that import each other',
    'no cycles',
    'src/lib/a.ts',
    { 'src/lib/a.ts': `import { b } from './b.ts'`, 'src/lib/b.ts': `import { a } from './a.ts'` },
  ],
  [
    'a cycle of three, one of them by type',
    'no cycles',
    'src/infra/a.ts',
    {
      'src/infra/a.ts': `import { b } from './b.ts'`,
      'src/infra/b.ts': `export * from './c.ts'\nexport const b = 1`,
      'src/infra/c.ts': `import type {\n  A,\n} from './a.ts'`,
    },
  ],
  [
    'a read of process.env',
    'one reader of the environment',
    'src/app.ts',
    { 'src/app.ts': 'listen(process.env.PORT)' },
  ],
  [
    'a read by brackets',
    'one reader of the environment',
    'scripts/seed.ts',
    { 'scripts/seed.ts': `const url = process['env'].DATABASE_URL` },
  ],
  [
    'a read by destructuring',
    'one reader of the environment',
    'scripts/seed.ts',
    { 'scripts/seed.ts': 'const { env } = process' },
  ],
  [
    'a read by import',
    'one reader of the environment',
    'tests/seed.test.ts',
    { 'tests/seed.test.ts': `import { env } from 'node:process'` },
  ],
  [
    'a read between what only looks like the ends of a comment',
    'one reader of the environment',
    'src/app.ts',
    { 'src/app.ts': `accept('*/*')\nlisten(process.env.PORT)\naccept('*/*')` },
  ],
  ['a file of utils', 'file names', 'src/lib/string-utils.ts', { 'src/lib/string-utils.ts': '' }],
  ['a folder of helpers', 'file names', 'tests/helpers/app.ts', { 'tests/helpers/app.ts': '' }],
  ['an index', 'file names', 'src/lib/index.ts', { 'src/lib/index.ts': '' }],
  ['camel case', 'file names', 'scripts/generateErd.ts', { 'scripts/generateErd.ts': '' }],
  ['a file outside the layout', 'file names', 'src/models/review.ts', { 'src/models/review.ts': '' }],
  [
    'an unknown role',
    'file names',
    'src/domains/reviews/review.controller.ts',
    { 'src/domains/reviews/review.controller.ts': '' },
  ],
  ['no role', 'file names', 'src/domains/reviews/review.ts', { 'src/domains/reviews/review.ts': '' }],
  ['an unknown domain', 'file names', 'src/domains/films/film.routes.ts', { 'src/domains/films/film.routes.ts': '' }],
  [
    'a plugin not named by its domain',
    'file names',
    'src/domains/reviews/review.plugin.ts',
    { 'src/domains/reviews/review.plugin.ts': '' },
  ],
  [
    'a barrel',
    'no barrels',
    'src/lib/everything.ts',
    { 'src/lib/everything.ts': `// all of it\nexport * from './page.ts'\nexport { a, b } from './text.ts'\n` },
  ],
  ['a default export', 'named exports', 'src/infra/a.ts', { 'src/infra/a.ts': 'export default 1' }],
  ['state in a module', 'no state in modules', 'src/infra/a.ts', { 'src/infra/a.ts': 'let opened = 0' }],
  ['exported state', 'no state in modules', 'src/infra/a.ts', { 'src/infra/a.ts': 'export let opened = 0' }],
]

/** Look like violations and are none. */
const sound: ReadonlyArray<readonly [what: string, files: Record<string, string>]> = [
  ['the environment, read by config', { 'src/config.ts': 'const environment = { ...process.env }' }],
  ['the environment, named in comments', { 'src/app.ts': '// process.env is read elsewhere\n/* process.env too */' }],
  ['typebox through its door', { 'src/lib/typebox.ts': `export { Type } from '@sinclair/typebox'` }],
  [
    'a diamond',
    {
      'src/lib/a.ts': `import { b } from './b.ts'\nimport { c } from './c.ts'`,
      'src/lib/b.ts': `import { d } from './d.ts'`,
      'src/lib/c.ts': `import { d } from './d.ts'`,
      'src/lib/d.ts': '',
    },
  ],
  [
    'a file that passes on something beside its own',
    { 'src/lib/a.ts': `export { b } from './b.ts'\nexport const a = 1` },
  ],
  ['a variable inside a function', { 'src/lib/a.ts': 'const count = () => {\n  let n = 0\n  return n++\n}' }],
]

const tree = (files: Record<string, string>): SourceFile[] =>
  Object.entries(files).map(([path, text]) => ({ path, text }))

describe('the architecture', () => {
  it('holds in our sources', () => {
    const files = ourFiles()
    expect(files.map((file) => file.path)).toContain('src/app.ts')
    expect(architectureProblems(files).map(({ rule, path, message }) => `${rule}: ${path} ${message}`)).toEqual([])
  })
})

describe('the import table', () => {
  it.each(Object.entries(table))('lets %s import what its row says and refuses the rest', (from, allowed) => {
    const self = Object.entries(targets).find(([, to]) => to === from)?.[0]
    expect(allowedFrom(from).sort()).toEqual(allowed.filter((label) => label !== self).sort())
  })

  it('has a row for every role', () => {
    const rows = Object.keys(table).flatMap((path) => /\/[^/]+\.([a-z]+)\.ts$/.exec(path)?.[1] ?? [])
    expect(rows.sort()).toEqual([...everyRole].sort())
  })
})

describe('calls between domains', () => {
  const domains = 'admin analytics auth catalog moderation notifications reviews search social uploads users'.split(' ')
  const below: Record<string, string[]> = {
    admin: ['moderation', 'reviews', 'catalog', 'uploads', 'users'],
    moderation: ['reviews', 'catalog', 'uploads', 'users'],
    reviews: ['catalog', 'uploads', 'users'],
    catalog: ['uploads'],
    auth: ['users'],
    social: ['users'],
    notifications: ['users'],
  }
  it.each(domains)('lets %s call only what is below it', (domain) => {
    const from = `src/domains/${domain}/thing.service.ts`
    const callable = domains.filter((other) => {
      const text = statement(from, `src/domains/${other}/other.service.ts`)
      return other !== domain && architectureProblems([{ path: from, text }]).length === 0
    })
    expect(knownDomains).toContain(domain)
    expect(callable.sort()).toEqual((below[domain] ?? []).sort())
  })
})

describe('the checker', () => {
  it.each(broken)('reports %s', (_what, rule, path, files) => {
    expect(architectureProblems(tree(files)).map((problem) => [problem.rule, problem.path])).toContainEqual([
      rule,
      path,
    ])
  })

  it.each(sound)('accepts %s', (_what, files) => {
    expect(architectureProblems(tree(files))).toEqual([])
  })

  it('names every file of a cycle', () => {
    const files = tree({ 'src/lib/a.ts': `import './b.ts'`, 'src/lib/b.ts': `import('./a.ts')` })
    expect(architectureProblems(files).map((problem) => problem.message)).toEqual([
      'src/lib/a.ts → src/lib/b.ts → src/lib/a.ts',
    ])
  })

  it('reads every form of import', () => {
    const text = [
      `import a from './a.ts'`,
      `import b, { c } from "./b.ts"`,
      `import * as d from './d.ts'`,
      `import type { E } from './e.ts'`,
      `import {\n  f,\n  type G,\n} from './f.ts'`,
      `import './h.ts'`,
      `export { i } from './i.ts'`,
      `export * from './j.ts'`,
      `export type { K } from './k.ts'`,
      `const l = await import('./l.ts')`,
      `// import { m } from './m.ts'`,
      `const url = 'https://example.org' // import './n.ts'`,
      `import pg from 'pg'`,
    ].join('\n')
    expect(importsOf({ path: 'src/lib/x.ts', text })).toEqual({
      ours: ['a', 'b', 'd', 'e', 'f', 'i', 'j', 'k', 'h', 'l'].map((name) => `src/lib/${name}.ts`),
      packages: ['pg'],
    })
  })
})
