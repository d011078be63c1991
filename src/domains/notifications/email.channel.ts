import { sql } from 'kysely'
import { apiLink, homeLink } from '../../infra/mail-links.ts'
import type { Channel } from './delivery.service.ts'
import { mailable } from './mail-text.policy.ts'
import { unsubscribeToken } from './unsubscribe.service.ts'

/** One mail for one notification, to a verified address, for what is wanted at once. */
export const emailChannel: Channel = {
  name: 'email',
  mode: 'instant',
  queue: 'mail',
  reaches: (userId) => sql<boolean>`exists (select from users v where v.id = ${userId} and v.is_verified)`,
  carry: async (ctx, { event_id, recipient, notification }) => {
    // Who is suspended is told that, and nothing of what goes on.
    if (!recipient.is_verified || (recipient.is_suspended && notification.type !== 'system')) return
    const token = unsubscribeToken(ctx.config, recipient.id, notification.type)
    await ctx.mailer.send({
      id: event_id,
      to: recipient.email,
      template: 'notification',
      data: {
        ...mailable(recipient.name, notification),
        url: homeLink(ctx.config),
        unsubscribe_url: apiLink(ctx.config, 'unsubscribe', token),
      },
      unsubscribe: apiLink(ctx.config, 'unsubscribe_post', token),
    })
  },
}
