import { inTx } from '../../infra/tx.ts'
import { awaitFanOuts, deleteFanOut, forgetFanOut, type Gone } from './fan-out.queries.ts'
import { beginFanOut, goOn, tellReleaseOf } from './fan-out.service.ts'
import { withdrawEverywhere } from './group.service.ts'
import { awaitBatch } from './held.queries.ts'
import { settleHeld } from './held.service.ts'
import { isReleased } from './release.queries.ts'
import {
  deleteActor,
  deleteToldActs,
  listByAuthor,
  listOfAnnouncement,
  listOfRelease,
  listOfReview,
  listOfTitle,
  type Remembered,
} from './stale.queries.ts'
import { findReviewState } from './subject.queries.ts'
import { batch, type TellContext, takeAll } from './tell.service.ts'

async function forgetToldActs(ctx: TellContext, gone: Remembered): Promise<void> {
  while ((await deleteToldActs(ctx.db, gone, batch)) === batch) {
    // Some at a time.
  }
}

/**
 * Brings what was told of a review to how it stands: its author's followers are told of one that everybody may read; of one
 * that nobody may, what was told is taken away; while a moderator is to decide, it is held. So events of it may come in any order.
 */
export async function settleReview(ctx: TellContext, reviewId: string): Promise<void> {
  const fanOut = { kind: 'review', subject_id: reviewId } as const
  const state = await findReviewState(ctx.db, reviewId)
  if (state?.is_shown) {
    await settleHeld(ctx, reviewId, 'approved')
    if (state.is_recent) await inTx(ctx, (tx) => beginFanOut(tx, fanOut))
    await goOn(ctx, fanOut)
    return
  }
  if (state?.is_waiting) {
    await inTx(ctx, (tx) => awaitBatch(tx.db, reviewId))
    await settleHeld(ctx, reviewId, 'pending')
    return
  }
  // Whoever is telling finishes the batch at hand first, and finds nothing to go on with.
  await inTx(ctx, (tx) => deleteFanOut(tx.db, fanOut))
  await takeAll(ctx, (db, most) => listOfReview(db, reviewId, most))
  if (!state) await forgetToldActs(ctx, { review_id: reviewId })
}

/**
 * Brings what was told of a title's release to when that is: who waited for it is told of one that is out; of one that is
 * not, after all, what was told is taken away, so that it is told on its day.
 */
export async function settleRelease(ctx: TellContext, movieId: string): Promise<void> {
  if (await isReleased(ctx.db, movieId)) return tellReleaseOf(ctx, movieId)
  await inTx(ctx, (tx) => forgetFanOut(tx.db, { kind: 'release', subject_id: movieId }))
  await takeAll(ctx, (db, most) => listOfRelease(db, movieId, most))
}

/** Takes away what was told of what is gone, that of a batch which is being told included; then lets the telling go on. */
async function forget(ctx: TellContext, gone: Gone, takeAway: () => Promise<unknown>): Promise<void> {
  const fanOuts = await inTx(ctx, (tx) => awaitFanOuts(tx.db, gone))
  await takeAway()
  for (const fanOut of fanOuts) await goOn(ctx, fanOut)
}

/** Takes away what was told of a title that is gone, and of its reviews. */
export const forgetTitle = (ctx: TellContext, movieId: string): Promise<void> =>
  forget(ctx, { movie_id: movieId }, async () => {
    await takeAll(ctx, (db, most) => listOfTitle(db, movieId, most))
    await forgetToldActs(ctx, { movie_id: movieId })
  })

/**
 * Takes an account that is suspended, erased or blocked out of what was told: to one reader, or to all. One that is in
 * sight again by now is left alone: events may come late.
 */
export const forgetActor = (ctx: TellContext, actorId: string, reader: string | null = null): Promise<void> =>
  forget(ctx, { author_id: actorId }, async () => {
    await withdrawEverywhere(ctx, actorId, reader)
    await takeAll(ctx, (db, most) => listByAuthor(db, actorId, reader, most))
    await forgetToldActs(ctx, { account: actorId })
    while ((await deleteActor(ctx.db, actorId, batch)) === batch) {
      // Some at a time.
    }
  })

/** Takes away what was told of an announcement that was called off; who is telling it finishes the batch at hand first. */
export async function forgetAnnouncement(ctx: TellContext, id: string): Promise<void> {
  await inTx(ctx, (tx) => forgetFanOut(tx.db, { kind: 'announcement', subject_id: id }))
  await takeAll(ctx, (db, most) => listOfAnnouncement(db, id, most))
}
