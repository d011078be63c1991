import { announce } from '../../infra/live-signal.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { notificationNotFound } from './notification.errors.ts'
import type { ReadState } from './notification.schemas.ts'
import type { TellContext } from './tell.service.ts'
import { deleteNotifications, lockCounters, markRead } from './write.queries.ts'

/** Marks one of one's notifications as read, or all. Again, it changes nothing. @throws AppError 404 */
export function readNotifications(ctx: TellContext, actor: Actor, id: string | null): Promise<ReadState> {
  return inTx(ctx, async (tx) => {
    await lockCounters(tx.db, [actor.id])
    const state = await markRead(tx.db, actor.id, id)
    if (!state) throw notificationNotFound()
    if (state.marked > 0) announce(tx, [actor.id])
    return state
  })
}

/** @throws AppError 404 for one that is not there, or somebody else's */
export function removeNotification(ctx: TellContext, actor: Actor, id: string): Promise<void> {
  return inTx(ctx, async (tx) => {
    await lockCounters(tx.db, [actor.id])
    const owners = await deleteNotifications(tx.db, [id], actor.id)
    if (owners.length === 0) throw notificationNotFound()
    announce(tx, owners)
  })
}
