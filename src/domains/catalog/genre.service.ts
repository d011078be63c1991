import type { Needs } from '../../context.ts'
import type { CachedBody } from '../../infra/cache.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { genrePageKey, genresKey, languagesKey } from './genre.cache.ts'
import { listGenres, listLanguages } from './genre.queries.ts'
import { GenreList, genreSchemas, LanguageList, type WholeListQuery } from './genre.schemas.ts'

type Context = Needs<'readDb' | 'cache' | 'config'>

const stringifyGenres = stringifierOf(GenreList, [...sharedSchemas, ...genreSchemas])
const stringifyLanguages = stringifierOf(LanguageList, [...sharedSchemas, ...genreSchemas])

const allGenres = (ctx: Needs<'readDb' | 'cache'>) => ctx.cache.remember(genresKey, () => listGenres(ctx.readDb))
const allLanguages = (ctx: Needs<'readDb' | 'cache'>) =>
  ctx.cache.remember(languagesKey, () => listLanguages(ctx.readDb))

/** Where a list goes on after a name, which may be gone from it by now. */
function startAfter(rows: readonly { readonly name: string }[], last: string): number {
  const start = rows.findIndex(({ name }) => name > last)
  return start === -1 ? rows.length : start
}

/** A page of a list that is in memory, which is in the order of its names. */
function pageIn<T extends { name: string }>(
  ctx: Needs<'config'>,
  scope: string,
  rows: readonly T[],
  { limit, cursor, include_total: includeTotal }: WholeListQuery,
) {
  const secret = ctx.config.JWT_SECRET
  const [after] = cursor === undefined ? [] : decodeCursor(secret, scope, cursor)
  const start = after === undefined ? 0 : startAfter(rows, String(after))
  const cursorOf = ({ name }: T): string => encodeCursor(secret, scope, [name])
  const { data, page } = toPage(
    rows.slice(start, start + limit + 1),
    limit,
    includeTotal ? rows.length : null,
    cursorOf,
  )
  return { data: [...data], page }
}

const pageIdOf = ({ limit, cursor = '', include_total }: WholeListQuery) => `${limit}:${include_total}:${cursor}`

/** Genres with their counts, by name, as JSON. */
export const browseGenres = (ctx: Context, query: WholeListQuery): Promise<CachedBody> =>
  ctx.cache.rememberBody(genrePageKey('genres', pageIdOf(query)), async () =>
    stringifyGenres(pageIn(ctx, 'genres', await allGenres(ctx), query)),
  )

/** Languages with their counts, by name, as JSON. */
export const browseLanguages = (ctx: Context, query: WholeListQuery): Promise<CachedBody> =>
  ctx.cache.rememberBody(genrePageKey('languages', pageIdOf(query)), async () =>
    stringifyLanguages(pageIn(ctx, 'languages', await allLanguages(ctx), query)),
  )

/** Ids of the genres of these slugs; a slug that is none's has no id. */
export async function genreIds(ctx: Needs<'readDb' | 'cache'>, slugs: readonly string[]): Promise<number[]> {
  const genres = await allGenres(ctx)
  return genres.filter(({ slug }) => slugs.includes(slug)).map(({ id }) => id)
}

/** The closed lists of the database, for clients' menus. */
export async function closedLists(ctx: Needs<'readDb' | 'cache'>) {
  const [genres, languages] = await Promise.all([allGenres(ctx), allLanguages(ctx)])
  return {
    genres: genres.map(({ slug, name }) => ({ slug, name })),
    languages: languages.map(({ code, name }) => ({ code, name })),
  }
}
