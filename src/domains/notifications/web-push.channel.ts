import { sendPush } from '../../infra/web-push.ts'
import type { Channel } from './delivery.service.ts'
import { deleteEndpoint, hasSubscription, listEndpoints, markTold } from './push-subscription.queries.ts'

/** A message on a lock screen is short; and a push service takes 4,096 bytes, sealed. */
const mostCharacters = 300

/** One message to each browser that an account has subscribed with. */
export const webPushChannel: Channel = {
  name: 'web_push',
  mode: 'on',
  queue: 'notifications',
  reaches: hasSubscription,
  carry: async (ctx, { recipient, notification }) => {
    if (recipient.is_suspended) return
    const { id, type, position } = notification
    const message = notification.message.slice(0, mostCharacters)
    const failures: unknown[] = []
    for (const subscription of await listEndpoints(ctx.db, recipient.id)) {
      const outcome = await sendPush(ctx.config, subscription, { id, type, position, message })
      if (outcome === 'taken') await markTold(ctx.db, subscription.id)
      else if (outcome === 'gone') await deleteEndpoint(ctx.db, subscription.id)
      else if (outcome === 'refused')
        ctx.log.error({ subscription: subscription.id }, 'a push service refuses our messages')
      else failures.push(outcome)
    }
    // Tried again, all browsers get it again, which replaces it where it has been shown: it has the same tag.
    if (failures.length > 0) throw new Error('a push service did not take a message', { cause: failures[0] })
  },
}
