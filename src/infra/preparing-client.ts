import pg from 'pg'

// As in: select /* lockHeldCount prepared */ held_count …
const mark = /\/\* (\w+) prepared \*\//

/** Whether a migration changed what a prepared statement answers, or what it reads; Postgres then refuses to run it. */
export const isOutdatedPlan = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery'

/**
 * A connection that prepares the statements that say so in their name's comment, so that Postgres plans each once and not
 * every time: for those of hot transactions, which take longer to plan than to run. The text under such a name never
 * varies. After a migration a statement may fail once (isOutdatedPlan); `inTx` then runs its transaction again.
 */
export class PreparingClient extends pg.Client {
  #generation = 0

  // biome-ignore lint/suspicious/noExplicitAny: pg overloads it nine times, and one of them is ours.
  override query(statement: any, values?: any, ...rest: any[]): any {
    const name = typeof statement === 'string' && Array.isArray(values) ? mark.exec(statement)?.[1] : undefined
    if (name === undefined) return super.query(statement, values, ...(rest as []))
    const prepared = { name: `${name}${this.#generation}`, text: statement, values }
    return super.query(prepared).catch((error: unknown) => {
      if (isOutdatedPlan(error)) this.#generation += 1
      throw error
    })
  }
}
