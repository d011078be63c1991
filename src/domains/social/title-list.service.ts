import type { Needs } from '../../context.ts'
import { bodyOf, type CachedBody } from '../../infra/cache-body.ts'
import { compileHot } from '../../infra/hot-query.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { type FieldProblem, validationError } from '../../lib/errors.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { type PlannedRows, plannedFor } from '../../lib/page-size.ts'
import { sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { accountNotFound } from './follow.errors.ts'
import { listedTitleNotFound, listPrivate, titleReviewed } from './title-list.errors.ts'
import {
  type FoundTitle,
  getListed,
  type ListFilters,
  listNewestTitles,
  listTitles,
  type NewestForm,
  type NewestOptions,
} from './title-list.queries.ts'
import {
  type ListedTitle,
  type ListQuery,
  TitleList,
  type TitleListName,
  titleListSchemas,
  type UnwatchQuery,
  type WatchedBody,
  WatchedList,
  type WatchedTitle,
} from './title-list.schemas.ts'
import { deleteListed, deleteViewing, hasReviewed, insertListed, insertViewing } from './title-list-write.queries.ts'
import { beforeFilms, futureProblem, tooEarly } from './watching.policy.ts'

const newestIn = (form: NewestForm) =>
  compileHot(`${form.list}_${form.size}${form.paged ? '_after' : ''}`, (db, asked: NewestOptions) =>
    listNewestTitles(db, form, asked),
  )
const newestOf = (list: TitleListName, size: PlannedRows) => ({
  first: newestIn({ list, size, paged: false }),
  after: newestIn({ list, size, paged: true }),
})
const sizesOf = (list: TitleListName) => ({ usual: newestOf(list, 'usual'), most: newestOf(list, 'most') })
const newest = { watchlist: sizesOf('watchlist'), favorites: sizesOf('favorites'), watched: sizesOf('watched') }

const namedSchemas = [...sharedSchemas, ...titleListSchemas]
const stringifyTitles = stringifierOf(TitleList, namedSchemas)
const stringifyWatched = stringifierOf(WatchedList, namedSchemas)

type Simple = Exclude<TitleListName, 'watched'>

/** What a write answers: the row, and whether it is new. */
export interface Kept<T> {
  readonly isNew: boolean
  readonly entry: T
}

/** Puts a title on one's watchlist or among one's favorites; one that is there stays as it is. @throws AppError 404 */
export function addTitle(ctx: Needs<'db'>, actor: Actor, list: Simple, movieId: string): Promise<Kept<ListedTitle>> {
  return inTx(ctx, async (tx) => {
    const added = await insertListed(tx.db, { userId: actor.id, movieId, list })
    if (!added) throw listedTitleNotFound()
    return { isNew: added.is_new, entry: await getListed<ListedTitle>(tx.db, { owner: actor.id, list, movieId }) }
  })
}

/** Takes a title off one's list, if it is there. @throws AppError 404 */
export function removeTitle(ctx: Needs<'db'>, actor: Actor, list: Simple, movieId: string): Promise<void> {
  return inTx(ctx, async (tx) => {
    if (!(await deleteListed(tx.db, { userId: actor.id, movieId, list }))) throw listedTitleNotFound()
  })
}

/** Marks a title as watched, on a day if one is given, and takes it off the watchlist. @throws AppError 404, 422 */
export function watchTitle(
  ctx: Needs<'db'>,
  actor: Actor,
  movieId: string,
  { watched_on, keep_on_watchlist = false }: WatchedBody,
): Promise<Kept<WatchedTitle>> {
  const problem = beforeFilms('body.watched_on', watched_on) ?? futureProblem(watched_on, new Date())
  if (problem) throw problem
  const listing = { userId: actor.id, movieId }
  return inTx(ctx, async (tx) => {
    const marked = await insertListed(tx.db, { ...listing, list: 'watched' }, watched_on)
    if (!marked) throw listedTitleNotFound()
    if (marked.is_too_early) throw tooEarly()
    if (watched_on !== undefined) await insertViewing(tx.db, actor.id, movieId, watched_on)
    if (!keep_on_watchlist) await deleteListed(tx.db, { ...listing, list: 'watchlist' })
    const entry = await getListed<WatchedTitle>(tx.db, { owner: actor.id, list: 'watched', movieId })
    return { isNew: marked.is_new, entry }
  })
}

/** Strikes a day out of the diary, or takes the whole mark away. @throws AppError 404, 409 where it was reviewed, 422 */
export function unwatchTitle(
  ctx: Needs<'db'>,
  actor: Actor,
  movieId: string,
  { watched_on }: UnwatchQuery,
): Promise<void> {
  const problem = beforeFilms('query.watched_on', watched_on)
  if (problem) throw problem
  return inTx(ctx, async (tx) => {
    const found =
      watched_on === undefined
        ? await deleteListed(tx.db, { userId: actor.id, movieId, list: 'watched' })
        : await deleteViewing(tx.db, actor.id, movieId, watched_on)
    if (!found) throw listedTitleNotFound()
    if (watched_on === undefined && (await hasReviewed(tx.db, actor.id, movieId))) throw titleReviewed()
  })
}

/** @throws AppError 422 when a range has its ends the wrong way round */
function filtersOf({ type, genre, language, year_min, year_max, rating_min, rating_max }: ListQuery): ListFilters {
  const problems: FieldProblem[] = []
  if (year_min !== undefined && year_max !== undefined && year_min > year_max) {
    problems.push({ field: 'query.year_min', message: 'must not be greater than year_max' })
  }
  if (rating_min !== undefined && rating_max !== undefined && rating_min > rating_max) {
    problems.push({ field: 'query.rating_min', message: 'must not be greater than rating_max' })
  }
  if (problems.length > 0) throw validationError({ details: problems })
  const filters = { type, genre, language, year_min, year_max, rating_min, rating_max }
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined))
}

