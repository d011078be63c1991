import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import { keyedHash } from '../../infra/secrets.ts'
import { inTx } from '../../infra/tx.ts'
import type { Client } from '../../lib/client.ts'
import { rateLimited } from '../../lib/errors.ts'
import { accountLocked } from './lockout.errors.ts'
import { countAttempt, countWrong, forgetFailures, type Rule, uncountAttempt } from './lockout.queries.ts'

/** A look waits five seconds for its turn, and takes a third of one. */
const rule: Rule = { most: 5, lockMinutes: 15, lookSeconds: 30 }

type Context = Needs<'db' | 'config'> & { readonly requestId?: string; readonly client?: Client }

/** What failures are counted under: nobody who reads the table learns the address. */
export const lockoutKey = ({ config }: Needs<'config'>, emailKey: string): Buffer =>
  keyedHash(config, 'lockout', emailKey)

/** Whose password is tried, and what the audit log calls it when it is wrong. */
export interface Attempted {
  readonly emailKey: string
  /** The account of the address, if it has one. */
  readonly accountId: string | null
  /** Who tries, where that is known. */
  readonly actorId?: string | null
  readonly failure: 'login.failed' | 'password.change_failed' | 'user.erasure_failed'
}

/**
 * Looks at a password, if there were not too many wrong ones. An attempt that `verify` could not decide does not count.
 * The audit log tells of each that was wrong, of the lock that the fifth sets, and once of those that the lock refuses: by
 * a keyed hash of the address, which says nothing by itself and by which guesses can be followed.
 * @returns whether it was right
 * @throws AppError 423 `account_locked`; 429 `rate_limited` while so many are being looked at that, were they wrong, it would
 *   be locked; or what `verify` throws
 */
export async function tryPassword(
  ctx: Context,
  { emailKey, accountId, actorId = null, failure }: Attempted,
  verify: () => Promise<boolean>,
): Promise<boolean> {
  const key = lockoutKey(ctx, emailKey)
  const entry = { actorId, targetId: accountId, details: { address_hash: key.toString('hex') } }
  const { may_look, locked_seconds, is_first_refusal } = await countAttempt(ctx.db, key, rule)
  if (is_first_refusal) await inTx(ctx, (tx) => recordAudit(tx, { action: 'login.refused_locked', ...entry }))
  if (locked_seconds !== null) throw accountLocked({ headers: { 'retry-after': String(locked_seconds) } })
  if (!may_look) {
    const message = 'Others are signing in to this account at this moment: try again in a second.'
    throw rateLimited({ message, headers: { 'retry-after': '1' } })
  }
  let isRight: boolean
  try {
    isRight = await verify()
  } catch (error) {
    await uncountAttempt(ctx.db, key)
    throw error
  }
  if (isRight) {
    await uncountAttempt(ctx.db, key)
    return true
  }
  await inTx(ctx, async (tx) => {
    const isLocking = await countWrong(tx.db, key, rule)
    await recordAudit(tx, { action: failure, ...entry })
    if (isLocking) await recordAudit(tx, { action: 'login.locked', ...entry })
  })
  return false
}

/** The owner has shown who they are: failures are forgotten and a lock is opened. */
export const liftLock = async (ctx: Needs<'db' | 'config'>, emailKey: string): Promise<void> => {
  await forgetFailures(ctx.db, lockoutKey(ctx, emailKey))
}
