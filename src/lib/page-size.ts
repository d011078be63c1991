/**
 * How many rows a prepared statement is planned for: one more than a page has by default, or may have at most. A number
 * that is not known when a statement is planned is taken for a tenth of all, so Postgres would plan each call anew.
 */
export const plannedRows = { usual: 21, most: 101 } as const
export type PlannedRows = keyof typeof plannedRows

/** @param rows how many rows are asked for, the one too many included */
export const plannedFor = (rows: number): PlannedRows => (rows <= plannedRows.usual ? 'usual' : 'most')
