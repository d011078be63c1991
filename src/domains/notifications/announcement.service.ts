import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import { doOnce, type Once, type OnceKey } from '../../infra/idempotency.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Client } from '../../lib/client.ts'
import { callOff, findAnnouncement, insertAnnouncement } from './announcement.queries.ts'
import type { Announcement, NewAnnouncement } from './announcement.schemas.ts'
import { announcementNotFound } from './notification.errors.ts'

type Context = Needs<'db'> & { readonly requestId?: string; readonly client?: Client }

/**
 * Has everybody whom it is for told something; that goes on after the answer. Sent again under the same key, it answers the
 * same again.
 */
export function announceToAll(
  ctx: Context,
  actor: Actor,
  input: NewAnnouncement,
  once?: OnceKey,
): Promise<Once<Announcement>> {
  const make = async (tx: TxCtx<Context>): Promise<Announcement> => {
    const { id } = await insertAnnouncement(tx.db, actor.id, input)
    const { audience } = input
    await recordAudit(tx, { action: 'announcement.made', actorId: actor.id, targetId: id, details: { audience } })
    await publish(tx, 'announcement.made', { announcement_id: id })
    return (await findAnnouncement(tx.db, id))!
  }
  return inTx(ctx, (tx) => doOnce(tx, once, () => make(tx)))
}

/**
 * Calls an announcement off: nobody is told of it any more, it is out of sight at once, and what was told is taken away
 * after the answer. Mails that were sent stay sent. @throws AppError 404
 */
export function callAnnouncementOff(ctx: Context, actor: Actor, id: string): Promise<void> {
  return inTx(ctx, async (tx) => {
    if (!(await callOff(tx.db, id))) throw announcementNotFound()
    await recordAudit(tx, { action: 'announcement.called_off', actorId: actor.id, targetId: id })
    await publish(tx, 'announcement.called_off', { announcement_id: id })
  })
}

/** An announcement, and how many have been told. @throws AppError 404 */
export async function getAnnouncement(ctx: Needs<'db'>, id: string): Promise<Announcement> {
  const found = await findAnnouncement(ctx.db, id)
  if (!found) throw announcementNotFound()
  return found
}
