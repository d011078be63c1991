import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import { type Base, fromTitles, idIn, type MovieFilters, movieConditions } from './movie-filter.queries.ts'
import type { MovieSort, Order } from './movie-list.schemas.ts'
import type { MovieSummary } from './movie-summary.schemas.ts'

interface SortKey {
  /** Never null, and word for word what an index is on. */
  readonly asc: RawBuilder<unknown>
  readonly desc: RawBuilder<unknown>
  readonly type: RawBuilder<unknown>
  readonly table: Base
}

const both = (expression: RawBuilder<unknown>, type: RawBuilder<unknown>, table: Base): SortKey => ({
  asc: expression,
  desc: expression,
  type,
  table,
})

const sortKeys: Readonly<Record<MovieSort, SortKey>> = {
  release_date: {
    asc: sql`coalesce(m.release_date, make_date(m.release_year, 1, 1), 'infinity'::date)`,
    desc: sql`coalesce(m.release_date, make_date(m.release_year, 1, 1), '-infinity'::date)`,
    type: sql`date`,
    table: 'movies',
  },
  rating: {
    asc: sql`coalesce(s.weighted_rating, 11)`,
    desc: sql`coalesce(s.weighted_rating, 0)`,
    type: sql`numeric`,
    table: 'movie_stats',
  },
  review_count: both(sql`s.review_count`, sql`integer`, 'movie_stats'),
  title: both(sql`m.folded_title`, sql`text`, 'movies'),
  created_at: both(sql`m.created_at`, sql`timestamptz`, 'movies'),
  trending: both(sql`s.trending`, sql`double precision`, 'movie_stats'),
}

export interface MovieListOptions {
  readonly filters: MovieFilters
  readonly sort: MovieSort
  readonly order: Order
  /** How many rows; ask for one more than a page has. */
  readonly rows: number
  /** The sort key and the id of the row to go on after. */
  readonly after?: readonly [key: string | number, id: string]
}

export type ListedMovie = MovieSummary & { readonly sort_key: string | number }

/** The release key is bounded along with the year, so that its index starts and ends where the years do. */
function releaseBounds({ filters, sort, order }: MovieListOptions) {
  if (sort !== 'release_date') return []
  const key = sortKeys.release_date[order]
  return [
    ...(filters.year_min === undefined ? [] : [sql`${key} >= make_date(${filters.year_min}, 1, 1)`]),
    ...(filters.year_max === undefined ? [] : [sql`${key} <= make_date(${filters.year_max}, 12, 31)`]),
  ]
}

/** Titles in order, from a position on; the ids are found first and what is shown of them is fetched for those alone. */
export async function listMovies(db: Db, options: MovieListOptions): Promise<ListedMovie[]> {
  const { filters, sort, order, rows, after } = options
  const { [order]: key, type, table } = sortKeys[sort]
  const id = idIn(table)
  const direction = sql.raw(order)
  const beyond = order === 'asc' ? sql`>` : sql`<`
  const conditions = [
    ...movieConditions(filters, table),
    ...releaseBounds(options),
    ...(after ? [sql`(${key}, ${id}) ${beyond} (${after[0]}::${type}, ${after[1]}::uuid)`] : []),
  ]
  const result = await sql<ListedMovie>`
    /* listMovies */
    select ms.*, null as viewer, page.sort_key
    from (
      select ${id} as id, ${key} as sort_key
      from ${fromTitles(table, filters)}
      where ${sql.join(conditions, sql` and `)}
      order by ${key} ${direction}, ${id} ${direction}
      limit ${rows}
    ) page
    join movie_summaries ms on ms.id = page.id
    order by page.sort_key ${direction}, page.id ${direction}`.execute(db)
  return result.rows
}

export async function countMovies(db: Db, filters: MovieFilters): Promise<number> {
  const result = await sql<{ total: number }>`
    /* countMovies */
    select count(*) as total
    from ${fromTitles('movies', filters)}
    where ${sql.join(movieConditions(filters), sql` and `)}`.execute(db)
  return result.rows[0]!.total
}
