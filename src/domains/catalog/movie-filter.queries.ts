import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { isUuid } from '../../lib/schemas.ts'
import type { ContentType } from './movie-summary.schemas.ts'

/** What narrows a list of titles. An absent field narrows nothing; an empty list matches no title. */
export interface MovieFilters {
  readonly type: ContentType
  /** Ids and not slugs, so that Postgres, which knows how common each is, picks the right index. */
  readonly genre_ids?: readonly number[]
  readonly languages?: readonly string[]
  readonly year_min?: number
  readonly year_max?: number
  readonly rating_min?: number
  readonly rating_max?: number
  readonly production_state?: string
  /** Id, slug or name. */
  readonly director?: string
  readonly has_reviews?: boolean
}

type Condition = RawBuilder<SqlBool>

/** `= x` for one value: it makes the semi-join unique, which the planner can turn around. */
const among = (values: readonly (string | number)[], type: 'smallint' | 'text') =>
  values.length === 1 ? sql`= ${values[0]}` : sql`= any (${[...values]}::${sql.raw(type)}[])`

const people = (director: string) =>
  isUuid(director)
    ? sql`${director}::uuid`
    : sql`
        select id from people where slug = ${director}
        union all select person_id from person_former_slugs where slug = ${director}
        union all select id from people where fold(name) = fold(${director})
        union all select person_id from person_aliases where fold(name) = fold(${director})`

/** Whether the filters look at the stats of a title. */
export const needsStats = (filters: MovieFilters): boolean =>
  filters.rating_min !== undefined || filters.rating_max !== undefined || filters.has_reviews !== undefined

/** Conditions on `movies m` and, where `needsStats`, on `movie_stats s`; all of them must hold. */
export function movieConditions(filters: MovieFilters): Condition[] {
  const { genre_ids, languages, year_min, year_max, rating_min, rating_max, production_state, director } = filters
  const conditions: Condition[] = [sql`m.type = ${filters.type}`]
  const add = (condition: Condition): number => conditions.push(condition)
  if (genre_ids) {
    add(sql`exists (
      select from movie_genres g where g.movie_id = m.id and g.genre_id ${among(genre_ids, 'smallint')})`)
  }
  if (languages) {
    add(sql`exists (
      select from movie_languages l where l.movie_id = m.id and l.language ${among(languages, 'text')})`)
  }
  if (year_min !== undefined) add(sql`m.release_year >= ${year_min}`)
  if (year_max !== undefined) add(sql`m.release_year <= ${year_max}`)
  if (rating_min !== undefined) add(sql`s.lemon_pie_rating >= ${rating_min}`)
  if (rating_max !== undefined) add(sql`s.lemon_pie_rating <= ${rating_max}`)
  if (production_state !== undefined) add(sql`lower(m.production_state) = lower(${production_state})`)
  if (director !== undefined) {
    add(sql`m.id in (
      select c.movie_id from movie_credits c where c.role = 'director' and c.person_id in (${people(director)}))`)
  }
  if (filters.has_reviews !== undefined) add(filters.has_reviews ? sql`s.review_count > 0` : sql`s.review_count = 0`)
  return conditions
}
