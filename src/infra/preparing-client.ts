import pg from 'pg'

// As in: select /* lockHeldCount prepared */ held_count …
const mark = /\/\* (\w+) prepared \*\//

/** Whether a migration changed what a prepared statement answers, or what it reads; Postgres then refuses to run it. */
export const isOutdatedPlan = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery'

/**
 * Connections of one pool that prepare the statements that say so in their name's comment, so that Postgres plans each once
 * and not every time: for those of hot transactions, which take longer to plan than to run. The text under such a name never
 * varies. After a migration a statement may fail once (isOutdatedPlan), which tells all connections to prepare anew: so
 * `inTx`, which runs its transaction again, may do that on any of them.
 */
export function preparingClient(): typeof pg.Client {
  let generation = 0
  return class PreparingClient extends pg.Client {
    // biome-ignore lint/suspicious/noExplicitAny: pg overloads it nine times, and one of them is ours.
    override query(statement: any, values?: any, ...rest: any[]): any {
      const isOurs = typeof statement === 'string' && Array.isArray(values) && rest.length === 0
      const name = isOurs ? mark.exec(statement)?.[1] : undefined
      if (name === undefined) return super.query(statement, values, ...(rest as []))
      const used = generation
      return super.query({ name: `${name}${used}`, text: statement, values }).catch((error: unknown) => {
        if (isOutdatedPlan(error) && generation === used) generation += 1
        throw error
      })
    }
  }
}
