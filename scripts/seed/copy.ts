import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

export type CopyValue = string | number | boolean | null
export type CopyRow = readonly CopyValue[]

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** One value in COPY's text format. */
const field = (value: CopyValue): string => {
  if (value === null) return '\\N'
  if (typeof value !== 'string') return String(value)
  return /[\\\t\n\r]/.test(value) ? value.replace(/[\\\t\n\r]/g, (character) => escapes[character]!) : value
}

/** One row in COPY's text format. */
export const copyLine = (row: CopyRow): string => `${row.map(field).join('\t')}\n`

/** An array as Postgres writes it. */
export const arrayText = (items: readonly string[]): string =>
  `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`

/** Some 64 KB at a time: single lines would cost a system call each. */
function* chunks(lines: Iterable<string>): Generator<string> {
  let chunk = ''
  for (const line of lines) {
    chunk += line
    if (chunk.length >= 65_536) {
      yield chunk
      chunk = ''
    }
  }
  if (chunk !== '') yield chunk
}

/**
 * Sends lines of COPY's text format to a table as they are made, in constant memory.
 * @param target the table with its columns, as SQL: `people (id, slug, name)`
 */
export async function copyLines(client: pg.ClientBase, target: string, lines: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(chunks(lines)), client.query(copyFrom(`copy ${target} from stdin`)))
}

/** The same for rows. */
export async function copyRows(client: pg.ClientBase, target: string, rows: Iterable<CopyRow>): Promise<void> {
  const lines = function* () {
    for (const row of rows) yield copyLine(row)
  }
  await copyLines(client, target, lines())
}
