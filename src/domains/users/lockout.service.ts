import type { Needs } from '../../context.ts'
import { keyedHash } from '../../infra/secrets.ts'
import { accountLocked } from './auth.errors.ts'
import { countAttempt, forgetFailures, uncountAttempt } from './lockout.queries.ts'

export const mostFailures = 5
export const lockMinutes = 15

type Context = Needs<'db' | 'config'>

/** What failures are counted under: nobody who reads the table learns the address. */
export const lockoutKey = ({ config }: Needs<'config'>, emailKey: string): Buffer =>
  keyedHash(config, 'lockout', emailKey)

/**
 * Looks at a password for an address, if there were not too many failures. An attempt that `verify` could not decide
 * does not count.
 * @returns whether it was right, and whether it was the failure that locked the account
 * @throws AppError 423 `account_locked`, or what `verify` throws
 */
export async function guardedAttempt(
  ctx: Context,
  emailKey: string,
  verify: () => Promise<boolean>,
): Promise<{ isRight: boolean; isLocking: boolean }> {
  const key = lockoutKey(ctx, emailKey)
  const { failures, locked_seconds } = await countAttempt(ctx.db, key, mostFailures, lockMinutes)
  if (failures > mostFailures) {
    throw accountLocked({ headers: { 'retry-after': String(locked_seconds) } })
  }
  const isRight = await verify().catch(async (error) => {
    await uncountAttempt(ctx.db, key, mostFailures)
    throw error
  })
  return { isRight, isLocking: !isRight && failures === mostFailures }
}

/** The owner has shown who they are: failures are forgotten and a lock is opened. */
export const liftLock = async (ctx: Context, emailKey: string): Promise<void> => {
  await forgetFailures(ctx.db, lockoutKey(ctx, emailKey))
}
