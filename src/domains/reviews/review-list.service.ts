import type { Needs } from '../../context.ts'
import { bodyOf, type CachedBody } from '../../infra/cache-body.ts'
import type { Actor } from '../../lib/actor.ts'
import { decodeCursor, encodeCursor, toPage, wholePage, wrongCursor } from '../../lib/page.ts'
import { oneNameOf, sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { orTitleMoved, requireTitle } from '../catalog/title.service.ts'
import { addTitleViewers } from '../catalog/title-viewer.service.ts'
import { reviewTotalKey, titleReviewsKey, trendingReviewsKey } from './review.cache.ts'
import { authorNotFound } from './review.errors.ts'
import { reviewSchemas } from './review.schemas.ts'
import { reviewFiltersOf } from './review-filter.policy.ts'
import {
  countApproved,
  countHidden,
  countOwnOthers,
  type ListedReview,
  listReviews,
  listTrendingReviews,
  type ReviewFilters,
  seesAccount,
} from './review-list.queries.ts'
import {
  ReviewList,
  type ReviewListQuery,
  type ReviewsOfQuery,
  type TrendingReviewsQuery,
  titleReviewsScope,
} from './review-list.schemas.ts'

type Context = Needs<'db' | 'readDb' | 'hot' | 'cache' | 'config'>

const stringifyReviews = stringifierOf(ReviewList, [...sharedSchemas, ...reviewSchemas])
const bytesOf = (json: string): CachedBody => bodyOf(Buffer.from(json))

/**
 * All reviews of a filter that the caller sees. Those of everybody are counted once a minute, and what a block hides is taken
 * out of them. Those of one account are counted as they are: a count that is late would tell of the block.
 */
async function countSeen(ctx: Context, filters: ReviewFilters, viewer: string | null): Promise<number> {
  const keptCount = () =>
    ctx.cache.remember(reviewTotalKey(JSON.stringify(filters)), () => countApproved(ctx.readDb, filters))
  if (viewer === null) return keptCount()
  const isOfOne = filters.user_id !== undefined
  const [others, own, hidden] = await Promise.all([
    isOfOne ? countApproved(ctx.db, filters, viewer) : keptCount(),
    countOwnOthers(ctx.db, filters, viewer),
    isOfOne ? 0 : countHidden(ctx.db, filters, viewer),
  ])
  return Math.max(0, others + own - hidden)
}

interface Asked {
  readonly filters: ReviewFilters
  readonly scope: string
  readonly viewer: string | null
  readonly query: ReviewsOfQuery
  readonly account?: string
}

/** Who signed in reads from the primary, and so what they just wrote. */
async function pageOf(
  ctx: Context,
  { filters, scope, viewer, query, account }: Asked,
  db = viewer === null ? ctx.readDb : ctx.db,
) {
  const { sort = 'newest', limit, cursor, reveal, include_total: includeTotal } = query
  const secret = ctx.config.JWT_SECRET
  const [key, id, movie] = cursor === undefined ? [] : (decodeCursor(secret, scope, cursor) as (string | number)[])
  const after = key === undefined ? {} : { after: [key, String(id)] as const }
  const of = account === undefined ? {} : { account }
  const rows = await listReviews(db, { filters, sort, viewer, reveal, rows: limit + 1, ...after, ...of })
  // What fits on its first page is counted already, and exactly.
  const isWhole = cursor === undefined && rows.length <= limit
  const count = async (): Promise<number> => (isWhole ? rows.length : countSeen(ctx, filters, viewer))
  const total = includeTotal ? await count() : null
  // A cursor knows whose page it ends, since it goes on under any name of the title.
  if (movie !== undefined && rows[0] !== undefined && rows[0].movie_id !== movie) throw wrongCursor()
  const cursorOf = (last: ListedReview): string =>
    encodeCursor(secret, scope, [last.sort_key, last.id, ...(filters.title ? [last.movie_id] : [])])
  const page = toPage(rows, limit, total, cursorOf)
  return addTitleViewers(ctx, viewer, { ...page, data: [...page.data] })
}

/** Reviews of all titles by all accounts, as JSON. */
export async function browseReviews(ctx: Context, viewer: Actor | null, query: ReviewListQuery): Promise<CachedBody> {
  const { movie_id, user_id } = query
  const filters = {
    ...reviewFiltersOf(query),
    ...(movie_id === undefined ? {} : { title: { id: movie_id.toLowerCase() } }),
    ...(user_id === undefined ? {} : { user_id: user_id.toLowerCase() }),
  }
  const scope = `reviews:${query.sort}:${JSON.stringify(filters)}`
  return bytesOf(stringifyReviews(await pageOf(ctx, { filters, scope, viewer: viewer?.id ?? null, query })))
}

const isFirstPage = ({ limit, cursor, reveal, include_total }: ReviewsOfQuery, filters: object): boolean =>
  limit === 20 && cursor === undefined && !reveal && !include_total && Object.keys(filters).length === 0

/** The reviews of a title as JSON, or where its former slug leads. First pages as anybody sees them are kept. */
export async function browseTitleReviews(
  ctx: Context,
  viewer: Actor | null,
  type: 'movie' | 'series',
  idOrSlug: string,
  query: ReviewsOfQuery,
): Promise<CachedBody | { readonly movedTo: string }> {
  const title = { type, name: oneNameOf(idOrSlug) }
  const { sort = 'newest' } = query
  const asked = reviewFiltersOf(query)
  const filters = { ...asked, title }
  const scope = titleReviewsScope(sort, asked)
  const write = async (db?: Context['db']): Promise<string> => {
    const page = await pageOf(ctx, { filters, scope, viewer: viewer?.id ?? null, query }, db)
    if (page.data.length === 0) await requireTitle(ctx, type, title.name)
    return stringifyReviews(page)
  }
  // What is forgotten when it changes must never be loaded from a replica, which may lag.
  const found =
    viewer === null && isFirstPage(query, asked)
      ? ctx.cache.rememberBody(titleReviewsKey(title, sort), () => write(ctx.db))
      : write().then(bytesOf)
  return orTitleMoved(ctx, type, title.name, found)
}

/** The reviews by an account, as JSON. */
export async function browseAuthorReviews(
  ctx: Context,
  viewer: Actor | null,
  userId: string,
  query: ReviewsOfQuery,
): Promise<CachedBody> {
  const filters = { ...reviewFiltersOf(query), user_id: userId.toLowerCase() }
  const scope = `reviews:${query.sort}:${JSON.stringify(filters)}`
  const page = await pageOf(ctx, { filters, scope, viewer: viewer?.id ?? null, query, account: userId })
  if (page.data.length === 0 && !(await seesAccount(ctx.db, userId, viewer?.id ?? null))) throw authorNotFound()
  return bytesOf(stringifyReviews(page))
}

/** The hottest reviews of a window, as JSON, on one page. */
export async function browseTrendingReviews(
  ctx: Context,
  viewer: Actor | null,
  { window, limit, reveal }: TrendingReviewsQuery,
): Promise<CachedBody> {
  const read = async (viewerId: string | null): Promise<string> =>
    stringifyReviews(
      await addTitleViewers(
        ctx,
        viewerId,
        wholePage(await listTrendingReviews(ctx.db, { window, limit, reveal, viewer: viewerId }), limit),
      ),
    )
  if (viewer !== null) return bytesOf(await read(viewer.id))
  return ctx.cache.rememberBody(trendingReviewsKey(window, limit, reveal), () => read(null))
}
