import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Client } from '../../lib/client.ts'
import { findAnnouncement, insertAnnouncement } from './announcement.queries.ts'
import type { Announcement, NewAnnouncement } from './announcement.schemas.ts'
import { announcementNotFound } from './notification.errors.ts'

type Context = Needs<'db'> & { readonly requestId?: string; readonly client?: Client }

/** Has everybody whom it is for told something; that goes on after the answer. */
export function announceToAll(ctx: Context, actor: Actor, input: NewAnnouncement): Promise<Announcement> {
  return inTx(ctx, async (tx) => {
    const { id } = await insertAnnouncement(tx.db, actor.id, input)
    const { audience } = input
    await recordAudit(tx, { action: 'announcement.made', actorId: actor.id, targetId: id, details: { audience } })
    await publish(tx, 'announcement.made', { announcement_id: id })
    return (await findAnnouncement(tx.db, id))!
  })
}

/** An announcement, and how many have been told. @throws AppError 404 */
export async function getAnnouncement(ctx: Needs<'db'>, id: string): Promise<Announcement> {
  const found = await findAnnouncement(ctx.db, id)
  if (!found) throw announcementNotFound()
  return found
}
