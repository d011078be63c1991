import type { Needs } from '../context.ts'
import { AppError } from '../lib/errors.ts'
import type { CloseName } from '../lib/live-close.ts'
import { verifyBareToken } from './access-token.ts'
import type { App } from './app-type.ts'
import { callerBy } from './authentication.ts'
import type { Connection } from './live-connection.ts'
import type { Seat } from './live-seats.ts'

/** The connections of each account in this process, those among them that are still being authenticated. */
export type Accounts = Map<string, Set<Connection>>

export function enrol(accounts: Accounts, userId: string, connection: Connection): void {
  const known = accounts.get(userId)
  if (known) known.add(connection)
  else accounts.set(userId, new Set([connection]))
}

export function strike(accounts: Accounts, userId: string, connection: Connection): void {
  const known = accounts.get(userId)
  known?.delete(connection)
  if (known?.size === 0) accounts.delete(userId)
}

const codeOf = (error: unknown): CloseName => {
  if (!(error instanceof AppError) || error.status >= 500) return 'unavailable'
  return error.status === 403 ? 'suspended' : 'unauthorized'
}

/**
 * Finds out by a token who is behind a connection, or that it is still them.
 * @returns why it is to be closed, if it is
 */
export async function authenticateConnection(
  app: Pick<App, 'jwt'>,
  ctx: Needs<'hot' | 'config' | 'log'>,
  { accounts, seat }: { readonly accounts: Accounts; readonly seat: Seat },
  connection: Connection,
  token: string,
): Promise<CloseName | null> {
  const before = connection.actor
  let claimed: string | null = null
  try {
    const verified = verifyBareToken(app, ctx, token)
    const { sub, exp } = verified.claims
    if (before !== null && before.id !== sub) return 'unauthorized'
    // Before it is asked for, so that what is notified meanwhile is about it too.
    if (before === null) {
      claimed = sub
      enrol(accounts, sub, connection)
    }
    const actor = await callerBy(ctx, verified)
    if (connection.closed !== null || connection.socket.readyState !== 1) return null
    if (before === null && !seat.identify(actor.id)) return 'too_many'
    claimed = null
    connection.actor = actor
    connection.kid = verified.kid
    connection.expiresAt = exp * 1_000
    return null
  } catch (error) {
    const name = codeOf(error)
    if (name === 'unavailable') ctx.log.warn({ err: error }, 'a live socket could not be authenticated')
    return name
  } finally {
    if (claimed !== null) strike(accounts, claimed, connection)
  }
}
