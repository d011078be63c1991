import type { Needs } from '../../context.ts'
import { bodyOf, type CachedBody } from '../../infra/cache-body.ts'
import { compileHot } from '../../infra/hot-query.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { type PlannedRows, plannedFor } from '../../lib/page-size.ts'
import { sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { accountNotFound, selfFollow } from './follow.errors.ts'
import {
  deleteFollow,
  type FollowSide,
  getFollow,
  insertFollow,
  listFollows,
  type UserListForm,
  type UserListOptions,
} from './follow.queries.ts'
import { type Follow, followSchemas, UserList, type UserListQuery } from './follow.schemas.ts'

const listIn = (form: UserListForm) => {
  const name = `${form.side}_${form.size}${form.paged ? '_after' : ''}${form.counted ? '_counted' : ''}`
  return compileHot(name, (db, asked: UserListOptions) => listFollows(db, form, asked))
}
const listsOf = (side: FollowSide, size: PlannedRows, counted: boolean) => ({
  first: listIn({ side, size, counted, paged: false }),
  after: listIn({ side, size, counted, paged: true }),
})
const sizesOf = (side: FollowSide, counted: boolean) => ({
  usual: listsOf(side, 'usual', counted),
  most: listsOf(side, 'most', counted),
})
const statements = {
  followers: { bare: sizesOf('followers', false), counted: sizesOf('followers', true) },
  following: { bare: sizesOf('following', false), counted: sizesOf('following', true) },
}

const stringifyUsers = stringifierOf(UserList, [...sharedSchemas, ...followSchemas])

type Context = Needs<'db'> & { readonly requestId?: string }

/** Follows somebody; who follows them already goes on doing so. @throws AppError 404, 409 */
export function followUser(ctx: Context, actor: Actor, userId: string): Promise<Follow> {
  return inTx(ctx, async (tx) => {
    const isNew = await insertFollow(tx.db, actor.id, userId)
    if (isNew === undefined) throw accountNotFound()
    if (isNew) await publish(tx, 'user.followed', { follower_id: actor.id, followee_id: userId.toLowerCase() })
    return getFollow(tx.db, actor.id, userId)
  })
}

/** Stops following somebody, if one does. @throws AppError 404, 409 */
export function unfollowUser(ctx: Context, actor: Actor, userId: string): Promise<void> {
  if (userId.toLowerCase() === actor.id) throw selfFollow()
  return inTx(ctx, async (tx) => {
    const ended = await deleteFollow(tx.db, actor.id, userId)
    if (ended === undefined) throw accountNotFound()
    if (ended) await publish(tx, 'user.unfollowed', { follower_id: actor.id, followee_id: userId.toLowerCase() })
  })
}

/** A page of an account's followers, or of those whom it follows, as JSON. @throws AppError 404 */
export async function browseFollows(
  ctx: Needs<'hot' | 'config'>,
  viewer: Actor | null,
  side: FollowSide,
  userId: string,
  { limit, cursor, include_total: withTotal }: UserListQuery,
): Promise<CachedBody> {
  const secret = ctx.config.JWT_SECRET
  const scope = `${side}:${userId.toLowerCase()}`
  const [since = '', id = ''] = cursor === undefined ? [] : (decodeCursor(secret, scope, cursor) as string[])
  const pages = statements[side][withTotal ? 'counted' : 'bare'][plannedFor(limit + 1)]
  const options = { userId, viewer: viewer?.id ?? null, rows: limit + 1, since, id }
  const found = await ctx.hot.run(cursor === undefined ? pages.first : pages.after, options)
  if (!found[0]?.found) throw accountNotFound()
  const users = found.filter((user) => user.id !== null)
  const page = toPage(users, limit, found[0].total, (last) => encodeCursor(secret, scope, [last.since, last.id]))
  return bodyOf(Buffer.from(stringifyUsers({ ...page, data: [...page.data] })))
}
