import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import { invalidField } from '../../lib/errors.ts'
import { openAccount } from '../users/account.service.ts'
import { emailKeyOf } from './email.policy.ts'
import { type Owner, passwordProblem } from './password.policy.ts'
import type { NewAccount } from './registration.schemas.ts'
import { type Asking, type OpenedSession, openSession } from './session.service.ts'

type Context = Asking & Needs<'db' | 'config' | 'passwords'>

/** @throws AppError 422 naming `body.email` */
export function keyOfEmail(email: string): string {
  const key = emailKeyOf(email)
  if (key === null) throw invalidField('body.email', 'is no e-mail address')
  return key
}

/** @throws AppError 422 naming the field */
export function checkPassword(field: string, password: string, owner: Owner): void {
  const problem = passwordProblem(password, owner)
  if (problem !== null) throw invalidField(field, problem)
}

/** Opens an account and signs it in; the address is to be verified by a link that is sent to it. */
export async function register(ctx: Context, { email, password, name }: NewAccount): Promise<OpenedSession> {
  const email_key = keyOfEmail(email)
  checkPassword('body.password', password, { email, name })
  const password_hash = await ctx.passwords.hashPassword(password)
  return inTx(ctx, async (tx) => {
    const account = await openAccount(tx, { email, email_key, password_hash, name })
    await recordAudit(tx, { action: 'user.registered', actorId: account.id, targetId: account.id })
    await publish(tx, 'user.registered', { user_id: account.id })
    await publish(tx, 'email.verification_requested', { user_id: account.id })
    const { opened } = await openSession(tx, account)
    return opened
  })
}
