import type { Needs } from '../../context.ts'
import { rowsInPages } from '../../infra/account-parts.ts'
import type { Db, Tx } from '../../infra/db.ts'
import { accountById } from '../users/account.service.ts'
import { liftLock, lockoutKey } from '../users/lockout.service.ts'
import { type AuditData, blankAuditLog, listAuditData } from './sign-in-data.queries.ts'

type Context = Needs<'config'> & { readonly db: Db | Tx }

const addressHash = (ctx: Context, emailKey: string): string => lockoutKey(ctx, emailKey).toString('hex')

/**
 * What an account did, what was done to it, and what was tried with its address before. The last is told to who has shown
 * that the address is theirs.
 */
export async function* auditDataOf(ctx: Context, userId: string): AsyncGenerator<AuditData> {
  const account = await accountById(ctx, userId)
  const hash = account?.is_verified ? addressHash(ctx, account.email_key) : null
  yield* rowsInPages((after: AuditData | undefined, rows) => listAuditData(ctx.db, userId, hash, after, rows))
}

/** Takes from the audit log and the lock all that leads to a person. */
export async function eraseSignInTraces(ctx: Needs<'config'> & { readonly db: Tx }, userId: string): Promise<void> {
  const { email_key } = (await accountById(ctx, userId))!
  await blankAuditLog(ctx.db, userId, addressHash(ctx, email_key))
  await liftLock(ctx, email_key)
}
