import type { Needs } from '../../context.ts'
import { inTx } from '../../infra/tx.ts'
import { awaitFanOuts, deleteFanOut, forgetFanOut, type Gone, isReleased, pruneFanOuts } from './fan-out.queries.ts'
import { beginFanOut, goOn, tellReleaseOf } from './fan-out.service.ts'
import { withdrawEverywhere } from './group.service.ts'
import { awaitBatch } from './held.queries.ts'
import { settleHeld } from './held.service.ts'
import {
  deleteActor,
  deleteToldActs,
  findReviewState,
  listBefore,
  listByAuthor,
  listGone,
  listOfAnnouncement,
  listOfRelease,
  listOfReview,
  listOfTitle,
  listOld,
  listOwnersAfter,
  listReadLongAgo,
  type Remembered,
  recountUnread,
} from './stale.queries.ts'
import { batch, type TellContext, takeAll, takeAway } from './tell.service.ts'
import { lockCounters } from './write.queries.ts'

const beforeAll = '00000000-0000-0000-0000-000000000000'

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

async function takeOld(ctx: TellContext): Promise<number> {
  let all = 0
  let after = beforeAll
  for (;;) {
    const some = await listOld(ctx.db, after, batch)
    const old = some.filter(({ is_old }) => is_old)
    all += await inTx(ctx, (tx) => takeAway(tx, old))
    if (some.length < batch) return all
    after = some.at(-1)!.id
  }
}

interface LookedThrough {
  readonly cut: number
  readonly gone: number
  readonly repaired: number
}

/**
 * Cuts lists that have become too long, takes away what is unread and not there, and repairs counts.
 * @returns how many were cut off, were not there, and how many counts were wrong
 */
async function lookThroughLists(ctx: TellContext): Promise<LookedThrough> {
  let cut = 0
  let gone = 0
  let repaired = 0
  let after = beforeAll
  for (;;) {
    const owners = await listOwnersAfter(ctx.db, after, batch)
    for (const { user_id, last_kept } of owners) {
      if (last_kept !== null) cut += await takeAll(ctx, (db, most) => listBefore(db, user_id, last_kept, most))
    }
    const ids = owners.map(({ user_id }) => user_id)
    gone += await takeAll(ctx, (db, most) => listGone(db, ids, most))
    repaired += await inTx(ctx, async (tx) => {
      await lockCounters(tx.db, ids)
      return recountUnread(tx.db, ids)
    })
    if (owners.length < batch) return { cut, gone, repaired }
    after = ids.at(-1)!
  }
}

/** Fan-outs of reviews older than anybody is told of. */
const fanOutDays = 60

/**
 * Takes away what is kept long enough: what was read 90 days ago, anything of a year ago, and of each account what is beyond
 * the latest 1,000. Counts are compared with the rows; none should differ.
 */
export async function pruneNotifications(ctx: TellContext & Needs<'log' | 'metrics'>): Promise<void> {
  const read = await takeAll(ctx, listReadLongAgo)
  const old = await takeOld(ctx)
  const { cut, gone, repaired } = await lookThroughLists(ctx)
  while ((await pruneFanOuts(ctx.db, fanOutDays, batch)) === batch) {
    // Some at a time.
  }
  ctx.metrics.counterDrift.inc({ table: 'notification_counters' }, repaired)
  if (repaired > 0) ctx.log.error({ table: 'notification_counters', repaired }, 'counts had drifted, and were repaired')
  if (read + old + cut + gone > 0) ctx.log.info({ read, old, cut, gone }, 'old notifications were deleted')
}
