import type { Needs } from '../../context.ts'
import type { Db } from '../../infra/db.ts'
import { announce } from '../../infra/live-signal.ts'
import { publishAll } from '../../infra/outbox.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import { carriedChannels } from './carried.channel.ts'
import type { NotificationType } from './notification.schemas.ts'
import { type About, deleteNotifications, insertNotifications, lockCounters, type Made } from './write.queries.ts'

export type TellContext = Needs<'db' | 'pubsub'> & { readonly requestId?: string | undefined }

/** Has notifications carried by the channels that lead out of here; what many are told keeps nobody else waiting. */
export function carry(
  tx: TxCtx<TellContext>,
  made: readonly Made[],
  event: 'notification.created' | 'notification.created_for_many' = 'notification.created',
): Promise<void> {
  const carried = made.filter(({ channels }) => channels.length > 0)
  return publishAll(
    tx,
    event,
    carried.map(({ id, user_id, channels }) => ({ notification_id: id, user_id, channels })),
  )
}

/** Tells some accounts the same, each as it wants to be told: on its list, on open connections, and by what is carried. */
export async function tell(
  tx: TxCtx<TellContext>,
  type: NotificationType,
  userIds: readonly string[],
  about: About,
  event?: Parameters<typeof carry>[2],
): Promise<Made[]> {
  const made = await insertNotifications(tx.db, type, userIds, about, carriedChannels)
  await carry(tx, made, event)
  announce(
    tx,
    made.map(({ user_id }) => user_id),
  )
  return made
}

/** Takes notifications away, and out of the counts of whose they were. */
export async function takeAway(
  tx: TxCtx<TellContext>,
  kept: readonly { readonly id: string; readonly user_id: string }[],
): Promise<number> {
  if (kept.length === 0) return 0
  await lockCounters(tx.db, [...new Set(kept.map(({ user_id }) => user_id))])
  announce(
    tx,
    await deleteNotifications(
      tx.db,
      kept.map(({ id }) => id),
    ),
  )
  return kept.length
}

/** Notifications that one transaction takes away, holds or releases. */
export const batch = 1_000

/** Takes away what `list` lists, some at a time, until there is no more. @returns how many */
export async function takeAll(
  ctx: TellContext,
  list: (db: Db, most: number) => Promise<{ readonly id: string; readonly user_id: string }[]>,
): Promise<number> {
  let all = 0
  for (;;) {
    const few = await inTx(ctx, async (tx) => takeAway(tx, await list(tx.db, batch)))
    all += few
    if (few < batch) return all
  }
}
