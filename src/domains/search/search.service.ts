import type { Needs } from '../../context.ts'
import { bodyOf, type CachedBody } from '../../infra/cache-body.ts'
import { compileHot } from '../../infra/hot-query.ts'
import { runPrepared } from '../../infra/prepared.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { showToViewer, titlesIn } from '../../lib/title-viewers.ts'
import { searchKey, suggestionsKey } from './search.cache.ts'
import { piecesOf, type SearchQuery as ReadQuery, searchQueryOf } from './search.policy.ts'
import {
  type FoundTitle,
  listHits,
  listSuggestions,
  listSummaries,
  listTitleViewers,
  type SearchOptions,
  type SuggestionOptions,
  type TitleViewerOptions,
} from './search.queries.ts'
import {
  mostHits,
  type SearchQuery,
  SearchResults,
  searchSchemas,
  type TitleSummary,
  type TitleType,
} from './search.schemas.ts'
import { type SearchFilters, searchFiltersOf } from './search-filter.policy.ts'
import { SuggestionList, type SuggestionQuery, suggestionSchemas } from './suggestion.schemas.ts'

type Finding = Needs<'db' | 'hot' | 'pool' | 'metrics'>
type Context = Finding & Needs<'cache' | 'config'>

const schemas = [...sharedSchemas, ...searchSchemas, ...suggestionSchemas]
const stringifyResults = stringifierOf(SearchResults, schemas)
const stringifySuggestions = stringifierOf(SuggestionList, schemas)

// Planning it takes Postgres about as long as running it.
const hits = compileHot('searchTitles', (db, options: SearchOptions) => listHits(db, options))
const suggestions = compileHot('suggestTitles', (db, options: SuggestionOptions) => listSuggestions(db, options))

const searchViewers = compileHot('searchViewers', (db, options: TitleViewerOptions) => listTitleViewers(db, options))

const nearestCount = 5

const hitOf = ({ marked, is_near, total, ...hit }: FoundTitle) => ({
  ...hit,
  rank: Math.round(hit.rank * 1e6) / 1e6,
  snippet: marked === null ? [] : piecesOf(marked),
})

/** Where not even the words say which titles may be meant, those that begin alike. */
async function nearest(ctx: Needs<'db' | 'hot'>, typed: string, type: TitleType | null): Promise<TitleSummary[]> {
  const begun = { typed: typed.slice(0, 3), wholeWord: false, type, limit: nearestCount }
  const found = await ctx.hot.run(suggestions, begun)
  return found.length === 0
    ? []
    : listSummaries(
        ctx.db,
        found.map(({ id }) => id),
      )
}

interface Found {
  readonly rows: readonly FoundTitle[]
  readonly nearest: readonly TitleSummary[]
  readonly total: number
}

interface Asked {
  readonly query: ReadQuery
  readonly filters: SearchFilters
  readonly limit: number
  readonly after: readonly [number, string] | null
}

const typeAlone = (type: TitleType | null): SearchFilters => searchFiltersOf(type, {})

async function findTitles(ctx: Finding, { query, filters, limit, after }: Asked): Promise<Found> {
  const [reading] = query.readings
  if (!reading) return { rows: [], nearest: [], total: 0 }
  const text = reading.terms.join(' ')
  const rows = await runPrepared(ctx, hits, {
    ...filters,
    is_filtered: query.excluded.length > 0 || Object.values(filters).some((value) => value !== null),
    readings: JSON.stringify(query.readings),
    phrases: query.phrases,
    excluded: query.excluded,
    text,
    most_hits: mostHits,
    rows: limit + 1,
    after_rank: after?.[0] ?? null,
    after_id: after?.[1] ?? null,
  })
  if (rows.length > 0 && !rows[0]!.is_near) return { rows, nearest: [], total: rows[0]!.total }
  if (after) return { rows: [], nearest: [], total: 0 }
  if (rows.length > 0) return { rows: [], nearest: rows.slice(0, nearestCount), total: 0 }
  // What the filters leave has none of the words: it may be the filters that are wrong.
  const isNarrowed = Object.entries(filters).some(([name, value]) => name !== 'type' && value !== null)
  if (!isNarrowed) {
    // What merely begins alike may be what was excluded.
    const alike = query.excluded.length > 0 ? [] : await nearest(ctx, text, filters.type)
    return { rows: [], nearest: alike, total: 0 }
  }
  const anywhere = await findTitles(ctx, { query, filters: typeAlone(filters.type), limit: nearestCount, after })
  const found = anywhere.rows.length > 0 ? anywhere.rows : anywhere.nearest
  return { rows: [], nearest: found.slice(0, nearestCount), total: 0 }
}

/** What is kept for everybody, as the account that asks sees it. */
async function seenBy(ctx: Context, viewer: string, { json }: CachedBody): Promise<CachedBody> {
  const answer = JSON.parse(json.toString())
  const titles = titlesIn(answer)
  if (titles.size > 0) showToViewer(titles, await ctx.hot.run(searchViewers, { viewer, ids: [...titles.keys()] }))
  return bodyOf(Buffer.from(stringifyResults(answer)))
}

/**
 * A page of the titles that a query finds, of one type or (null) of both, as JSON: best first, by any filter.
 * @param viewer the account that asks, if one does
 */
export async function searchTitles(
  ctx: Context,
  type: TitleType | null,
  input: SearchQuery,
  viewer: string | null = null,
): Promise<CachedBody> {
  const filters = searchFiltersOf(type, input)
  const query = searchQueryOf(input.q)
  const { limit, cursor, include_total: includeTotal } = input
  const scope = `search:${JSON.stringify([query, filters])}`
  const secret = ctx.config.JWT_SECRET
  // A bad cursor is refused whether or not the page is in the cache.
  const after = cursor === undefined ? null : (decodeCursor(secret, scope, cursor) as [number, string])
  const kept = await ctx.cache.rememberBody(
    searchKey(`${scope}:${limit}:${includeTotal}:${cursor ?? ''}`),
    async () => {
      const found = await findTitles(ctx, { query, filters, limit, after })
      const total = includeTotal ? found.total : null
      const { data, page } = toPage(found.rows, limit, total, (last) =>
        encodeCursor(secret, scope, [last.rank, last.id]),
      )
      return stringifyResults({ data: data.map(hitOf), page, did_you_mean: found.nearest } as Parameters<
        typeof stringifyResults
      >[0])
    },
  )
  return viewer === null ? kept : seenBy(ctx, viewer, kept)
}

/** Titles that what has been typed may become, as JSON; a blank at its end says that its last word is finished. */
export async function suggestTitles(
  ctx: Needs<'hot' | 'cache'>,
  type: TitleType | null,
  { q, limit }: SuggestionQuery,
): Promise<CachedBody> {
  // Postgres refuses NUL, and the other control characters are no words.
  const typed = q.replace(/\p{Cc}/gu, ' ')
  const options = { typed: typed.trim(), wholeWord: /\s$/.test(typed), type, limit }
  return ctx.cache.rememberBody(suggestionsKey(JSON.stringify(options)), async () => {
    const data = options.typed === '' ? [] : await ctx.hot.run(suggestions, options)
    return stringifySuggestions({ data, page: { limit, next_cursor: null, total: null } })
  })
}
