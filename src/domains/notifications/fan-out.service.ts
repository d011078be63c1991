import type { Needs } from '../../context.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import {
  type FanOut,
  type FanOutKind,
  insertFanOut,
  listAudience,
  listReleased,
  listUnfinishedFanOuts,
  lockFanOut,
  moveFanOut,
} from './fan-out.queries.ts'
import type { NotificationType } from './notification.schemas.ts'
import { type TellContext, tell } from './tell.service.ts'

/** Accounts that one transaction tells: a fraction of a second, so that nobody waits long for their counters. */
export const fanOutBatch = 1_000

const types: Readonly<Record<FanOutKind, NotificationType>> = {
  review: 'followed_user_review',
  release: 'watchlist_release',
  announcement: 'system',
}

/** Begins to tell everybody whom something is for; `goOn` does it. What has begun already is left alone. */
export const beginFanOut = (tx: TxCtx<Needs<'db'>>, fanOut: FanOut): Promise<void> => insertFanOut(tx.db, fanOut)

/** @returns whether there may be more to do */
async function tellSome(tx: TxCtx<TellContext>, fanOut: FanOut, most: number): Promise<boolean> {
  const mark = await lockFanOut(tx.db, fanOut)
  if (!mark) return false
  const audience = await listAudience(tx.db, fanOut, mark, most)
  const readers = audience?.readers ?? []
  const userIds = readers.map(({ user_id }) => user_id)
  const data = fanOut.kind === 'announcement' ? { data: { notice: 'announcement' } } : {}
  const told =
    audience && userIds.length > 0 ? await tell(tx, types[fanOut.kind], userIds, { ...audience.about, ...data }) : []
  const last = readers.length < most ? undefined : readers.at(-1)
  await moveFanOut(tx.db, fanOut, told.length, last ? { after_at: last.after_at, after_id: last.user_id } : null)
  return last !== undefined
}

/**
 * Tells everybody whom something is for, some at a time, each time in a transaction of its own that also moves the mark. It
 * ends where it is complete, was called off, or somebody else is at it.
 */
export async function goOn(ctx: TellContext, fanOut: FanOut, most: number = fanOutBatch): Promise<void> {
  while (await inTx(ctx, (tx) => tellSome(tx, fanOut, most))) {
    // Each turn is a transaction.
  }
}

/** Fan-outs that are taken up in one go. */
const mostAtOnce = 100

/** Goes on with what was begun and left: by a worker that died, or whose job did. */
export async function finishFanOuts(ctx: TellContext): Promise<void> {
  for (const fanOut of await listUnfinishedFanOuts(ctx.db, mostAtOnce)) await goOn(ctx, fanOut)
}

/** Tells of titles that came out, or of the one, whoever had them on their watchlist: once for each title. */
export async function tellReleases(ctx: TellContext, movieId: string | null): Promise<void> {
  let few = mostAtOnce
  while (few === mostAtOnce) {
    const released = await listReleased(ctx.db, movieId, mostAtOnce)
    few = released.length
    for (const subject_id of released) {
      const fanOut = { kind: 'release', subject_id } as const
      await inTx(ctx, (tx) => beginFanOut(tx, fanOut))
      await goOn(ctx, fanOut)
    }
  }
}
