import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import { isClosedDemo } from '../../lib/demo-accounts.ts'
import { suspensionError } from '../../lib/errors.ts'
import { accountByEmail, lockPassword, replacePassword, type SignInAccount } from '../users/account.service.ts'
import { liftLock, tryPassword } from '../users/lockout.service.ts'
import { wrongCredentials } from './auth.errors.ts'
import type { Credentials } from './registration.schemas.ts'
import { keyOfEmail } from './registration.service.ts'
import { type Asking, type OpenedSession, openSession } from './session.service.ts'

type Context = Asking & Needs<'db' | 'config' | 'passwords'>

/**
 * Looks at a password. One that is checked against a hash of lower cost is refused sooner than for an address without an
 * account, which would tell that there is one: then the present cost is paid as well.
 */
async function isPassword({ passwords }: Context, password: string, hash = passwords.nobodysHash): Promise<boolean> {
  const isRight = await passwords.verifyPassword(password, hash)
  if (!isRight && passwords.isOutdated(hash)) await passwords.verifyPassword(password, passwords.nobodysHash)
  return isRight
}

/** The password was right; nobody signs in all the same. */
const refuseSuspended = (ctx: Context, account: SignInAccount): Promise<void> =>
  inTx(ctx, async (tx) => {
    await liftLock(tx, account.email_key)
    await recordAudit(tx, { action: 'login.suspended', actorId: account.id, targetId: account.id })
  })

/** @returns undefined when the account has another password hash by now */
function enter(ctx: Context, account: SignInAccount, stronger: string | null): Promise<OpenedSession | undefined> {
  const { id, email_key, password_hash } = account
  return inTx(ctx, async (tx) => {
    // A password that was reset while the former one was looked at must not let anybody in.
    if (!(await lockPassword(tx, id, password_hash))) return undefined
    await liftLock(tx, email_key)
    if (stronger !== null) await replacePassword(tx, id, stronger)
    const { opened, isNewDevice } = await openSession(tx, account)
    if (isNewDevice) await publish(tx, 'session.new_device', { user_id: id, session_id: opened.session_id })
    return opened
  })
}

/**
 * Signs in. For an address without an account the same is done as for a wrong password, with the same work, so that
 * nobody learns which addresses have one, and so for demo accounts unless DEMO is on; that an account is suspended is told only to who knows its password.
 * @throws AppError 401 `wrong_credentials`, 403 `account_suspended`, 423 `account_locked`, 429 `rate_limited`
 */
export async function logIn(ctx: Context, { email, password }: Credentials): Promise<OpenedSession> {
  const emailKey = keyOfEmail(email)
  const found = await accountByEmail(ctx, emailKey)
  const account = isClosedDemo(ctx.config, emailKey) ? undefined : found
  const attempted = { emailKey, accountId: account?.id ?? null, failure: 'login.failed' } as const
  const isRight = await tryPassword(ctx, attempted, () => isPassword(ctx, password, account?.password_hash))
  if (!account || !isRight) throw wrongCredentials()
  if (account.is_suspended) {
    await refuseSuspended(ctx, account)
    throw suspensionError(account)
  }
  const stronger = ctx.passwords.isOutdated(account.password_hash) ? await ctx.passwords.hashPassword(password) : null
  const opened = await enter(ctx, account, stronger)
  // Changed meanwhile, or made stronger by another sign-in: what is there now decides.
  return opened ?? logIn(ctx, { email, password })
}
