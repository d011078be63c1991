import os from 'node:os'
import type { LoadResult } from './load.ts'

export type Cell = string | number

/** Three significant digits, thousands apart. */
export const figure = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))

/** A table in Markdown; numbers are figures, and stand on the right. */
export function table(head: readonly string[], rows: ReadonlyArray<readonly Cell[]>): string {
  const numeric = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'))
  const line = (cells: readonly Cell[]): string =>
    `| ${cells.map((cell) => (typeof cell === 'number' ? figure(cell) : cell)).join(' | ')} |`
  return [line(head), line(numeric.map((right) => (right ? '--:' : '---'))), ...rows.map(line)].join('\n')
}

/** The columns that a load fills: rate and percentiles. */
export const loadCells = (result: LoadResult): number[] => [result.rate, result.p50, result.p95, result.p99]
export const loadHead = ['per second', 'p50 ms', 'p95 ms', 'p99 ms']

/** The machine in one line, without its name. */
export const machine = (): string =>
  `${os.cpus().length} × ${os.cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release().split('-')[0]}`
