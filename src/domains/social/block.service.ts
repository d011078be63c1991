import type { Needs } from '../../context.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { countBlocks, deleteBlock, insertBlock, listBlocks } from './block.queries.ts'
import { accountNotFound, selfBlock } from './follow.errors.ts'
import type { UserList, UserListQuery } from './follow.schemas.ts'

type Context = Needs<'db'> & { readonly requestId?: string }

/** Blocks somebody, and ends what follows there are between the two. @throws AppError 404, 409 */
export function blockUser(ctx: Context, actor: Actor, userId: string): Promise<void> {
  return inTx(ctx, async (tx) => {
    const isNew = await insertBlock(tx.db, actor.id, userId)
    if (isNew === undefined) throw accountNotFound()
    if (isNew) await publish(tx, 'user.blocked', { blocker_id: actor.id, blocked_id: userId.toLowerCase() })
  })
}

/** Lets somebody off; follows that the block ended stay ended. @throws AppError 404, 409 */
export function unblockUser(ctx: Context, actor: Actor, userId: string): Promise<void> {
  if (userId.toLowerCase() === actor.id) throw selfBlock()
  return inTx(ctx, async (tx) => {
    if (!(await deleteBlock(tx.db, actor.id, userId))) throw accountNotFound()
  })
}

const scope = 'blocks'

/** A page of those whom one has blocked. */
export async function browseBlocks(
  ctx: Needs<'db' | 'config'>,
  actor: Actor,
  { limit, cursor, include_total: withTotal }: UserListQuery,
): Promise<UserList> {
  const secret = ctx.config.JWT_SECRET
  const after = cursor === undefined ? {} : { after: decodeCursor(secret, scope, cursor) as [string, string] }
  const [rows, total] = await Promise.all([
    listBlocks(ctx.db, { blocker: actor.id, rows: limit + 1, ...after }),
    withTotal ? countBlocks(ctx.db, actor.id) : null,
  ])
  const page = toPage(rows, limit, total, (last) => encodeCursor(secret, scope, [last.since, last.id]))
  return { ...page, data: [...page.data] }
}
