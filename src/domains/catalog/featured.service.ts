import type { Needs } from '../../context.ts'
import type { CachedBody } from '../../infra/cache.ts'
import { inTx } from '../../infra/tx.ts'
import { invalidField } from '../../lib/errors.ts'
import { wholePage } from '../../lib/page.ts'
import { deleteFeatured, listFeatured, listFeaturedEnds, upsertFeatured } from './featured.queries.ts'
import type { Featured, FeaturedBody } from './featured.schemas.ts'
import { featuredEndsKey, featuredFamilies, featuredKey } from './movie.cache.ts'
import { titleNotFound } from './movie.errors.ts'
import { findMovieId } from './movie.queries.ts'
import { writeMovieList } from './movie-list.service.ts'
import type { ContentType } from './movie-summary.schemas.ts'
import { bodyForViewer } from './title-viewer.service.ts'

/** What editors put on the front page, in their order and until its time is up, as JSON. */
export async function browseFeatured(
  ctx: Needs<'db' | 'hot' | 'cache'>,
  type: ContentType,
  limit: number,
  viewer: string | null = null,
): Promise<CachedBody> {
  const at = new Date().toISOString()
  const ends = await ctx.cache.remember(featuredEndsKey(type), () => listFeaturedEnds(ctx.db, type))
  const end = ends.find((time) => Date.parse(time) > Date.parse(at))
  const kept = ctx.cache.rememberBody(featuredKey(type, limit, end), async () =>
    writeMovieList(wholePage(await listFeatured(ctx.db, type, { limit, at }), limit)),
  )
  return bodyForViewer(ctx, viewer, kept, writeMovieList)
}

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
    tx.afterCommit(() => ctx.cache.forgetFamilies(...featuredFamilies))
    return featured
  })
}

/** Takes a title off the front page; one that isn't on it is none the worse for it. */
export function unfeatureMovie(ctx: Needs<'db' | 'cache'>, type: ContentType, id: string): Promise<void> {
  return inTx(ctx, async (tx) => {
    if (!(await findMovieId(tx.db, type, id))) throw titleNotFound()
    await deleteFeatured(tx.db, id)
    tx.afterCommit(() => ctx.cache.forgetFamilies(...featuredFamilies))
  })
}
