import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import { type Actor, hasRole } from '../../lib/actor.ts'
import type { Client } from '../../lib/client.ts'
import { invalidField } from '../../lib/errors.ts'
import { accountNotFound, mayNotSuspend, ownAccount } from './suspension.errors.ts'
import { lockAccount, updateSuspension } from './suspension.queries.ts'

export interface Suspension {
  /** What the account is told. */
  readonly reason: string
  /** ISO 8601; null until somebody lifts it. */
  readonly until: string | null
}

/**
 * Suspends an account, in force with its next request. Moderators may suspend users and critics, admins anybody but
 * themselves.
 * @throws AppError 404, 403, 409 for one's own account, 422 when `until` is past
 */
export function suspendUser(
  ctx: Needs<'db'> & { readonly requestId?: string; readonly client?: Client },
  actor: Actor,
  userId: string,
  { reason, until }: Suspension,
): Promise<void> {
  if (until !== null && Date.parse(until) <= Date.now()) throw invalidField('body.until', 'must be in the future')
  if (userId === actor.id) throw ownAccount()
  return inTx(ctx, async (tx) => {
    const account = await lockAccount(tx.db, userId)
    if (!account) throw accountNotFound()
    if (actor.role !== 'admin' && hasRole(account.role, actor.role)) throw mayNotSuspend()
    await updateSuspension(tx.db, userId, until, reason)
    await recordAudit(tx, { action: 'user.suspended', actorId: actor.id, targetId: userId, details: { until } })
    // Timestamps of ours are in UTC, whatever offset it was typed with.
    const ends = until === null ? null : new Date(until).toISOString()
    await publish(tx, 'user.suspended', { user_id: userId, actor_id: actor.id, until: ends, reason })
  })
}
