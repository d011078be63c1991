import { type FieldProblem, validationError } from '../../lib/errors.ts'
import type { MovieFilterQuery } from '../catalog/movie-list.schemas.ts'
import type { ContentType } from '../catalog/movie-summary.schemas.ts'

/** What narrows a search; null narrows nothing. */
export interface SearchFilters {
  readonly type: ContentType | null
  readonly genres: readonly string[] | null
  readonly languages: readonly string[] | null
  readonly year_min: number | null
  readonly year_max: number | null
  readonly rating_min: number | null
  readonly rating_max: number | null
  readonly production_state: string | null
  readonly director: string | null
  readonly has_reviews: boolean | null
}

const union = (...lists: readonly (readonly string[] | undefined)[]): string[] | null => {
  const given = lists.filter((list) => list !== undefined)
  return given.length === 0 ? null : [...new Set(given.flat())].sort()
}

function rangeProblems(query: MovieFilterQuery): FieldProblem[] {
  return (['year', 'rating'] as const).flatMap((name) => {
    const [low, high] = [query[`${name}_min`], query[`${name}_max`]]
    return low !== undefined && high !== undefined && low > high
      ? [{ field: `query.${name}_min`, message: `must not be greater than ${name}_max` }]
      : []
  })
}

const present = (...values: readonly (number | undefined)[]): number[] => values.filter((value) => value !== undefined)

/** Postgres takes no NUL, which no name has anyway. */
const clean = (text: string | undefined): string | null => text?.replaceAll('\0', '').normalize('NFC').trim() ?? null

/**
 * The filters of a search in one form.
 * @throws AppError 422 when a range has its ends the wrong way round
 */
export function searchFiltersOf(type: ContentType | null, query: MovieFilterQuery): SearchFilters {
  const problems = rangeProblems(query)
  if (problems.length > 0) throw validationError({ details: problems })
  const from = present(query.year, query.year_min)
  const to = present(query.year, query.year_max)
  return {
    type,
    genres: union(query.genre, query['genre[]']),
    languages: union(query.language, query['language[]']),
    year_min: from.length > 0 ? Math.max(...from) : null,
    year_max: to.length > 0 ? Math.min(...to) : null,
    rating_min: query.rating_min ?? null,
    rating_max: query.rating_max ?? null,
    production_state: clean(query.production_state),
    director: clean(query.director),
    has_reviews: query.has_reviews ?? null,
  }
}
