import { posix } from 'node:path'
import { isAllowed, knownDomains, placeOf, roles } from './architecture-table.ts'

/** One file of ours: its path from the root of the repository, and what is in it. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** A broken rule: its name, the file that breaks it, and how. */
export interface Problem {
  readonly rule: string
  readonly path: string
  readonly message: string
}

type Rule = (files: readonly SourceFile[]) => Problem[]

const specifierForms = [
  // import x from, import { a, type b } from, import * as x from, export { a } from, export * from; with or without type
  /^\s*(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?(?:[\w$]+|\{[^}]*\}|\*(?:\s+as\s+[\w$]+)?)\s*from\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"`]([^'"`]+)['"`]\s*[,)]/g,
]

// Strings come first, so that what looks like a comment inside one is left alone.
const stringOrComment = /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/.*$/gm

/** Comments may name what code may not use. */
const withoutComments = (text: string): string => text.replace(stringOrComment, '$1')

interface Imports {
  /** Our own files, by path from the root. */
  readonly ours: readonly string[]
  readonly packages: readonly string[]
}

/** What a file imports. Type imports count: a type from the wrong place is a dependency too. */
export function importsOf(file: SourceFile): Imports {
  const text = withoutComments(file.text)
  const specifiers = specifierForms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1] ?? ''))
  const isOurs = (specifier: string) => specifier.startsWith('.')
  return {
    ours: specifiers.filter(isOurs).map((specifier) => posix.join(posix.dirname(file.path), specifier)),
    packages: specifiers.filter((specifier) => !isOurs(specifier)),
  }
}

const inSource = (files: readonly SourceFile[]) => files.filter((file) => file.path.startsWith('src/'))

const each = (rule: string, check: (file: SourceFile) => readonly string[]) => (files: readonly SourceFile[]) =>
  files.flatMap((file) => check(file).map((message) => ({ rule, path: file.path, message })))

const importTable: Rule = (files) =>
  each('import table', (file) =>
    importsOf(file)
      .ours.filter((target) => !isAllowed(file.path, target))
      .map((target) => `may not import ${target}`),
  )(inSource(files))

/** Where a package may be imported: what reaches Postgres, Redis or the log has its few doors. */
const packageDoors: ReadonlyArray<readonly [pattern: RegExp, door: string, allowed: (path: string) => boolean]> = [
  [/^@sinclair\/typebox$/, 'src/lib/typebox.ts', (path) => path === 'src/lib/typebox.ts'],
  [/^kysely(?:\/|$)/, 'infra and queries', (path) => /^src\/infra\/|\.queries\.ts$/.test(path)],
  [/^pg(?:-|$)/, 'infra, context and http', (path) => /^src\/(?:infra\/|http\/|context\.ts$)/.test(path)],
  [/^ioredis$/, 'infra and context', (path) => /^src\/(?:infra\/|context\.ts$)/.test(path)],
  [/^bullmq$/, 'the queues of infra', (path) => /^src\/infra\/queue(?:s|-[a-z]+)\.ts$/.test(path)],
  [/^(?:nodemailer|eta)$/, 'infra', (path) => path.startsWith('src/infra/')],
  [/^pino(?:-|$)/, 'infra', (path) => path.startsWith('src/infra/')],
  [
    /^(?:@fastify\/|fastify(?:-plugin)?$)/,
    'app, http, plugins and routes',
    (path) => /^src\/(?:app\.ts$|http\/)|\.(?:plugin|routes)\.ts$/.test(path),
  ],
]

const packageTable: Rule = (files) =>
  each('package doors', (file) =>
    importsOf(file).packages.flatMap((target) =>
      packageDoors
        .filter(([pattern, , allowed]) => pattern.test(target) && !allowed(file.path))
        .map(([, door]) => `may not import ${target}: only ${door} may`),
    ),
  )(inSource(files))

const noCycles: Rule = (files) => {
  const graph = new Map(files.map((file) => [file.path, importsOf(file).ours]))
  const finished = new Set<string>()
  const problems: Problem[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      const cycle = [...trail.slice(trail.indexOf(path)), path]
      problems.push({ rule: 'no cycles', path, message: cycle.join(' → ') })
      return
    }
    if (finished.has(path)) return
    for (const target of graph.get(path) ?? []) if (graph.has(target)) visit(target, [...trail, path])
    finished.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return problems
}

const environmentReads = [
  /\bprocess\s*(?:\?\.|\.)\s*env\b/,
  /\bprocess\s*\[\s*['"`]env['"`]/,
  /\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/,
]

const oneEnvironmentReader: Rule = (files) =>
  each('one reader of the environment', (file) => {
    if (file.path === 'src/config.ts') return []
    const text = withoutComments(file.text)
    const reads = environmentReads.some((form) => form.test(text))
    const imports = /import\s*\{[^}]*\benv\b[^}]*\}\s*from\s*['"](?:node:)?process['"]/.test(text)
    return reads || imports ? ['reads the environment: only src/config.ts may'] : []
  })(files)

const vagueNames = /(?:^|[/.-])(?:utils?|helpers?|common|misc|shared|index)(?=[/.-])/

const fileNames: Rule = (files) =>
  each('file names', ({ path }) => {
    if (vagueNames.test(path)) return ['has a name that says nothing']
    if (!/^[a-z0-9./-]+$/.test(path)) return ['is not named in lower case with hyphens']
    if (!path.startsWith('src/')) return []
    const place = placeOf(path)
    if (!place) return ['is nowhere in the layout']
    if (!place.domain) return []
    if (!knownDomains.includes(place.domain)) return [`is in an unknown domain: ${place.domain}`]
    if (place.role === 'plugin')
      return place.noun === place.domain ? [] : [`a plugin is named ${place.domain}.plugin.ts`]
    return roles.includes(place.role ?? '') ? [] : [`is not named <noun>.<role>.ts, with one of ${roles.join(', ')}`]
  })(files)

const noBarrels: Rule = (files) =>
  each('no barrels', (file) => {
    const reexport = /^\s*export\s+(?:type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+[\w$]+)?)\s*from\s*['"]\.[^'"]*['"];?/gm
    const text = withoutComments(file.text)
    return reexport.test(text) && text.replace(reexport, '').trim() === ''
      ? ['only passes on what other files export']
      : []
  })(files)

/** Not of tests: what the test runner loads by path, it takes as the default export. */
const namedExports: Rule = (files) =>
  each('named exports', (file) => (/^\s*export\s+default\b/m.test(file.text) ? ['has a default export'] : []))(
    files.filter((file) => !file.path.startsWith('tests/')),
  )

const noModuleState: Rule = (files) =>
  each('no state in modules', (file) =>
    /^(?:export\s+)?(?:let|var)\s/m.test(withoutComments(file.text)) ? ['has a variable at the top of the module'] : [],
  )(inSource(files))

/**
 * Judges a tree of sources by the rules of the architecture.
 * @param files TypeScript files of src, scripts, bench and tests, by path from the root
 * @returns every broken rule; none when all hold
 */
export const architectureProblems: Rule = (files) =>
  [
    importTable,
    packageTable,
    noCycles,
    oneEnvironmentReader,
    fileNames,
    noBarrels,
    namedExports,
    noModuleState,
  ].flatMap((rule) => rule(files))
