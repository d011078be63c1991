import type { JobCtx } from '../../infra/event-handler.ts'
import { isHandled, markHandled } from '../../infra/handled-events.ts'
import { Postponed } from '../../infra/postponed.ts'
import { PushBusy, sendPush } from '../../infra/web-push.ts'
import type { Channel } from './delivery.service.ts'
import {
  deleteEndpoint,
  type Endpoint,
  hasSubscription,
  listEndpoints,
  markTold,
  noteRefused,
} from './push-subscription.queries.ts'

/** A message on a lock screen is short; and a push service takes 4,096 bytes, sealed. */
const mostCharacters = 300

/** A push message is of use for so many seconds: while it waits with us, for a service that is busy, and with the service. */
const timeToLive = 86_400

/** @returns seconds, 0 and less when it is over */
const timeLeft = (told: string): number => Math.ceil(timeToLive - (Date.now() - Date.parse(told)) / 1_000)

type Message = { readonly id: string } & Readonly<Record<string, unknown>>

/** @returns why it must be tried again, if it must */
async function carryTo(ctx: JobCtx, subscription: Endpoint, message: Message, seconds: number): Promise<Error | null> {
  const outcome = await sendPush(ctx.config, subscription, message, seconds)
  if (outcome instanceof Error) return outcome
  if (outcome === 'taken') await markTold(ctx.db, subscription.id)
  else if (outcome === 'gone') await deleteEndpoint(ctx.db, subscription.id)
  else {
    const forgotten = await noteRefused(ctx.db, subscription.id)
    ctx.log.error({ subscription: subscription.id, forgotten }, 'a push service refuses our messages')
  }
  return null
}

/** Under what it is marked that a browser need not be asked again for an event. */
const markOf = ({ id }: Endpoint): string => `carry-web-push.${id}`

/** One message to each browser that an account has subscribed with, to all at once. */
export const webPushChannel: Channel = {
  name: 'web_push',
  mode: 'on',
  queue: 'push',
  queueForMany: 'push',
  reaches: hasSubscription,
  carry: async (ctx, { event_id, recipient, notification }) => {
    if (recipient.is_suspended) return
    const { id, type, position } = notification
    const seconds = timeLeft(notification.updated_at)
    if (seconds <= 0) {
      ctx.log.warn({ notification: id }, 'a push message is a day old, and was given up')
      return
    }
    const message = { id, type, position, message: notification.message.slice(0, mostCharacters) }
    const carried = await Promise.all(
      (await listEndpoints(ctx.db, recipient.id)).map(async (subscription) => {
        if (await isHandled(ctx.db, markOf(subscription), event_id)) return null
        return { subscription, failure: await carryTo(ctx, subscription, message, seconds) }
      }),
    )
    const tried = carried.filter((one) => one !== null)
    const failed = tried.filter(({ failure }) => failure !== null)
    if (failed.length === 0) return
    // It is tried again, at those alone that failed.
    for (const { subscription, failure } of tried) {
      if (failure === null) await markHandled(ctx.db, markOf(subscription), event_id)
    }
    // One that says when is asked then, which is no attempt; those that say nothing are tried again as any job is.
    const waits = failed.map(({ failure }) => (failure instanceof PushBusy ? failure.milliseconds : null))
    if (waits.every((one) => one !== null)) throw new Postponed(Math.max(...waits))
    throw new Error('a push service did not take a message', { cause: failed[0]!.failure })
  },
}
