import pg from 'pg'
import { type AppError, conflict, serviceUnavailable, validationError } from '../lib/errors.ts'

type MakeError = (options: { cause: unknown }) => AppError

const unfit: MakeError = ({ cause }) =>
  validationError({ message: 'A value does not fit what is asked for here.', cause })

/** SQLSTATEs, and their two-character classes, that say something about the request or about the moment. */
const byState: Readonly<Record<string, MakeError>> = {
  '23503': conflict, // foreign_key_violation
  '23505': conflict, // unique_violation
  '23P01': conflict, // exclusion_violation
  '22': unfit, // data_exception: text that is no uuid, NUL in text, numbers out of range, bad limits
  '40001': serviceUnavailable, // serialization_failure, after inTx tried again
  '40P01': serviceUnavailable, // deadlock_detected, likewise
  '55P03': serviceUnavailable, // lock_not_available: lock_timeout
  '57014': serviceUnavailable, // query_canceled: statement_timeout
  '25P03': serviceUnavailable, // idle_in_transaction_session_timeout
  '57P': serviceUnavailable, // shutting down, crashed, starting up
  '53': serviceUnavailable, // out of connections, memory, disk
  '08': serviceUnavailable, // connection exceptions
}

const networkCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

/** pg gives these no code: a pool whose connections are all busy, and connections lost under a query. */
const lostConnection =
  /^(?:timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/

const networkSyscalls = new Set(['connect', 'getaddrinfo', 'read', 'write'])

function isNetworkError(error: Error & { code?: unknown; syscall?: unknown }): boolean {
  if (error instanceof AggregateError) return error.errors.some((one) => one instanceof Error && isNetworkError(one))
  return networkCodes.has(String(error.code)) && networkSyscalls.has(String(error.syscall))
}

/**
 * What an error of Postgres, or of the way to it, means to a caller.
 * @returns undefined when it is nothing but a fault of ours
 */
export function databaseError(error: unknown): AppError | undefined {
  if (error instanceof pg.DatabaseError) {
    const state = error.code ?? ''
    return (byState[state] ?? byState[state.slice(0, 3)] ?? byState[state.slice(0, 2)])?.({ cause: error })
  }
  if (!(error instanceof Error)) return undefined
  return isNetworkError(error) || lostConnection.test(error.message) ? serviceUnavailable({ cause: error }) : undefined
}
