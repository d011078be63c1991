import type { Needs } from '../../context.ts'
import type { Actor } from '../../lib/actor.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { type FeedRow, listFeed, listFeedReviews } from './feed.queries.ts'
import { type Activity, type ActivityType, activityTypes, type Feed, type FeedQuery } from './feed.schemas.ts'

/** The types asked for, each once in one order; null for all. */
function typesOf(types: readonly string[] | undefined): ActivityType[] | null {
  if (types === undefined) return null
  const asked = new Set(types.flatMap((several) => several.split(',')))
  return asked.size === activityTypes.length ? null : activityTypes.filter((type) => asked.has(type))
}

/** Rows with the reviews that they are of; what was deleted since the rows were read is left out. */
async function withReviews(ctx: Needs<'db'>, viewer: string, rows: readonly FeedRow[]): Promise<Activity[]> {
  const ids = rows.flatMap(({ review_id }) => review_id ?? [])
  const reviews = ids.length === 0 ? [] : await listFeedReviews(ctx.db, viewer, ids)
  const byId = new Map(
    reviews.map(({ title_viewer, ...review }) => [
      review.id,
      { ...review, movie: { ...review.movie, viewer: title_viewer } },
    ]),
  )
  return rows.flatMap(({ review_id, ...row }) => {
    const review = review_id === null ? null : byId.get(review_id)
    return review === undefined ? [] : [{ ...row, review } as Activity]
  })
}

/** A page of what those whom one follows did, newest first. */
export async function browseFeed(
  ctx: Needs<'db' | 'config'>,
  actor: Actor,
  { types, limit, cursor }: FeedQuery,
): Promise<Feed> {
  const asked = typesOf(types)
  const secret = ctx.config.JWT_SECRET
  const scope = `feed:${actor.id}:${asked?.join() ?? ''}`
  const after = cursor === undefined ? {} : { after: decodeCursor(secret, scope, cursor) as [string, string] }
  const rows = await listFeed(ctx.db, { viewer: actor.id, types: asked, rows: limit + 1, ...after })
  const { data, page } = toPage(rows, limit, null, (last) => encodeCursor(secret, scope, [last.created_at, last.id]))
  return { data: await withReviews(ctx, actor.id, data), page }
}
