import { createHmac } from 'node:crypto'
import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import type { Tx } from '../../infra/db.ts'
import { deriveKey, tokenHash } from '../../infra/secrets.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { isClosedDemo } from '../../lib/demo-accounts.ts'
import { AppError, suspensionError, unauthorized } from '../../lib/errors.ts'
import { accountById } from '../users/account.service.ts'
import { sessionOver, tokenReused } from './auth.errors.ts'
import { findFamily, getRefreshToken, insertRefreshToken, lockFamily, markUsed } from './refresh-token.queries.ts'
import { touchSession } from './session.queries.ts'
import { type Asking, closeSessions, type OpenedSession, shownAccount } from './session.service.ts'

type Context = Asking & Needs<'db' | 'config'>
type InTx = Asking & Needs<'config'> & { readonly db: Tx }

const unknownToken = () => unauthorized({ message: 'The refresh token is not valid.' })

/**
 * The token that takes the place of another. It is derived, not drawn, so that everybody who uses one token at the same
 * moment is given the same next one, though only its hash is kept: a family never forks. Without our key nobody derives it.
 */
const successorOf = (config: Context['config'], token: string): string =>
  createHmac('sha256', deriveKey(config, 'refresh token')).update(token).digest('base64url')

/** More refreshes than anybody makes within the grace. */
const mostSteps = 100

/** The family's present token, found from a used one. @returns null when it is too far */
function presentToken(config: Context['config'], used: string, presentHash: Buffer | null): string | null {
  let token = used
  for (let step = 0; step < mostSteps; step += 1) {
    token = successorOf(config, token)
    if (presentHash?.equals(tokenHash(token))) return token
  }
  return null
}

/** Marks the token used and brings the next one; or, in the grace, finds the one that was brought. */
async function nextToken(tx: InTx, token: string, sessionId: string): Promise<string | null> {
  const hash = tokenHash(token)
  const { is_used, is_in_grace, live_hash } = await getRefreshToken(tx.db, hash)
  if (is_used) return is_in_grace ? presentToken(tx.config, token, live_hash) : null
  const next = successorOf(tx.config, token)
  await markUsed(tx.db, hash)
  await insertRefreshToken(tx.db, tokenHash(next), sessionId)
  return next
}

/** @returns an error where something must be kept though the caller is refused */
async function rotate(tx: InTx, token: string): Promise<OpenedSession | AppError> {
  const family = await lockFamily(tx.db, tokenHash(token))
  if (!family) return unknownToken()
  if (family.ended_at !== null || family.is_expired) return sessionOver()
  const account = (await accountById(tx, family.user_id))!
  if (isClosedDemo(tx.config, account.email_key)) return sessionOver()
  const refresh_token = await nextToken(tx, token, family.id)
  if (refresh_token === null) {
    await recordAudit(tx, { action: 'session.token_reused', targetId: account.id, details: { session_id: family.id } })
    await closeSessions(tx, null, { userId: account.id, only: family.id, reason: 'token_reused' })
    return tokenReused()
  }
  // Thrown, so that the token is not used up: with it, the session goes on when the suspension is over.
  if (account.is_suspended) throw suspensionError(account)
  const { kid } = await touchSession(tx.db, family.id, tx.client)
  return { user: shownAccount(account), session_id: family.id, kid, refresh_token }
}

/**
 * New tokens for a refresh token, which is used up. Used again within a moment it leads to the same next one; used again
 * later it is stolen, or its thief was first: the session ends.
 * @throws AppError 401 `unauthorized`, `session_over`, `token_reused`; 403 `account_suspended`
 */
export async function refreshSession(ctx: Context, token: string | undefined): Promise<OpenedSession> {
  if (token === undefined)
    throw unauthorized({ message: 'There is no refresh token, neither in the body nor as a cookie.' })
  const outcome = await inTx(ctx, (tx) => rotate(tx, token))
  if (outcome instanceof AppError) throw outcome
  return outcome
}

/** Ends the session of the actor, else that of the refresh token; or all of the account's. @throws AppError 401 */
export function logOut(
  ctx: Context,
  { actor, token, everywhere }: { actor: Actor | null; token: string | undefined; everywhere: boolean },
): Promise<void> {
  return inTx(ctx, async (tx) => {
    const family = actor || token === undefined ? undefined : await findFamily(tx.db, tokenHash(token))
    const userId = actor?.id ?? family?.user_id
    if (userId === undefined) throw token === undefined ? unauthorized() : unknownToken()
    const sessionId = actor?.sessionId ?? family?.id
    await closeSessions(tx, userId, {
      userId,
      reason: everywhere ? 'logged_out_everywhere' : 'logged_out',
      ...(everywhere || sessionId === undefined ? {} : { only: sessionId }),
    })
  })
}