interface OwnedList {
  readonly owner: string
  readonly list: TitleListName
}

/** A page of somebody's list, as far as the viewer may look into it. @throws AppError 403, 404, 422 */
export async function browseList<T extends ListedTitle | WatchedTitle>(
  ctx: Needs<'db' | 'hot' | 'config'>,
  viewer: Actor | null,
  { owner, list }: OwnedList,
  query: ListQuery,
) {
  const { sort = 'added_at', limit, cursor, include_total: withTotal } = query
  const order = query.order ?? (sort === 'title' ? 'asc' : 'desc')
  const filters = filtersOf(query)
  const secret = ctx.config.JWT_SECRET
  const scope = `${list}:${owner.toLowerCase()}:${sort}:${order}:${JSON.stringify(filters)}`
  const position = cursor === undefined ? undefined : (decodeCursor(secret, scope, cursor) as [string | number, string])
  const asked = { owner, viewer: viewer?.id ?? null, rows: limit + 1 }
  const size = plannedFor(limit + 1)
  const isPlain = sort === 'added_at' && order === 'desc' && !withTotal && Object.keys(filters).length === 0
  const [key = '', id = ''] = position ?? []
  const found = isPlain
    ? await ctx.hot.run(newest[list][size][position ? 'after' : 'first'], { ...asked, key: String(key), id })
    : await listTitles(ctx.db, {
        ...asked,
        size,
        list,
        filters,
        sort,
        order,
        withTotal,
        ...(position ? { after: position } : {}),
      })
  if (!found[0]?.found) throw accountNotFound()
  if (!found[0].visible) throw listPrivate()
  const titles = found.filter(({ movie }) => movie !== null)
  const cursorOf = (last: FoundTitle): string => encodeCursor(secret, scope, [last.sort_key, last.movie.id])
  const page = toPage(titles, limit, found[0].total, cursorOf)
  return { ...page, data: [...page.data] as unknown as T[] }
}

/** The same as JSON. @throws AppError 403, 404, 422 */
export async function openList(
  ctx: Needs<'db' | 'hot' | 'config'>,
  viewer: Actor | null,
  owned: OwnedList,
  query: ListQuery,
): Promise<CachedBody> {
  const json =
    owned.list === 'watched'
      ? stringifyWatched(await browseList<WatchedTitle>(ctx, viewer, owned, query))
      : stringifyTitles(await browseList<ListedTitle>(ctx, viewer, owned, query))
  return bodyOf(Buffer.from(json))
}
