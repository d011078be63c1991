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

/** The table that a list is read from: `movies m`, or for what is sorted by stats `movie_stats s`. */
export type Base = 'movies' | 'movie_stats'

const looksAtStats = ({ rating_min, rating_max, has_reviews }: MovieFilters): boolean =>
  rating_min !== undefined || rating_max !== undefined || has_reviews !== undefined

/** The tables of a list: the base, and the other one only where a filter looks at it. */
export function fromTitles(base: Base, filters: MovieFilters): RawBuilder<unknown> {
  if (base === 'movies') {
    return looksAtStats(filters) ? sql`movies m join movie_stats s on s.movie_id = m.id` : sql`movies m`
  }
  return filters.production_state === undefined
    ? sql`movie_stats s`
    : sql`movie_stats s join movies m on m.id = s.movie_id`
}

export const idIn = (base: Base): RawBuilder<string> => (base === 'movies' ? sql`m.id` : sql`s.movie_id`)

/** Conditions on the tables of `fromTitles`; all of them must hold. */
export function movieConditions(filters: MovieFilters, base: Base = 'movies'): Condition[] {
  const { genre_ids, languages, year_min, year_max, rating_min, rating_max, production_state, director } = filters
  const id = idIn(base)
  const [type, year] = base === 'movies' ? [sql`m.type`, sql`m.release_year`] : [sql`s.type`, sql`s.release_year`]
  const conditions: Condition[] = [sql`${type} = ${filters.type}`]
  const add = (condition: Condition): number => conditions.push(condition)
  if (genre_ids) {
    add(sql`exists (
      select from movie_genres g where g.movie_id = ${id} and g.genre_id ${among(genre_ids, 'smallint')})`)
  }
  if (languages) {
    add(sql`exists (
      select from movie_languages l where l.movie_id = ${id} and l.language ${among(languages, 'text')})`)
  }
  if (year_min !== undefined) add(sql`${year} >= ${year_min}`)
  if (year_max !== undefined) add(sql`${year} <= ${year_max}`)
  if (rating_min !== undefined) add(sql`s.lemon_pie_rating >= ${rating_min}`)
  if (rating_max !== undefined) add(sql`s.lemon_pie_rating <= ${rating_max}`)
  if (production_state !== undefined) add(sql`fold(m.production_state) = fold(${production_state})`)
  if (director !== undefined) {
    add(sql`${id} in (
      select c.movie_id from movie_credits c where c.role = 'director' and c.person_id in (${people(director)}))`)
  }
  if (filters.has_reviews !== undefined) add(filters.has_reviews ? sql`s.review_count > 0` : sql`s.review_count = 0`)
  return conditions
}
