import type { Needs } from '../../context.ts'
import { sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { similarKey } from './movie.cache.ts'
import { titleNotFound } from './movie.errors.ts'
import { findMovieId } from './movie.queries.ts'
import { orMoved } from './movie.service.ts'
import { MovieList } from './movie-list.schemas.ts'
import { type ContentType, summarySchemas } from './movie-summary.schemas.ts'
import { listSimilar } from './similar.queries.ts'

const stringifyList = stringifierOf(MovieList, [...sharedSchemas, ...summarySchemas])

/** Titles like one, the most alike first, as JSON. One page is all there is. */
export const browseSimilar = (ctx: Needs<'readDb' | 'cache'>, type: ContentType, idOrSlug: string, limit: number) =>
  orMoved(
    ctx,
    type,
    idOrSlug,
    ctx.cache.rememberBody(similarKey(type, idOrSlug, limit), async () => {
      const id = await findMovieId(ctx.readDb, type, idOrSlug)
      if (id === undefined) throw titleNotFound()
      const data = await listSimilar(ctx.readDb, id, limit)
      return stringifyList({ data, page: { limit, next_cursor: null, total: null } })
    }),
  )
