import type { Ctx } from '../../context.ts'
import { beginDigests } from './digest.service.ts'
import { finishFanOuts, tellReleases } from './fan-out.service.ts'
import { mendHeld } from './held.service.ts'
import { pruneNotifications } from './keeping.service.ts'

/** Has the mails of the day written that are due. */
export const sendDigests = (ctx: Ctx): Promise<void> => beginDigests(ctx)

/** @returns what went wrong, if anything did */
const settle = (work: () => Promise<void>): Promise<{ readonly error: unknown } | null> =>
  work().then(
    () => null,
    (error: unknown) => ({ error }),
  )

/** Tells of what came out, and goes on with what a worker left. */
export async function tellOfReleases(ctx: Ctx): Promise<void> {
  // Neither waits for the other to go well.
  const outcomes = [await settle(() => tellReleases(ctx)), await settle(() => finishFanOuts(ctx))]
  for (const outcome of outcomes) if (outcome) throw outcome.error
}

/** Sets right what is held without reason. */
export const mendHeldNotifications = (ctx: Ctx): Promise<void> => mendHeld(ctx)

export const pruneOldNotifications = (ctx: Ctx): Promise<void> => pruneNotifications(ctx)
