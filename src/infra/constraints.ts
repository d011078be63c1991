import pg from 'pg'
import type { AppError } from '../lib/errors.ts'

/**
 * Turns the violation of a named constraint into a domain error: the constraint is the check, nothing races it.
 * @param violations constraint name → maker of the error
 * @throws the mapped error, or whatever the query threw
 */
export async function onViolation<T>(
  violations: Readonly<Record<string, (options: { cause: unknown }) => AppError>>,
  query: Promise<T>,
): Promise<T> {
  try {
    return await query
  } catch (error) {
    const constraint = error instanceof pg.DatabaseError ? error.constraint : undefined
    const makeError = constraint === undefined ? undefined : violations[constraint]
    if (makeError) throw makeError({ cause: error })
    throw error
  }
}
