import type { EventPayload } from '../../events.ts'
import type { Handler } from '../../infra/event-handler.ts'
import { isHandled, markHandled } from '../../infra/handled-events.ts'
import { carriedChannels } from './carried.channel.ts'
import { type Channel, parcelOf } from './delivery.service.ts'
import { digestMail } from './digest.service.ts'

type Created = 'notification.created' | 'notification.created_for_many'

/**
 * Carries a notification and then marks the event. What a mail or push server does takes no part in our transactions: a crash
 * between the two carries it again, under the same id.
 */
const carrying = (
  channel: Channel,
  queue: string,
): {
  id: string
  queue: string
  wants: (payload: EventPayload<Created>) => boolean
  handle: Handler<Created>
} => {
  const id = `carry-${channel.name.replace('_', '-')}`
  return {
    id,
    queue,
    // A job that does nothing would be counted against the rate of the queue all the same.
    wants: ({ channels }) => channels.includes(channel.name),
    handle: async (ctx, { id: event_id, payload }) => {
      if (await isHandled(ctx.db, id, event_id)) return
      const parcel = await parcelOf(ctx, channel, event_id, payload)
      if (parcel) await channel.carry(ctx, parcel)
      await markHandled(ctx.db, id, event_id)
    },
  }
}

/** One subscriber for each channel, so that one that fails is tried again alone. */
export const carriers = carriedChannels.map((channel) => carrying(channel, channel.queue))
/** The same for what many are told, which keeps nobody waiting who is told something alone. */
export const carriersToMany = carriedChannels.map((channel) => carrying(channel, channel.queueForMany))

const digest = 'mail-digest'
const handleDigest: Handler<'digest.due'> = async (ctx, { id, payload }) => {
  if (await isHandled(ctx.db, digest, id)) return
  const mail = await digestMail(ctx, payload)
  if (mail) await ctx.mailer.send({ ...mail, id })
  await markHandled(ctx.db, digest, id)
}
export const mailDigest = { id: digest, queue: 'bulk-mail', handle: handleDigest }
