import type pg from 'pg'

/** What Postgres did for one statement: the statement's text as far as it was logged, and its plan with buffers. */
export interface Plan {
  readonly query: string
  readonly text: string
}

/** Connection settings under which Postgres sends the plan of every statement, nested ones too, as a notice. */
export const explainSettings = [
  'session_preload_libraries=auto_explain',
  'auto_explain.log_min_duration=0',
  'auto_explain.log_analyze=on',
  'auto_explain.log_buffers=on',
  'auto_explain.log_timing=off',
  'auto_explain.log_nested_statements=on',
  'auto_explain.log_level=notice',
  'client_min_messages=notice',
]
  .map((setting) => `-c ${setting}`)
  .join(' ')

const planNotice = /^duration: [\d.]+ ms {2}plan:\nQuery Text: ([\s\S]*?)\n([A-Z][\s\S]*)$/

/** Collects the plans of a pool's statements from now on. */
export function collectPlans(pool: pg.Pool): Plan[] {
  const plans: Plan[] = []
  pool.on('connect', (client) =>
    client.on('notice', (notice) => {
      const match = planNotice.exec(notice.message ?? '')
      if (match) plans.push({ query: match[1]!.trim(), text: match[2]!.trimEnd() })
    }),
  )
  return plans
}

/** Reading so few rows from end to end is the right plan; such tables don't grow with the catalogue, or are empty. */
const fewRows = 1_000

const sequentialScan = /Seq Scan on (\w+)[^\n]*\(actual rows=([\d.]+) loops=[^\n]*\n((?: +(?!->)[^\n]*\n?)*)/g

/** The tables of which a plan reads more than a few rows from end to end. */
export function scannedTables(plan: Plan): string[] {
  return [...plan.text.matchAll(sequentialScan)].flatMap(([, table, kept, details]) => {
    const removed = /Rows Removed by Filter: (\d+)/.exec(details ?? '')?.[1] ?? 0
    return Number(kept) + Number(removed) > fewRows ? [table!] : []
  })
}
