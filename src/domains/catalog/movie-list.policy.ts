import { type FieldProblem, validationError } from '../../lib/errors.ts'
import type { MovieFilterQuery, MovieSort, Order } from './movie-list.schemas.ts'

const union = <T>(...lists: readonly (readonly T[] | undefined)[]): T[] | undefined => {
  const given = lists.filter((list) => list !== undefined)
  return given.length === 0 ? undefined : [...new Set(given.flat())].sort()
}

/** Drops what is undefined: an absent field and an undefined one are the same query. */
const compact = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T

/** Filters as asked for, in one form: both spellings of the lists joined, `year` as the range that it is. */
export interface AskedFilters {
  readonly genres?: readonly string[]
  readonly languages?: readonly string[]
  readonly year_min?: number
  readonly year_max?: number
  readonly rating_min?: number
  readonly rating_max?: number
  readonly production_state?: string
  readonly director?: string
  readonly has_reviews?: boolean
}

const most = (a: number | undefined, b: number | undefined) =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b)
const least = (a: number | undefined, b: number | undefined) =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b)

function rangeProblems(query: MovieFilterQuery): FieldProblem[] {
  const problems: FieldProblem[] = []
  for (const name of ['year', 'rating'] as const) {
    const [low, high] = [query[`${name}_min`], query[`${name}_max`]]
    if (low !== undefined && high !== undefined && low > high) {
      problems.push({ field: `query.${name}_min`, message: `must not be greater than ${name}_max` })
    }
  }
  return problems
}

/**
 * The filters of a list or a search.
 * @throws AppError 422 when a range has its ends the wrong way round
 */
export function filtersOf(query: MovieFilterQuery): AskedFilters {
  const problems = rangeProblems(query)
  if (problems.length > 0) throw validationError({ details: problems })
  return compact({
    genres: union(query.genre, query['genre[]']),
    languages: union(query.language, query['language[]']),
    year_min: most(query.year, query.year_min),
    year_max: least(query.year, query.year_max),
    rating_min: query.rating_min,
    rating_max: query.rating_max,
    production_state: query.production_state?.normalize('NFC').trim(),
    director: query.director?.normalize('NFC').trim(),
    has_reviews: query.has_reviews,
  } as AskedFilters)
}

/** Names are read from A on, all else from the newest, best, most on. */
export const defaultOrder = (sort: MovieSort): Order => (sort === 'title' ? 'asc' : 'desc')
