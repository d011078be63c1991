import type { Needs } from '../../context.ts'
import { announce } from '../../infra/live-signal.ts'
import { inTx } from '../../infra/tx.ts'
import {
  holdNotifications,
  listHeldOfGone,
  listHeldWithoutReason,
  listToSettle,
  releaseNotifications,
} from './held.queries.ts'
import { batch, type TellContext, takeAll } from './tell.service.ts'
import { lockCounters } from './write.queries.ts'

/**
 * Takes what was told of a review out of the counts while it waits for a moderator, or puts it back, some at a time.
 * @returns how many
 */
export async function settleHeld(ctx: TellContext, reviewId: string, status: 'pending' | 'approved'): Promise<number> {
  let all = 0
  for (;;) {
    const few = await inTx(ctx, async (tx) => {
      const some = await listToSettle(tx.db, reviewId, status, batch)
      if (some.length === 0) return 0
      await lockCounters(tx.db, [...new Set(some.map(({ user_id }) => user_id))])
      const settle = status === 'pending' ? holdNotifications : releaseNotifications
      announce(
        tx,
        await settle(
          tx.db,
          some.map(({ id }) => id),
        ),
      )
      return some.length
    })
    all += few
    if (few < batch) return all
  }
}

/** Reviews that are looked after in one go. */
const mostAtOnce = 100

/**
 * Sets right what is held though no moderator is to decide, since the job that should have followed the decision died:
 * puts back what was told of reviews that everybody may read, takes away the rest. Nobody is told anything anew by it.
 */
export async function mendHeld(ctx: TellContext & Needs<'log'>): Promise<void> {
  let [released, taken] = [0, 0]
  for (const reviewId of await listHeldWithoutReason(ctx.db, mostAtOnce)) {
    try {
      // First, since of a review in nobody's name nothing is put back, though it be approved.
      taken += await takeAll(ctx, (db, most) => listHeldOfGone(db, reviewId, most))
      released += await settleHeld(ctx, reviewId, 'approved')
    } catch (error) {
      // One that fails, whyever, keeps no other from its turn.
      ctx.log.error({ err: error, review: reviewId }, 'what is held without reason could not be set right')
    }
  }
  if (released + taken > 0) ctx.log.warn({ released, taken }, 'notifications were held without reason, and set right')
}
