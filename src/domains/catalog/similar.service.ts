import type { Needs } from '../../context.ts'
import { wholePage } from '../../lib/page.ts'
import { oneNameOf } from '../../lib/schemas.ts'
import { orMoved } from './moved.service.ts'
import { similarKey } from './movie.cache.ts'
import { titleNotFound } from './movie.errors.ts'
import { findMovieId, findSlugAfter } from './movie.queries.ts'
import { writeMovieList } from './movie-list.service.ts'
import type { ContentType } from './movie-summary.schemas.ts'
import { listSimilar } from './similar.queries.ts'
import { foundForViewer } from './title-viewer.service.ts'

/** Titles like one, the most alike first, as JSON. One page is all there is. */
export function browseSimilar(
  ctx: Needs<'db' | 'hot' | 'cache'>,
  type: ContentType,
  idOrSlug: string,
  limit: number,
  viewer: string | null = null,
) {
  const name = oneNameOf(idOrSlug)
  const found = ctx.cache.rememberBody(similarKey(type, name, limit), async () => {
    const id = await findMovieId(ctx.db, type, name)
    if (id === undefined) throw titleNotFound()
    return writeMovieList(wholePage(await listSimilar(ctx.db, id, limit), limit))
  })
  const kept = orMoved(name, found, (former) => findSlugAfter(ctx.db, type, former))
  return foundForViewer(ctx, viewer, kept, writeMovieList)
}
