import type { Needs } from '../../context.ts'
import type { CachedBody } from '../../infra/cache.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { isUuid, sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { personNotFound } from './movie.errors.ts'
import { isNotFound } from './movie-list.policy.ts'
import { summarySchemas } from './movie-summary.schemas.ts'
import { personKey } from './person.cache.ts'
import { findPerson, findPersonSlugAfter } from './person.queries.ts'
import { Person, type PersonQuery, personSchemas } from './person.schemas.ts'

type Context = Needs<'readDb' | 'cache' | 'config'>

const stringifyPerson = stringifierOf(Person, [...sharedSchemas, ...summarySchemas, ...personSchemas])

function loadPerson(ctx: Context, idOrSlug: string, { limit, cursor }: PersonQuery): Promise<CachedBody> {
  const secret = ctx.config.JWT_SECRET
  const scope = `person:${idOrSlug}`
  const after = cursor === undefined ? undefined : (decodeCursor(secret, scope, cursor) as [string, string])
  return ctx.cache.rememberBody(personKey(idOrSlug, limit, cursor ?? ''), async () => {
    const found = await findPerson(ctx.readDb, { idOrSlug, rows: limit + 1, ...(after ? { after } : {}) })
    if (!found) throw personNotFound()
    const { films, ...person } = found
    const { data, page } = toPage(films, limit, null, (last) =>
      encodeCursor(secret, scope, [last.sort_key, last.movie.id]),
    )
    return stringifyPerson({ ...person, filmography: { data: [...data], page } })
  })
}

/** A person with a page of their titles as JSON, or where a former slug leads. */
export async function openPerson(ctx: Context, idOrSlug: string, query: PersonQuery) {
  try {
    return await loadPerson(ctx, idOrSlug, query)
  } catch (error) {
    const movedTo = isNotFound(error) && !isUuid(idOrSlug) ? await findPersonSlugAfter(ctx.readDb, idOrSlug) : undefined
    if (movedTo === undefined) throw error
    return { movedTo }
  }
}
