import { sql } from 'kysely'
import { type Db, named, type Tx } from '../../infra/db.ts'
import type { TitleSummary, TitleType } from './search.schemas.ts'
import type { Suggestion } from './suggestion.schemas.ts'

export interface SearchOptions {
  /** [{terms, quiet, year, weight}] */
  readonly readings: string
  readonly phrases: readonly string[]
  readonly excluded: readonly string[]
  readonly type: TitleType | null
  readonly genres: readonly string[] | null
  readonly languages: readonly string[] | null
  readonly year_min: number | null
  readonly year_max: number | null
  readonly rating_min: number | null
  readonly rating_max: number | null
  readonly production_state: string | null
  readonly director: string | null
  readonly has_reviews: boolean | null
  /** Whether anything narrows the search at all. */
  readonly is_filtered: boolean
  /** The words, whose stems are marked in plots. */
  readonly text: string
  readonly most_hits: number
  /** How many rows; ask for one more than a page has. */
  readonly rows: number
  /** The rank and the id of the hit to go on after. */
  readonly after_rank: number | null
  readonly after_id: string | null
}

export type FoundTitle = TitleSummary & {
  readonly rank: number
  readonly matched: Array<{ field: string; value: string | null }>
  /** Matches stand between U+0002 and U+0003. */
  readonly marked: string | null
  /** Not a hit: one of the nearest titles, where nothing was found. */
  readonly is_near: boolean
  readonly total: number
}

/** Hits from the best on, from a position on; where there are none, the nearest titles instead. */
export const listHits = (db: Db, options: SearchOptions) =>
  sql<FoundTitle>`
    with found as materialized (
      select * from search_titles(
        ${options.readings}::jsonb,
        case when ${options.is_filtered}::boolean then search_filter(
          ${options.type}::content_type, ${options.genres}::text[], ${options.languages}::text[], ${options.year_min}::integer,
          ${options.year_max}::integer, ${options.rating_min}::numeric, ${options.rating_max}::numeric,
          ${options.production_state}::text, ${options.director}::text, ${options.has_reviews}::boolean,
          ${options.excluded}::text[]) end,
        ${options.phrases}::text[], ${options.most_hits}::integer)
    ), hits as (
      select count(*) filter (where not is_near) as total from found
    ), page as (
      select f.*, hits.total
      from found f cross join hits
      where f.is_near = (hits.total = 0)
        and (${options.after_rank}::double precision is null
          or (f.rank, f.movie_id) < (${options.after_rank}::double precision, ${options.after_id}::uuid))
      order by f.rank desc, f.movie_id desc
      limit ${options.rows}::integer
    )
    select ms.*, null as viewer, page.rank, page.is_near, page.total,
      search_matched(page.entries, d.entry_kinds, d.entry_values, d.release_year) as matched,
      search_snippet(page.entries, d.entry_values, page.words, m.plot_summary, ${options.text}::text) as marked
    from page
    join movie_summaries ms on ms.id = page.movie_id
    join movies m on m.id = page.movie_id
    join search_documents d on d.movie_id = page.movie_id
    order by page.rank desc, page.movie_id desc`.compile(db)

export interface SuggestionOptions {
  readonly typed: string
  readonly wholeWord: boolean
  readonly type: TitleType | null
  readonly limit: number
}

/** Titles that what has been typed may become, the likeliest first. */
export const listSuggestions = (db: Db, options: SuggestionOptions) =>
  sql<Suggestion>`
    select m.id, m.slug, m.type, m.title, m.release_year, m.poster_url, coalesce(d.entry_values[s.entry], m.title) as matched
    from suggest_titles(
      ${options.typed}::text, ${options.wholeWord}::boolean, ${options.type}::content_type, ${options.limit}::integer
    ) with ordinality s (movie_id, score, entry, place)
    join movies m on m.id = s.movie_id
    join search_documents d on d.movie_id = s.movie_id
    order by s.place`.compile(db)

/** The short forms of titles, in the order of the ids. */
export async function listSummaries(db: Db, ids: readonly string[]): Promise<TitleSummary[]> {
  const result = await sql<TitleSummary>`
    /* listNearestTitles */
    select ms.*, null as viewer
    from unnest(${[...ids]}::uuid[]) with ordinality near (id, place)
    join movie_summaries ms on ms.id = near.id
    order by near.place`.execute(db)
  return result.rows
}

export interface TitleViewerOptions {
  readonly viewer: string
  readonly ids: readonly string[]
}

/** What an account sees of titles beside what everybody does. To be compiled once. */
export const listTitleViewers = (db: Db, { viewer, ids }: TitleViewerOptions) =>
  sql<{ id: string; viewer: object }>`
    select t.id, v.viewer
    from unnest(${ids}::uuid[]) t (id)
    cross join lateral title_viewer(${viewer}::uuid, t.id) v (viewer)`.compile(db)

/** Longest that a refresh of all statistics may take, in milliseconds; the pool's own limit is for requests. */
const refreshTimeout = '600000'

/** @returns whether it was done; false while another session does it */
export async function refreshStatistics(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ free: boolean }>`
    /* lockSearchStatistics */
    select pg_try_advisory_xact_lock(hashtext('refreshSearchStatistics')) as free,
      set_config('statement_timeout', ${refreshTimeout}, true)`.execute(tx)
  if (!rows[0]?.free) return false
  // An editor writes the same rows.
  await sql`/* lockCatalogue */ select pg_advisory_xact_lock(hashtext('catalogue'))`.execute(tx)
  await sql`/* refreshSearchStatistics long */ select search_refresh_statistics()`.execute(tx)
  return true
}

/** A word of so many titles finds its answer among what is kept, and so many words are. */
const commonFrom = 500
const mostCommon = 1_000

/** The words that most titles have, the commonest first. */
export async function listCommonWords(db: Db): Promise<string[]> {
  const count = sql<number>`name_count + person_count + other_count`
  const rows = await db
    .selectFrom('search_words')
    .modifyFront(named('listCommonWords'))
    .select('word')
    .where(count, '>=', commonFrom)
    .orderBy(count, 'desc')
    .orderBy('word')
    .limit(mostCommon)
    .execute()
  return rows.map(({ word }) => word)
}

/** Keeps what each of these words finds as a query. Editors wait meanwhile, so give it a few at a time. */
export async function keepCommonAnswers(tx: Tx, words: readonly string[]): Promise<void> {
  await sql`/* lockCatalogue */ select pg_advisory_xact_lock(hashtext('catalogue'))`.execute(tx)
  await sql`/* keepCommonAnswers */ select search_keep_common(${[...words]}::text[])`.execute(tx)
}

/** Forgets what is kept of words that are common no longer. */
export async function forgetOtherAnswers(db: Db, words: readonly string[]): Promise<void> {
  await sql`/* forgetOtherAnswers */ delete from search_common_words where word <> all (${[...words]}::text[])`.execute(
    db,
  )
}
