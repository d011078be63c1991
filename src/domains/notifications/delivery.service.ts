import type { EventPayload } from '../../events.ts'
import type { JobCtx } from '../../infra/event-handler.ts'
import { findDelivery, type Recipient } from './delivery.queries.ts'
import type { NotificationView } from './notification.schemas.ts'
import { viewOf } from './notification-read.service.ts'
import type { Carried } from './write.queries.ts'

/** A notification on its way to somebody. */
export interface Parcel {
  /** The same however often it is carried. */
  readonly event_id: string
  readonly recipient: Recipient
  readonly notification: NotificationView
}

/** A way to be told elsewhere than here. */
export interface Channel extends Carried {
  readonly queue: string
  /** Where what many are told waits. */
  readonly queueForMany: string
  /** Carries it. When it throws, it is asked again later; it may be asked again after it has, too. */
  readonly carry: (ctx: JobCtx, parcel: Parcel) => Promise<void>
}

/** What is to be carried, as its reader may see it now; null when it was read, is not there any more, or not wanted. */
export async function parcelOf(
  ctx: JobCtx,
  channel: Channel,
  event_id: string,
  { notification_id, user_id }: EventPayload<'notification.created'>,
): Promise<Parcel | null> {
  const found = await findDelivery(ctx.db, notification_id, user_id, channel.name)
  const row = found?.notifications[0]
  return found && row ? { event_id, recipient: found.recipient, notification: viewOf(row) } : null
}
