import pg from 'pg'
import { dropClient } from './kept-client.ts'

// As in: select /* lockHeldCount prepared */ held_count …, or select /* refreshTrending long */ …
const mark = /\/\* (\w+) (prepared|long) \*\//

/** Milliseconds for an answer to a statement that is long: longer than any raises its statement_timeout to. */
const longQueryTimeout = 660_000

/** How pg says that nothing was answered in time. */
const isUnanswered = (error: unknown): boolean => error instanceof Error && error.message === 'Query read timeout'

/** Resolves when the connection has ended, so that whoever gives it back to the pool then gives back a lost one. */
const giveUp = (client: pg.Client): Promise<void> =>
  new Promise((ended) => {
    client.once('end', () => ended())
    dropClient(client)
  })

/** Whether a migration changed what a prepared statement answers, or what it reads; Postgres then refuses to run it. */
export const isOutdatedPlan = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery'

/**
 * The connections of one pool. They prepare the statements that say so in their name's comment, so that Postgres plans each
 * once and not every time: for those of hot transactions, which take longer to plan than to run. The text under such a name
 * never varies. After a migration a statement may fail once (isOutdatedPlan), which has all connections prepare it anew, so
 * that `inTx` can run its transaction again on any of them.
 * A connection that does not answer in time is given up, since the pool would lend it again: its server has vanished without
 * a word. Statements that say they are long have longer.
 */
export function preparingClient(): typeof pg.Client {
  let generation = 0
  return class PreparingClient extends pg.Client {
    // biome-ignore lint/suspicious/noExplicitAny: pg overloads it nine times, and one of them is ours.
    override query(statement: any, values?: any, ...rest: any[]): any {
      const hasCallback = typeof values === 'function' || rest.length > 0
      if (typeof statement !== 'string' || hasCallback) return super.query(statement, values, ...(rest as []))
      const [, name, kind] = mark.exec(statement) ?? []
      const used = generation
      const sent = {
        text: statement,
        values,
        ...(kind === 'prepared' && Array.isArray(values) && { name: `${name}${used}` }),
        ...(kind === 'long' && { query_timeout: longQueryTimeout }),
      }
      return super.query(sent).catch(async (error: unknown) => {
        if (isOutdatedPlan(error) && generation === used) generation += 1
        if (isUnanswered(error)) await giveUp(this)
        throw error
      })
    }
  }
}
