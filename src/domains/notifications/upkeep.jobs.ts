import type { Ctx } from '../../context.ts'
import { beginDigests } from './digest.service.ts'
import { finishFanOuts, tellReleases } from './fan-out.service.ts'
import { pruneNotifications } from './stale.service.ts'

/** Has the mails of the day written that are due. */
export const sendDigests = (ctx: Ctx): Promise<void> => beginDigests(ctx)

/** Tells of what came out, and goes on with what a worker left. */
export async function tellOfReleases(ctx: Ctx): Promise<void> {
  await tellReleases(ctx, null)
  await finishFanOuts(ctx)
}

export const pruneOldNotifications = (ctx: Ctx): Promise<void> => pruneNotifications(ctx)
