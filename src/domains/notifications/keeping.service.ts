import type { Needs } from '../../context.ts'
import { inTx } from '../../infra/tx.ts'
import { pruneFanOuts } from './fan-out.queries.ts'
import { listBefore, listGone, listOld, listOwnersAfter, listReadLongAgo, recountUnread } from './keeping.queries.ts'
import { batch, type TellContext, takeAll, takeAway } from './tell.service.ts'
import { lockCounters } from './write.queries.ts'

const beforeAll = '00000000-0000-0000-0000-000000000000'

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
