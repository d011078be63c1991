import type { Needs } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { addTitleViewers } from '../catalog/title-viewer.service.ts'
import { countQueue, listQueue } from './queue.queries.ts'
import type { QueueQuery } from './queue.schemas.ts'

/** What waits for moderators. */
export async function browseQueue(ctx: Needs<'db' | 'hot' | 'config'>, actor: Actor, query: QueueQuery) {
  const { why, movie_id: movieId, language, sort = 'oldest', limit, cursor, include_total: includeTotal } = query
  const filters = { ...(why ? { why } : {}), ...(movieId ? { movieId } : {}), ...(language ? { language } : {}) }
  const secret = ctx.config.JWT_SECRET
  const scope = `queue:${JSON.stringify(filters)}:${sort}`
  const after =
    cursor === undefined ? undefined : (decodeCursor(secret, scope, cursor) as unknown as [string | number, string])
  const [found, total] = await Promise.all([
    listQueue(ctx.db, { filters, sort, rows: limit + 1, moderatorId: actor.id, ...(after ? { after } : {}) }),
    includeTotal ? countQueue(ctx.db, filters) : null,
  ])
  const page = toPage(found, limit, total, (last) => encodeCursor(secret, scope, [last.sort_key, last.content_id]))
  return addTitleViewers(ctx, actor.id, { ...page, data: page.data.map(({ sort_key, ...item }) => item) })
}
