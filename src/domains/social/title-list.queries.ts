import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import { type PlannedRows, plannedRows } from '../../lib/page-size.ts'
import type { ListedTitle, ListSort, TitleListName, WatchedTitle } from './title-list.schemas.ts'

/** What narrows a list; an absent field narrows nothing, an empty one of several matches nothing. */
export interface ListFilters {
  readonly type?: 'movie' | 'series'
  readonly genre?: readonly string[]
  readonly language?: readonly string[]
  readonly year_min?: number
  readonly year_max?: number
  readonly rating_min?: number
  readonly rating_max?: number
}

function conditionsOf(filters: ListFilters): RawBuilder<SqlBool>[] {
  const { type, genre, language, year_min, year_max, rating_min, rating_max } = filters
  const conditions: RawBuilder<SqlBool>[] = []
  if (type) conditions.push(sql`m.type = ${type}::content_type`)
  if (genre) {
    conditions.push(sql`exists (
      select from movie_genres mg join genres g on g.id = mg.genre_id
      where mg.movie_id = l.movie_id and g.slug = any (${[...genre]}::text[]))`)
  }
  if (language) {
    conditions.push(sql`exists (
      select from movie_languages ml where ml.movie_id = l.movie_id and ml.language = any (${[...language]}::text[]))`)
  }
  if (year_min !== undefined) conditions.push(sql`m.release_year >= ${year_min}`)
  if (year_max !== undefined) conditions.push(sql`m.release_year <= ${year_max}`)
  if (rating_min !== undefined) conditions.push(sql`s.lemon_pie_rating >= ${rating_min}`)
  if (rating_max !== undefined) conditions.push(sql`s.lemon_pie_rating <= ${rating_max}`)
  return conditions
}

const lastWatched = sql`(select max(v.watched_on) from viewings v where v.user_id = l.user_id and v.movie_id = l.movie_id)`

/** Never null, so that a row comparison can page by it: what has no value comes last both ways. */
const sortKeys: Readonly<
  Record<
    ListSort,
    { readonly type: RawBuilder<unknown>; readonly asc: RawBuilder<unknown>; readonly desc: RawBuilder<unknown> }
  >
> = {
  added_at: { type: sql`timestamptz`, asc: sql`l.added_at`, desc: sql`l.added_at` },
  release_date: {
    type: sql`date`,
    asc: sql`coalesce(m.release_date, make_date(m.release_year, 1, 1), 'infinity'::date)`,
    desc: sql`coalesce(m.release_date, make_date(m.release_year, 1, 1), '-infinity'::date)`,
  },
  title: { type: sql`text`, asc: sql`m.folded_title`, desc: sql`m.folded_title` },
  rating: { type: sql`numeric`, asc: sql`coalesce(s.weighted_rating, 11)`, desc: sql`coalesce(s.weighted_rating, 0)` },
  watched_on: {
    type: sql`date`,
    asc: sql`coalesce(${lastWatched}, 'infinity'::date)`,
    desc: sql`coalesce(${lastWatched}, '-infinity'::date)`,
  },
}

/** What a list shows of a row of `list_titles l`: watched ones with their diary. */
const shownOf = (list: TitleListName, viewer: string | null) => sql`
  (
    select row_to_json(shown)
    from (
      select ms.*, v.viewer
      from movie_summaries ms
      cross join lateral title_viewer(${viewer}::uuid, ms.id) v (viewer)
      where ms.id = l.movie_id
    ) shown
  ) as movie,
  l.added_at${
    list === 'watched'
      ? sql`,
  diary.dates[1] as watched_on, coalesce(diary.dates, '{}') as dates, greatest(1, diary.times) as times`
      : sql``
  }`

const diaryOf = (list: TitleListName) =>
  list === 'watched'
    ? sql`left join lateral (
      select (array_agg(v.watched_on order by v.watched_on desc))[1:50] as dates, count(*) as times
      from viewings v where v.user_id = l.user_id and v.movie_id = l.movie_id
    ) diary on true`
    : sql``

