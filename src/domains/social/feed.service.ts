import type { Needs } from '../../context.ts'
import { compileHot } from '../../infra/hot-query.ts'
import { runPrepared } from '../../infra/prepared.ts'
import type { Actor } from '../../lib/actor.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { type PlannedRows, plannedFor } from '../../lib/page-size.ts'
import { type FeedForm, type FeedOptions, type FeedReview, listFeed } from './feed.queries.ts'
import { type Activity, type ActivityType, activityTypes, type Feed, type FeedQuery } from './feed.schemas.ts'

const feedIn = (form: FeedForm) =>
  compileHot(`feed_${form.size}${form.typed ? '_typed' : ''}${form.paged ? '_after' : ''}`, (db, asked: FeedOptions) =>
    listFeed(db, form, asked),
  )
const feedsOf = (size: PlannedRows) => ({
  all: { first: feedIn({ size, typed: false, paged: false }), after: feedIn({ size, typed: false, paged: true }) },
  typed: { first: feedIn({ size, typed: true, paged: false }), after: feedIn({ size, typed: true, paged: true }) },
})
const statements = { usual: feedsOf('usual'), most: feedsOf('most') }

/** The types asked for, each once in one order; null for all. */
function typesOf(types: readonly string[] | undefined): ActivityType[] | null {
  if (types === undefined) return null
  const asked = new Set(types.flatMap((several) => several.split(',')))
  return asked.size === activityTypes.length ? null : activityTypes.filter((type) => asked.has(type))
}

/** A moment as it stands in JSON of Postgres → as all of ours. */
const asTimestamp = (moment: string): string => moment.replace(/\+00:00$/, 'Z')

function shownReview(found: FeedReview | null): Activity['review'] {
  if (found === null) return null
  const { title_viewer, ...review } = found
  return {
    ...review,
    movie: { ...review.movie, viewer: title_viewer as Activity['movies'][number]['viewer'] },
    created_at: asTimestamp(review.created_at),
    updated_at: asTimestamp(review.updated_at),
  }
}

/** A page of what those whom one follows did, newest first. */
export async function browseFeed(
  ctx: Needs<'pool' | 'metrics' | 'config'>,
  actor: Actor,
  { types, limit, cursor }: FeedQuery,
): Promise<Feed> {
  const asked = typesOf(types)
  const secret = ctx.config.JWT_SECRET
  const scope = `feed:${actor.id}:${asked?.join() ?? ''}`
  const [after_at = '', after_id = ''] = cursor === undefined ? [] : (decodeCursor(secret, scope, cursor) as string[])
  const sized = statements[plannedFor(limit + 1)][asked ? 'typed' : 'all']
  const options = { viewer: actor.id, types: asked ?? [], rows: limit + 1, after_at, after_id }
  const rows = await runPrepared(ctx, cursor === undefined ? sized.first : sized.after, options)
  const { data, page } = toPage(rows, limit, null, (last) => encodeCursor(secret, scope, [last.created_at, last.id]))
  // Left out here and not by the statement, or a page that lacks one would be taken for the last.
  const seen = data.filter(({ review_id, review }) => review_id === null || review !== null)
  return { data: seen.map(({ review_id, ...row }) => ({ ...row, review: shownReview(row.review) })), page }
}
