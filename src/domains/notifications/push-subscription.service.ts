import type { Needs } from '../../context.ts'
import { inTx } from '../../infra/tx.ts'
import { isBrowserKey, isPushService } from '../../infra/web-push.ts'
import type { Actor } from '../../lib/actor.ts'
import { invalidField, unauthorized } from '../../lib/errors.ts'
import { wholePage } from '../../lib/page.ts'
import { pushIsOff, subscriptionNotFound } from './notification.errors.ts'
import { deleteSubscription, listSubscriptions, upsertSubscription } from './push-subscription.queries.ts'
import {
  mostSubscriptions,
  type NewPushSubscription,
  type PushKey,
  type PushSubscription,
} from './push-subscription.schemas.ts'

/** What browsers subscribe with. @throws AppError 404 where Web Push is not set up */
export function pushKey({ config }: Needs<'config'>): PushKey {
  if (!config.VAPID_PUBLIC_KEY) throw pushIsOff()
  return { public_key: config.VAPID_PUBLIC_KEY }
}

/** Has a browser told from now on, for as long as the session lasts. @throws AppError 401 when the session ends meanwhile, 404 where Web Push is not set up, 422 for a service or a key that is none */
export async function subscribe(
  ctx: Needs<'db' | 'config'>,
  actor: Actor,
  input: NewPushSubscription,
): Promise<{ readonly isNew: boolean; readonly subscription: PushSubscription }> {
  pushKey(ctx)
  // We send requests there, so it is nowhere that a caller could choose.
  if (!isPushService(ctx.config, input.endpoint)) {
    throw invalidField('body.endpoint', 'is not at a push service that we know')
  }
  if (!isBrowserKey(input.keys.p256dh)) throw invalidField('body.keys.p256dh', 'must be a point of P-256')
  const kept = await inTx(ctx, (tx) => upsertSubscription(tx.db, actor.id, actor.sessionId ?? null, input))
  if (!kept) throw unauthorized()
  const { is_new: isNew, ...subscription } = kept
  return { isNew, subscription }
}

/** The browsers that somebody is told on. */
export const browseSubscriptions = async (ctx: Needs<'db'>, actor: Actor) =>
  wholePage(await listSubscriptions(ctx.db, actor.id), mostSubscriptions)

/** @throws AppError 404 */
export async function endSubscription(ctx: Needs<'db'>, actor: Actor, id: string): Promise<void> {
  if (!(await deleteSubscription(ctx.db, actor.id, id))) throw subscriptionNotFound()
}