export interface TitleListOptions {
  readonly owner: string
  readonly list: TitleListName
  readonly viewer: string | null
  readonly filters: ListFilters
  readonly sort: ListSort
  readonly order: 'asc' | 'desc'
  /** How many rows; ask for one more than a page has. */
  readonly rows: number
  /** What the statement is planned for. */
  readonly size: PlannedRows
  /** The sort key and the id of the row to go on after. */
  readonly after?: readonly [key: string | number, id: string]
  readonly withTotal: boolean
}

/** Whether a list may be looked into, and a row of it; the row is null where that is all there is to tell. */
export type FoundTitle = {
  readonly found: boolean
  readonly visible: boolean
  readonly total: number | null
  readonly movie: ListedTitle['movie'] | null
  readonly sort_key: string | number
} & (ListedTitle | WatchedTitle)

/** A page of somebody's list, in one statement with whether the viewer may see it. */
function titlesPage(options: TitleListOptions) {
  const { owner, list, viewer, filters, sort, order, rows, size, after, withTotal } = options
  const { type, [order]: key } = sortKeys[sort]
  const direction = sql.raw(order)
  const titles = sql`list_titles l
      join movies m on m.id = l.movie_id
      join movie_stats s on s.movie_id = l.movie_id`
  const conditions = [sql`l.user_id = ${owner}::uuid and l.list = ${list}::title_list`, ...conditionsOf(filters)]
  const beyond = after
    ? [sql`(${key}, l.movie_id) ${sql.raw(order === 'asc' ? '>' : '<')} (${after[0]}::${type}, ${after[1]}::uuid)`]
    : []
  const total = withTotal
    ? sql`(select count(*) from ${titles} where ${sql.join(conditions, sql` and `)})`
    : sql`null::bigint`
  return sql<FoundTitle>`
    select access.found, access.visible, case when access.visible then ${total} end as total, l.sort_key, ${shownOf(list, viewer)}
    from (
      select found, found and can_see_list(${viewer}::uuid, ${owner}::uuid, ${list}::title_list) as visible
      from (select sees_user(${viewer}::uuid, ${owner}::uuid) as found) account
    ) access
    left join lateral (
      select l.user_id, l.movie_id, l.added_at, ${key} as sort_key
      from ${titles}
      where ${sql.join([...conditions, ...beyond], sql` and `)}
      order by ${key} ${direction}, l.movie_id ${direction}
      limit ${sql.lit(plannedRows[size])}
    ) l on access.visible
    ${diaryOf(list)}
    order by l.sort_key ${direction}, l.movie_id ${direction}
    limit ${rows}`
}

/** A page of a list by any filter, in any order. */
export const listTitles = async (db: Db, options: TitleListOptions): Promise<FoundTitle[]> =>
  (await sql<FoundTitle>`/* listTitles */ ${titlesPage(options)}`.execute(db)).rows

/** Which of the statements it is; each is prepared. */
export interface NewestForm {
  readonly list: TitleListName
  /** Whether it goes on after a row. */
  readonly paged: boolean
  readonly size: PlannedRows
}

export interface NewestOptions {
  readonly owner: string
  readonly viewer: string | null
  readonly rows: number
  readonly key: string
  readonly id: string
}

/** A page of a whole list, what came last first: what nearly everybody asks for. To be compiled once for each form. */
export function listNewestTitles(db: Db, { list, paged, size }: NewestForm, asked: NewestOptions) {
  const { owner, viewer, rows } = asked
  const after = paged ? { after: [asked.key, asked.id] as const } : {}
  const whole = { filters: {}, sort: 'added_at', order: 'desc', withTotal: false } as const
  return titlesPage({ ...whole, owner, list, viewer, rows, size, ...after }).compile(db)
}

/** One row of one's own list. */
export async function getListed<T extends ListedTitle | WatchedTitle>(
  db: Db,
  { owner, list, movieId }: { readonly owner: string; readonly list: TitleListName; readonly movieId: string },
): Promise<T> {
  const { rows } = await sql<T>`
    ${sql.raw(list === 'watched' ? '/* getWatched prepared */' : '/* getListed prepared */')}
    select ${shownOf(list, owner)}
    from list_titles l
    ${diaryOf(list)}
    where l.user_id = ${owner}::uuid and l.movie_id = ${movieId}::uuid and l.list = ${list}::title_list`.execute(db)
  return rows[0]!
}
