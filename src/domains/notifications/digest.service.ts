import type { Needs } from '../../context.ts'
import type { EventPayload } from '../../events.ts'
import { apiLink, homeLink } from '../../infra/mail-links.ts'
import type { Mail } from '../../infra/mail-messages.ts'
import { publishAll } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import { findDigest, takeDueDigests } from './delivery.queries.ts'
import { greeted, mailMessage } from './message.policy.ts'
import { viewOf } from './notification-read.service.ts'
import { defaultSettings } from './preference.schemas.ts'
import { unsubscribeToken } from './unsubscribe.service.ts'

const batch = 500

/** Has the mails of the day written that are due: of each account one a day, later if nobody was at work at its hour. */
export async function beginDigests(ctx: Needs<'db'>): Promise<void> {
  let few = batch
  while (few === batch) {
    few = await inTx(ctx, async (tx) => {
      const due = await takeDueDigests(tx.db, defaultSettings.time_zone, batch)
      const reachable = due.filter(({ is_reachable }) => is_reachable)
      await publishAll(
        tx,
        'digest.due',
        reachable.map(({ is_reachable: _, ...digest }) => digest),
      )
      return due.length
    })
  }
}

/** The mail of the day; null where all of it was read meanwhile, or nobody may be sent mail. */
export async function digestMail(
  { db, config }: Needs<'db' | 'config'>,
  { user_id, after, until }: EventPayload<'digest.due'>,
): Promise<Omit<Mail<'notification_digest'>, 'id'> | null> {
  const digest = await findDigest(db, user_id, after, until)
  if (!digest || digest.notifications.length === 0) return null
  const { recipient, total } = digest
  if (!recipient.is_verified || recipient.is_suspended) return null
  const lines = digest.notifications.map((row) => mailMessage(viewOf(row))).reverse()
  const more = total - lines.length
  const token = unsubscribeToken(config, user_id, 'daily')
  return {
    to: recipient.email,
    template: 'notification_digest',
    data: {
      name: greeted(recipient.name),
      lines: more > 0 ? [...lines, `And ${more} more.`] : lines,
      url: homeLink(config),
      unsubscribe_url: apiLink(config, 'unsubscribe', token),
    },
    unsubscribe: apiLink(config, 'unsubscribe_post', token),
  }
}
