import { apiLink, homeLink } from '../../infra/mail-links.ts'
import { hasVerifiedAddress } from './delivery.queries.ts'
import type { Channel } from './delivery.service.ts'
import { mailable } from './message.policy.ts'
import { unsubscribeToken } from './unsubscribe.service.ts'

/** One mail for one notification, to a verified address, for what is wanted at once. */
export const emailChannel: Channel = {
  name: 'email',
  mode: 'instant',
  queue: 'notice-mail',
  queueForMany: 'bulk-mail',
  reaches: hasVerifiedAddress,
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
