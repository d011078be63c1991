import pg from 'pg'
import type { HotQuery } from './hot-query.ts'
import type { Metrics } from './metrics.ts'

/**
 * Answers after which a prepared statement can't be used on its connection any more: a migration changed its result type,
 * or the connection has lost it. Another connection prepares it anew.
 */
const brokenStatement = new Set(['0A000', '26000'])

const isBroken = (error: unknown): boolean => error instanceof pg.DatabaseError && brokenStatement.has(error.code ?? '')

/**
 * Runs a statement of `compileHot` on a connection of the pool, which plans it once and not every time. For reads that take
 * Postgres so long that on a pipelined connection (`hot`) whoever is behind them would wait.
 */
export async function runPrepared<P extends object, Row>(
  { pool, metrics }: { readonly pool: pg.Pool; readonly metrics: Metrics },
  query: HotQuery<P, Row>,
  parameters: P,
): Promise<Row[]> {
  const attempt = async (): Promise<Row[]> => {
    const client = await pool.connect()
    let failure: unknown
    try {
      const { rows } = await client.query({ name: query.name, text: query.text, values: query.bind(parameters) })
      return rows as Row[]
    } catch (error) {
      failure = error
      throw error
    } finally {
      // Only an answer of Postgres about the statement itself leaves a connection as it was.
      client.release(failure !== undefined && (isBroken(failure) || !(failure instanceof pg.DatabaseError)))
    }
  }
  const start = performance.now()
  try {
    return await attempt().catch((error) => {
      if (isBroken(error)) return attempt()
      throw error
    })
  } finally {
    metrics.queryDuration.observe({ query: query.name }, (performance.now() - start) / 1000)
  }
}
