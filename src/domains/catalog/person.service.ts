import type { Needs } from '../../context.ts'
import { decodeCursor, encodeCursor, toPage, wrongCursor } from '../../lib/page.ts'
import { oneNameOf, sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { type Found, orMoved } from './moved.service.ts'
import { personNotFound } from './movie.errors.ts'
import { summarySchemas } from './movie-summary.schemas.ts'
import { personKey } from './person.cache.ts'
import { findPerson, findPersonSlugAfter } from './person.queries.ts'
import { Person, type PersonQuery, personSchemas } from './person.schemas.ts'
import { foundForViewer } from './title-viewer.service.ts'

type Context = Needs<'db' | 'hot' | 'cache' | 'config'>

const scope = 'person'

const stringifyPerson = stringifierOf(Person, [...sharedSchemas, ...summarySchemas, ...personSchemas])

/**
 * A person with a page of their titles as JSON, or where a former slug leads. A cursor knows whose it is, so that it goes
 * on under any of the person's names.
 */
export function openPerson(
  ctx: Context,
  idOrSlug: string,
  { limit, cursor, include_total: includeTotal }: PersonQuery,
  viewer: string | null = null,
): Promise<Found> {
  const name = oneNameOf(idOrSlug)
  const secret = ctx.config.JWT_SECRET
  const [key, id, owner] = cursor === undefined ? [] : (decodeCursor(secret, scope, cursor) as string[])
  const after = key !== undefined && id !== undefined ? { after: [key, id] as const } : {}
  const found = ctx.cache.rememberBody(personKey(name, `${limit}:${includeTotal}:${cursor ?? ''}`), async () => {
    const person = await findPerson(ctx.db, { idOrSlug: name, rows: limit + 1, ...after })
    if (!person) throw personNotFound()
    if (cursor !== undefined && owner !== person.id) throw wrongCursor()
    const { films, ...rest } = person
    const { data, page } = toPage(films, limit, includeTotal ? person.title_count : null, (last) =>
      encodeCursor(secret, scope, [last.sort_key, last.movie.id, person.id]),
    )
    return stringifyPerson({ ...rest, filmography: { data: [...data], page } })
  })
  const kept = orMoved(name, found, (former) => findPersonSlugAfter(ctx.db, former))
  return foundForViewer(ctx, viewer, kept, stringifyPerson)
}
