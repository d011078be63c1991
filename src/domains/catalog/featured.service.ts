import type { Needs } from '../../context.ts'
import type { CachedBody } from '../../infra/cache.ts'
import { inTx } from '../../infra/tx.ts'
import { invalidField } from '../../lib/errors.ts'
import { sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { deleteFeatured, listFeatured, upsertFeatured } from './featured.queries.ts'
import type { Featured, FeaturedBody } from './featured.schemas.ts'
import { featuredKey } from './movie.cache.ts'
import { titleNotFound } from './movie.errors.ts'
import { findMovieId } from './movie.queries.ts'
import { MovieList } from './movie-list.schemas.ts'
import { type ContentType, summarySchemas } from './movie-summary.schemas.ts'

const stringifyList = stringifierOf(MovieList, [...sharedSchemas, ...summarySchemas])

/** What editors put on the front page, in their order, as JSON. One whose time is up may stay for as long as it is cached. */
export const browseFeatured = (ctx: Needs<'readDb' | 'cache'>, type: ContentType, limit: number): Promise<CachedBody> =>
  ctx.cache.rememberBody(featuredKey(type, limit), async () => {
    const data = await listFeatured(ctx.readDb, type, limit)
    return stringifyList({ data, page: { limit, next_cursor: null, total: null } })
  })

/** @throws AppError 422 unless the time is one to come */
function endOf(until: string | null | undefined): string | null {
  if (until === null || until === undefined) return null
  const time = new Date(until).getTime()
  if (Number.isNaN(time) || time <= Date.now()) throw invalidField('body.until', 'must be in the future')
  return new Date(time).toISOString()
}

export function featureMovie(
  ctx: Needs<'db' | 'cache'>,
  type: ContentType,
  id: string,
  { position, until }: FeaturedBody,
): Promise<Featured> {
  const end = endOf(until)
  return inTx(ctx, async (tx) => {
    if (!(await findMovieId(tx.db, type, id))) throw titleNotFound()
    const featured = await upsertFeatured(tx.db, id, position, end)
    tx.afterCommit(() => ctx.cache.forgetFamilies('featured'))
    return featured
  })
}

/** Takes a title off the front page; one that isn't on it is none the worse for it. */
export function unfeatureMovie(ctx: Needs<'db' | 'cache'>, type: ContentType, id: string): Promise<void> {
  return inTx(ctx, async (tx) => {
    if (!(await findMovieId(tx.db, type, id))) throw titleNotFound()
    await deleteFeatured(tx.db, id)
    tx.afterCommit(() => ctx.cache.forgetFamilies('featured'))
  })
}
