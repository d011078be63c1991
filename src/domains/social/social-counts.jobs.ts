import type { Needs } from '../../context.ts'
import { listUserIdsAfter, recountFollows } from './social-counts.queries.ts'

const beforeAll = '00000000-0000-0000-0000-000000000000'

/** Accounts that are locked and recounted at a time. */
const batchSize = 200

/**
 * Compares the counts of follows with the follows, repairs what differs, and says how much did. Nothing should: triggers
 * keep them right in the same transaction.
 */
export async function reconcileFollows(ctx: Needs<'db' | 'log' | 'metrics'>): Promise<void> {
  let repaired = 0
  let after = beforeAll
  for (;;) {
    const ids = await listUserIdsAfter(ctx.db, after, batchSize)
    if (ids.length > 0) repaired += await recountFollows(ctx.db, ids)
    if (ids.length < batchSize) break
    after = ids.at(-1)!
  }
  ctx.metrics.counterDrift.inc({ table: 'user_counts' }, repaired)
  if (repaired > 0)
    ctx.log.error({ table: 'user_counts', repaired }, 'counts had drifted from the rows, and were repaired')
}
