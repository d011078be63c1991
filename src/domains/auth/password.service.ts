import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import type { Tx } from '../../infra/db.ts'
import { publish } from '../../infra/outbox.ts'
import { tokenHash } from '../../infra/secrets.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { invalidField, unauthorized } from '../../lib/errors.ts'
import {
  accountByEmail,
  accountById,
  lockPassword,
  replacePassword,
  type SignInAccount,
  verifyAccount,
} from '../users/account.service.ts'
import { liftLock, lockoutKey, tryPassword } from '../users/lockout.service.ts'
import { linkNotGood } from './auth.errors.ts'
import { findTokenOwner, resetting, useMailToken, voidMailTokens } from './mail-token.queries.ts'
import type { ChangePassword, ForgotPassword, ResetPassword } from './password.schemas.ts'
import { checkPassword, keyOfEmail } from './registration.service.ts'
import { type Asking, closeSessions } from './session.service.ts'

type Context = Asking & Needs<'db' | 'config' | 'passwords'>
type InTx = Asking & Needs<'config'> & { readonly db: Tx }

/**
 * Takes the wish for a link note, whether or not the address has an account: the same is done for all. The account goes
 * into the event, and not the address, so that what is under way names nobody who is erased.
 */
export async function forgetPassword(ctx: Asking & Needs<'db' | 'config'>, { email }: ForgotPassword): Promise<void> {
  const emailKey = keyOfEmail(email)
  const details = { address_hash: lockoutKey(ctx, emailKey).toString('hex') }
  const user_id = (await accountByEmail(ctx, emailKey))?.id ?? null
  return inTx(ctx, async (tx) => {
    await recordAudit(tx, { action: 'password.reset_requested', targetId: user_id, details })
    await publish(tx, 'password.reset_wanted', { user_id })
  })
}

/** What follows from a new password, whoever set it. */
async function adopt(tx: InTx, account: SignInAccount, hash: string, how: 'reset' | 'changed', keep?: string) {
  await replacePassword(tx, account.id, hash)
  await voidMailTokens(tx.db, account.id, resetting)
  await liftLock(tx, account.email_key)
  await recordAudit(tx, { action: `password.${how}`, actorId: account.id, targetId: account.id })
  await closeSessions(tx, account.id, { userId: account.id, except: keep, reason: `password_${how}` })
  await publish(tx, 'password.changed', { user_id: account.id, changed_at: new Date().toISOString() })
}

/**
 * Sets a password by the token of a link; whoever has that reads mail at the address, which so is verified. Every session
 * ends.
 * @returns the key of the address, under which attempts are counted
 * @throws AppError 404 `link_not_good`, 422 for the password
 */
export async function resetPassword(ctx: Context, { token, password }: ResetPassword): Promise<string> {
  const hash = tokenHash(token)
  const owner = await findTokenOwner(ctx.db, hash, resetting)
  const account = owner?.used_at === null ? await accountById(ctx, owner.user_id) : undefined
  if (!account) throw linkNotGood()
  checkPassword('body.password', password, account)
  const passwordHash = await ctx.passwords.hashPassword(password)
  return inTx(ctx, async (tx) => {
    if (!(await useMailToken(tx.db, hash, resetting))) throw linkNotGood()
    await adopt(tx, account, passwordHash, 'reset')
    if (await verifyAccount(tx, account.id)) {
      await recordAudit(tx, { action: 'email.verified', actorId: account.id, targetId: account.id })
    }
    return account.email_key
  })
}

/**
 * Changes the actor's password; their other sessions end.
 * @throws AppError 422 for either password, 423 `account_locked` after too many wrong ones, 429 `rate_limited`
 */
export async function changePassword(ctx: Context, actor: Actor, input: ChangePassword): Promise<void> {
  const { current_password, new_password } = input
  const account = await accountById(ctx, actor.id)
  if (!account) throw unauthorized()
  const former = account.password_hash
  const { id, email_key: emailKey } = account
  const attempted = { emailKey, accountId: id, actorId: id, failure: 'password.change_failed' } as const
  const isRight = await tryPassword(ctx, attempted, () => ctx.passwords.verifyPassword(current_password, former))
  if (!isRight) throw invalidField('body.current_password', 'is wrong')
  await liftLock(ctx, account.email_key)
  if (new_password === current_password) throw invalidField('body.new_password', 'is the present password')
  checkPassword('body.new_password', new_password, account)
  const passwordHash = await ctx.passwords.hashPassword(new_password)
  return inTx(ctx, async (tx) => {
    if (!(await lockPassword(tx, account.id, former))) throw invalidField('body.current_password', 'is wrong')
    await adopt(tx, account, passwordHash, 'changed', actor.sessionId)
  })
}
