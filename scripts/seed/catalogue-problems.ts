import { TypeCompiler } from '@sinclair/typebox/compiler'
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors'
import { slugOf } from '../../src/lib/slug.ts'
import { type CatalogueEntry, castMember, catalogueEntry } from './catalogue-entry.ts'
import { languageCoder } from './language-code.ts'

/** What is wrong with a catalogue: all of it. */
export class CatalogueError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`Nothing was imported: the catalogue has ${problems.length} problem${problems.length === 1 ? '' : 's'}`)
    this.name = 'CatalogueError'
    this.problems = problems
  }
}

export interface CheckedCatalogue {
  readonly entries: readonly CatalogueEntry[]
  readonly warnings: readonly string[]
  /** Codes of the languages that the entries name; those without one are missing. */
  readonly languageCodes: ReadonlyMap<string, string>
}

const checker = TypeCompiler.Compile(catalogueEntry)

/** Trims strings, makes blanks single and composes accents, so that equal names are equal; takes out what is null. */
function tidy(value: unknown): unknown {
  if (typeof value === 'string') return value.normalize('NFC').replace(/\s+/g, ' ').trim()
  if (Array.isArray(value)) return value.map(tidy)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, tidy(inner)]])),
  )
}

const shown = (value: unknown): string => {
  const json = JSON.stringify(value) ?? 'nothing'
  return json.length > 60 ? `${json.slice(0, 60)}…` : json
}

function describe(error: ValueError): string {
  const path = error.path.slice(1).replaceAll('/', '.')
  if (error.type === ValueErrorType.ObjectAdditionalProperties) {
    return `unknown key ${path} (if it is not a mistake, --ignore-unknown-keys imports without it)`
  }
  if (error.type === ValueErrorType.ObjectRequiredProperty) return `${path} is missing`
  return `${path === '' ? 'it' : path} must be ${error.schema.description}, not ${shown(error.value)}`
}

/** The schema's complaints, one a field: the first that a field has says what it must be. */
function schemaProblems(value: unknown): string[] {
  const byPath = new Map<string, string>()
  for (const error of checker.Errors(value)) {
    if (!byPath.has(error.path)) byPath.set(error.path, describe(error))
  }
  return [...byPath.values()]
}

/** Postgres takes neither NUL nor half a surrogate pair. */
function unstorable(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed()
  return typeof value === 'object' && value !== null && Object.values(value).some(unstorable)
}

const isDate = (text: string): boolean => {
  const day = text.length === 7 ? `${text}-01` : text
  const time = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)
}

function factProblems(entry: CatalogueEntry): string[] {
  const problems: string[] = []
  const { release_date: date } = entry
  if (date !== undefined && !isDate(date)) problems.push(`release_date ${date} is not in the calendar`)
  else if (date !== undefined && (date < '1895' || date > '2201')) problems.push(`release_date ${date} is out of range`)
  for (const name of entry.genres ?? []) {
    if (slugOf(name) === '') problems.push(`genres: ${shown(name)} has no letter or digit to make a slug of`)
  }
  if (entrySlug(entry) === '') problems.push(`id ${shown(entry.id)} has no letter or digit to make a slug of`)
  return problems
}

/** An id that is a slug stays as it is. */
export const entrySlug = (entry: Pick<CatalogueEntry, 'id'>): string => slugOf(entry.id, 200)

/** What is odd about an entry and can be imported all the same. */
function factWarnings(entry: CatalogueEntry, codeOf: (name: string) => string | undefined): string[] {
  const { year, release_date: date, languages = [] } = entry
  const warnings = languages
    .filter((name) => codeOf(name) === undefined)
    .map((name) => `no ISO code is known for the language ${shown(name)}, which is left out`)
  if (year !== undefined && date !== undefined && Number(date.slice(0, 4)) !== year) {
    warnings.push(`year ${year} gives way to release_date ${date}`)
  }
  return warnings
}

/** An object without the keys that a schema doesn't have; anything else as it is. */
const only = (properties: object, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([key]) => Object.hasOwn(properties, key)))
    : value

function withoutUnknownKeys(raw: unknown): unknown {
  const value = only(catalogueEntry.properties, raw)
  if (typeof value !== 'object' || value === null || !('cast' in value) || !Array.isArray(value.cast)) return value
  return { ...value, cast: value.cast.map((member: unknown) => only(castMember.properties, member)) }
}

/**
 * Checks a parsed catalogue as a whole.
 * @throws CatalogueError with every problem, each with the index (from 0) and the id of its entry
 */
export function checkCatalogue(parsed: unknown, options: { ignoreUnknownKeys?: boolean } = {}): CheckedCatalogue {
  if (!Array.isArray(parsed)) throw new CatalogueError([`the file must hold a list of titles, not ${shown(parsed)}`])
  const problems: string[] = []
  const warnings: string[] = []
  const bySlug = new Map<string, number>()
  const codeOf = languageCoder()
  const entries = parsed.map((raw: unknown, index): CatalogueEntry => {
    const value = tidy(options.ignoreUnknownKeys ? withoutUnknownKeys(raw) : raw)
    const id = typeof value === 'object' && value !== null && 'id' in value ? shown(value.id) : 'no id'
    const report = (problem: string) => problems.push(`[${index}] ${id}: ${problem}`)
    if (unstorable(value)) report('text has a NUL character or half a surrogate pair')
    if (!checker.Check(value)) {
      schemaProblems(value).forEach(report)
      return value as CatalogueEntry
    }
    factProblems(value).forEach(report)
    for (const warning of factWarnings(value, codeOf)) warnings.push(`[${index}] ${id}: ${warning}`)
    const slug = entrySlug(value)
    const first = bySlug.get(slug)
    if (first === undefined) bySlug.set(slug, index)
    else if (slug !== '') report(`the same id, or one that makes the same slug, as [${first}]`)
    return value
  })
  if (problems.length > 0) throw new CatalogueError(problems)
  const names = new Set(entries.flatMap((entry) => entry.languages ?? []))
  const codes = [...names].flatMap((name) => {
    const code = codeOf(name)
    return code === undefined ? [] : [[name, code] as const]
  })
  return { entries, warnings, languageCodes: new Map(codes) }
}
