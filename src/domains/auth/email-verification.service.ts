import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import { publish } from '../../infra/outbox.ts'
import { tokenHash } from '../../infra/secrets.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { verifyAccount } from '../users/account.service.ts'
import { alreadyVerified, linkNotGood } from './auth.errors.ts'
import { findTokenOwner, useMailToken, verifying } from './mail-token.queries.ts'
import type { Asking } from './session.service.ts'

/**
 * Verifies an address by the token of a link. Programs that look at mail follow links too, so that whose link was used
 * already is told the same as the first time, as long as the link has not expired.
 * @throws AppError 404 `link_not_good`
 */
export function verifyEmail(ctx: Asking & Needs<'db'>, token: string): Promise<{ is_verified: true }> {
  const hash = tokenHash(token)
  return inTx(ctx, async (tx) => {
    const used = await useMailToken(tx.db, hash, verifying)
    const owner = used ?? (await findTokenOwner(tx.db, hash, verifying))
    if (!owner) throw linkNotGood()
    if (await verifyAccount(tx, owner.user_id)) {
      await recordAudit(tx, { action: 'email.verified', actorId: owner.user_id, targetId: owner.user_id })
    }
    return { is_verified: true as const }
  })
}

/** Has another link sent. @throws AppError 409 `already_verified` */
export function resendVerification(ctx: Asking & Needs<'db'>, actor: Actor): Promise<void> {
  if (actor.isVerified) throw alreadyVerified()
  return inTx(ctx, async (tx) => {
    await recordAudit(tx, { action: 'email.verification_requested', actorId: actor.id, targetId: actor.id })
    await publish(tx, 'email.verification_requested', { user_id: actor.id })
  })
}
