/** One kind of error that the API answers with. */
export interface ErrorKind {
  readonly code: string
  readonly status: number
  readonly message: string
}

const definition = /defineError\(\s*'([a-z_]+)',\s*(\d{3}),\s*'((?:[^'\\]|\\.)*)',?\s*\)/g

/** The kinds that a source file defines. */
export const errorKindsOf = (source: string): ErrorKind[] =>
  [...source.matchAll(definition)].map(([, code, status, message]) => ({
    code: code!,
    status: Number(status),
    message: message!.replace(/\\(.)/g, '$1'),
  }))

/** A table of all codes, by status; a code that several places define is one row with all that it may say. */
export function errorTable(kinds: readonly ErrorKind[]): string {
  const byCode = Map.groupBy(kinds, ({ code, status }) => `${status} ${code}`)
  const rows = [...byCode.values()]
    .map((same) => ({ ...same[0]!, messages: [...new Set(same.map(({ message }) => message))].sort() }))
    .sort((a, b) => a.status - b.status || a.code.localeCompare(b.code))
    .map(({ status, code, messages }) => `| ${status} | \`${code}\` | ${messages.join('<br>')} |`)
  return ['| status | `error` | says |', '|---|---|---|', ...rows].join('\n')
}
