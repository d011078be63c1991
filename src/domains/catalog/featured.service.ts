import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import type { CachedBody } from '../../infra/cache.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Client } from '../../lib/client.ts'
import { invalidField } from '../../lib/errors.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { countFeatured, deleteFeatured, listFeatured, listFeaturedEnds, upsertFeatured } from './featured.queries.ts'
import type { Featured, FeaturedBody } from './featured.schemas.ts'
import { featuredEndsKey, featuredFamilies, featuredKey } from './movie.cache.ts'
import { titleNotFound } from './movie.errors.ts'
import { findMovieId } from './movie.queries.ts'
import type { PagedQuery } from './movie-list.schemas.ts'
import { writeMovieList } from './movie-list.service.ts'
import type { ContentType } from './movie-summary.schemas.ts'
import { bodyForViewer } from './title-viewer.service.ts'

/** What editors put on the front page, in their order and until its time is up, as JSON. */
export async function browseFeatured(
  ctx: Needs<'db' | 'hot' | 'cache' | 'config'>,
  type: ContentType,
  { limit, cursor, include_total: includeTotal }: PagedQuery,
  viewer: string | null = null,
): Promise<CachedBody> {
  const scope = `featured:${type}`
  const secret = ctx.config.JWT_SECRET
  // A bad cursor is refused whether or not the page is in the cache.
  const after = cursor === undefined ? {} : { after: decodeCursor(secret, scope, cursor) as [number, string] }
  const at = new Date().toISOString()
  const ends = await ctx.cache.remember(featuredEndsKey(type), () => listFeaturedEnds(ctx.db, type))
  const end = ends.find((time) => Date.parse(time) > Date.parse(at))
  const kept = ctx.cache.rememberBody(featuredKey(type, `${limit}:${includeTotal}:${cursor ?? ''}`, end), async () => {
    const [rows, total] = await Promise.all([
      listFeatured(ctx.db, type, { rows: limit + 1, at, ...after }),
      includeTotal ? countFeatured(ctx.db, type, at) : null,
    ])
    const page = toPage(rows, limit, total, ({ position, id }) => encodeCursor(secret, scope, [position, id]))
    return writeMovieList({ ...page, data: [...page.data] })
  })
  return bodyForViewer(ctx, viewer, kept, writeMovieList)
}

/** @throws AppError 422 unless the time is one to come */
function endOf(until: string | null | undefined): string | null {
  if (until === null || until === undefined) return null
  const time = new Date(until).getTime()
  if (Number.isNaN(time) || time <= Date.now()) throw invalidField('body.until', 'must be in the future')
  return new Date(time).toISOString()
}

type Context = Needs<'db' | 'cache'> & { readonly requestId?: string; readonly client?: Client }

interface FeaturedTitle {
  readonly type: ContentType
  readonly id: string
}

export function featureMovie(
  ctx: Context,
  actor: Actor,
  { type, id }: FeaturedTitle,
  { position, until }: FeaturedBody,
): Promise<Featured> {
  const end = endOf(until)
  return inTx(ctx, async (tx) => {
    if (!(await findMovieId(tx.db, type, id))) throw titleNotFound()
    const featured = await upsertFeatured(tx.db, id, position, end)
    const details = { position, until: end }
    await recordAudit(tx, { action: 'title.featured', actorId: actor.id, targetId: id, details })
    tx.afterCommit(() => ctx.cache.forgetFamilies(...featuredFamilies))
    return featured
  })
}

/** Takes a title off the front page; one that isn't on it is none the worse for it. */
export function unfeatureMovie(ctx: Context, actor: Actor, { type, id }: FeaturedTitle): Promise<void> {
  return inTx(ctx, async (tx) => {
    if (!(await findMovieId(tx.db, type, id))) throw titleNotFound()
    await deleteFeatured(tx.db, id)
    await recordAudit(tx, { action: 'title.unfeatured', actorId: actor.id, targetId: id })
    tx.afterCommit(() => ctx.cache.forgetFamilies(...featuredFamilies))
  })
}
