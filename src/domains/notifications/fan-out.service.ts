import type { Needs } from '../../context.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import { listAudience } from './audience.queries.ts'
import {
  deleteFanOut,
  type FanOut,
  type FanOutKind,
  insertFanOut,
  listUnfinishedFanOuts,
  lockFanOut,
  moveFanOut,
} from './fan-out.queries.ts'
import type { NotificationType } from './notification.schemas.ts'
import { listReleased } from './release.queries.ts'
import { type TellContext, tell } from './tell.service.ts'

/** Accounts that one transaction tells: a fraction of a second, so that nobody waits long for their counters. */
export const fanOutBatch = 1_000

/** Behind whom one begins that walks accounts by their ids. */
const nobodyYet = '00000000-0000-0000-0000-000000000000'

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
  const isEmpty = audience?.readers.length === 0 && mark.after_id === nobodyYet
  if (!audience || (fanOut.kind === 'release' && isEmpty)) {
    // There is nothing to tell any more, or nobody. Should there be again, it is told then.
    await deleteFanOut(tx.db, fanOut)
    return false
  }
  const { about, readers } = audience
  const userIds = readers.map(({ user_id }) => user_id)
  const data = fanOut.kind === 'announcement' ? { data: { notice: 'announcement' } } : {}
  const told =
    userIds.length > 0
      ? await tell(tx, types[fanOut.kind], userIds, { ...about, ...data }, 'notification.created_for_many')
      : []
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

type UpkeepContext = TellContext & Needs<'log'>

/** One that fails, whyever, keeps no other from its turn; it is tried again the next time. @returns whether it went well */
async function attempted(ctx: UpkeepContext, fanOut: FanOut, work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    ctx.log.error({ err: error, ...fanOut }, 'not everybody could be told: it is tried again soon')
    return false
  }
}

/** Goes on with what was begun and left: by a worker that died, or whose job did. */
export async function finishFanOuts(ctx: UpkeepContext): Promise<void> {
  for (const fanOut of await listUnfinishedFanOuts(ctx.db, mostAtOnce)) {
    await attempted(ctx, fanOut, () => goOn(ctx, fanOut))
  }
}

async function tellRelease(ctx: TellContext, fanOut: FanOut): Promise<void> {
  await inTx(ctx, (tx) => beginFanOut(tx, fanOut))
  await goOn(ctx, fanOut)
}

/** Tells of a title, if it came out, whoever had it on their watchlist: once. */
export async function tellReleaseOf(ctx: TellContext, movieId: string): Promise<void> {
  const [subject_id] = await listReleased(ctx.db, movieId, 1)
  if (subject_id !== undefined) await tellRelease(ctx, { kind: 'release', subject_id })
}

/** The same for all that came out and nobody was told of yet. */
export async function tellReleases(ctx: UpkeepContext): Promise<void> {
  let few = mostAtOnce
  while (few === mostAtOnce) {
    few = 0
    for (const subject_id of await listReleased(ctx.db, null, mostAtOnce)) {
      const fanOut = { kind: 'release', subject_id } as const
      // Those that cannot even be begun would be listed for ever.
      if (await attempted(ctx, fanOut, () => tellRelease(ctx, fanOut))) few += 1
    }
  }
}
