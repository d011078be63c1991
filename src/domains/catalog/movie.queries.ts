import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'
import { isUuid } from '../../lib/schemas.ts'
import { criteria } from './criteria.schemas.ts'
import type { Movie, MovieStats } from './movie.schemas.ts'
import type { ContentType } from './movie-summary.schemas.ts'

/** A title is asked for by its id or its slug. */
const isNamed = (idOrSlug: string): RawBuilder<boolean> =>
  isUuid(idOrSlug) ? sql`m.id = ${idOrSlug}::uuid` : sql`m.slug = ${idOrSlug}`

const criteriaAverages = sql.join(
  criteria.map((name) => {
    const [sum, count] = [sql.ref(`s.${name}_sum`), sql.ref(`s.${name}_count`)]
    return sql`${sql.lit(`${name}_avg`)}, round(${sum}::numeric / nullif(${count}, 0), 1), ${sql.lit(`${name}_count`)}, ${count}`
  }),
)

/** MovieStats of `movie_stats s`. */
const statsObject = sql`json_build_object(
  'average_rating', s.lemon_pie_rating,
  'weighted_rating', s.weighted_rating,
  'review_count', s.review_count,
  'critic_rating', s.critic_rating, 'critic_count', s.critic_count,
  'audience_rating', s.audience_rating, 'audience_count', s.review_count - s.critic_count,
  'score_state', score_state(s.review_count, s.held_count),
  'rating_distribution', (select json_object_agg(n, c) from unnest(s.rating_counts) with ordinality r (c, n)),
  ${criteriaAverages})`

const creditsOf = (role: RawBuilder<unknown>) => sql`coalesce((
  select json_agg(json_build_object(
      'person', json_build_object('id', p.id, 'slug', p.slug, 'name', p.name),
      'role', c.role, 'character', c.character_name, 'billing_order', c.billing_order
    ) order by c.role, c.billing_order, c.id)
  from movie_credits c
  join people p on p.id = c.person_id
  where c.movie_id = m.id and c.role ${role}
), '[]')`

/** The full form of a title, in one statement. */
const movieWhere = (condition: RawBuilder<boolean>) => sql<Movie>`
    select m.version, ms.*, null as viewer,
      m.plot_summary, m.trailer_url, m.production_state, m.box_office_ng, m.box_office_note, m.created_at, m.updated_at,
      coalesce((
        select json_agg(c.name order by mc.position, c.name)
        from movie_companies mc
        join companies c on c.id = mc.company_id
        where mc.movie_id = m.id
      ), '[]') as companies,
      ${creditsOf(sql`= 'actor'`)} as "cast",
      ${creditsOf(sql`<> 'actor'`)} as crew,
      coalesce((
        select json_agg(json_build_object('name', a.name, 'kind', a.kind, 'language', a.language) order by a.position, a.name)
        from movie_aliases a
        where a.movie_id = m.id
      ), '[]') as aliases,
      (
        select row_to_json(first_part)
        from (select ps.*, null as viewer from movie_summaries ps where ps.id = m.part_of) first_part
      ) as part_of,
      coalesce((
        select json_agg(story order by coalesce(story.part_number, 1), story.release_year, story.id)
        from (
          select ps.*, null as viewer
          from movies p
          join movie_summaries ps on ps.id = p.id
          where (p.id = coalesce(m.part_of, m.id) or p.part_of = coalesce(m.part_of, m.id))
            and exists (select from movies other where other.part_of = coalesce(m.part_of, m.id))
        ) story
      ), '[]') as parts,
      ${statsObject} as stats
    from movies m
    join movie_stats s on s.movie_id = m.id
    join movie_summaries ms on ms.id = m.id
    where ${condition}`

const statsWhere = (condition: RawBuilder<boolean>) => sql<{ stats: MovieStats }>`
    select ${statsObject} as stats
    from movies m
    join movie_stats s on s.movie_id = m.id
    where ${condition}`

/** Which title is meant: for statements that are compiled once, where `isNamed` could not choose. */
export interface TitleName {
  readonly type: ContentType
  readonly name: string
}

const hasId = ({ type, name }: TitleName) => sql<boolean>`m.type = ${type}::content_type and m.id = ${name}::uuid`
const hasSlug = ({ type, name }: TitleName) => sql<boolean>`m.type = ${type}::content_type and m.slug = ${name}::text`

export const movieById = (db: Db, title: TitleName) => movieWhere(hasId(title)).compile(db)
export const movieBySlug = (db: Db, title: TitleName) => movieWhere(hasSlug(title)).compile(db)
export const statsById = (db: Db, title: TitleName) => statsWhere(hasId(title)).compile(db)
export const statsBySlug = (db: Db, title: TitleName) => statsWhere(hasSlug(title)).compile(db)

/** The full form of a title in the transaction that wrote it. */
export async function findMovie(db: Tx, type: ContentType, id: string): Promise<Movie | undefined> {
  const result = await sql<Movie>`/* findMovie */ ${movieWhere(hasId({ type, name: id }))}`.execute(db)
  return result.rows[0]
}

export async function findMovieId(db: Db, type: ContentType, idOrSlug: string): Promise<string | undefined> {
  const result = await sql<{ id: string }>`
    /* findMovieId */
    select m.id from movies m where m.type = ${type} and ${isNamed(idOrSlug)}`.execute(db)
  return result.rows[0]?.id
}

/** The present slug of the title that had this one before. */
export async function findSlugAfter(db: Db, type: ContentType, formerSlug: string): Promise<string | undefined> {
  const result = await sql<{ slug: string }>`
    /* findSlugAfter */
    select m.slug
    from movie_former_slugs f
    join movies m on m.id = f.movie_id
    where f.slug = ${formerSlug} and m.type = ${type}`.execute(db)
  return result.rows[0]?.slug
}
