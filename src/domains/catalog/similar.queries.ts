import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import type { MovieSummary } from './movie-summary.schemas.ts'

/**
 * Titles like one: first those of its story, then by shared people, genres and languages; near in time and well known
 * ones first. Candidates are bounded, so that neither a busy actor nor a common genre makes it slow: the story's other
 * titles, up to 40 of each of 12 people, the 200 best known titles, and the latest 40 of each genre.
 */
export async function listSimilar(db: Db, movieId: string, limit: number): Promise<MovieSummary[]> {
  const result = await sql<MovieSummary>`
    /* listSimilar */
    with me as materialized (
      select m.id, m.type, coalesce(m.part_of, m.id) as story, m.release_year,
        array(select genre_id from movie_genres where movie_id = m.id) as genres,
        array(select language from movie_languages where movie_id = m.id) as languages
      from movies m where m.id = ${movieId}::uuid
    ), crew as materialized (
      -- A director says most about a film, a leading actor more than a minor one.
      select person_id, max(case role when 'director' then 2.0 when 'producer' then 0.7 when 'writer' then 1.0
          else 1.2 / (1 + billing_order * 0.1) end) as weight
      from movie_credits where movie_id = (select id from me)
      group by person_id
      order by weight desc, person_id
      limit 12
    ), shared as materialized (
      select w.movie_id, sum(c.weight) as weight
      from crew c
      cross join lateral (
        select distinct movie_id from movie_credits where person_id = c.person_id order by movie_id desc limit 40
      ) w
      group by w.movie_id
    ), candidates as materialized (
      select id from movies where part_of = (select story from me)
      union select story from me
      union select movie_id from shared
      union (select movie_id from movie_stats order by popularity desc, movie_id desc limit 200)
      union select g.movie_id
        from me
        cross join unnest(me.genres) mine (genre_id)
        cross join lateral (
          select movie_id from movie_genres where genre_id = mine.genre_id order by movie_id desc limit 40
        ) g
    ), scored as (
      select m.id,
          case when coalesce(m.part_of, m.id) = me.story then 10 else 0 end
        + least(4, coalesce(sh.weight, 0))
        + 3.0 * g.common / greatest(1, g.all_of_it + cardinality(me.genres) - g.common)
        + 1.0 * l.common / greatest(1, l.all_of_it + cardinality(me.languages) - l.common)
        + case when m.type = me.type then 0.3 else 0 end
        + coalesce(0.5 / (1 + abs(m.release_year - me.release_year) / 5.0), 0)
        + s.popularity as score,
        coalesce(m.part_of, m.id) = me.story or sh.weight is not null or g.common > 0 as is_alike
      from candidates c
      cross join me
      join movies m on m.id = c.id
      join movie_stats s on s.movie_id = c.id
      left join shared sh on sh.movie_id = c.id
      cross join lateral (
        select count(*) as all_of_it, count(*) filter (where genre_id = any (me.genres)) as common
        from movie_genres where movie_id = c.id
      ) g
      cross join lateral (
        select count(*) as all_of_it, count(*) filter (where language = any (me.languages)) as common
        from movie_languages where movie_id = c.id
      ) l
      where c.id <> me.id
    ), best as (
      select id, score from scored where is_alike order by score desc, id limit ${limit}
    )
    select ms.*, null as viewer
    from best
    join movie_summaries ms on ms.id = best.id
    order by best.score desc, best.id`.execute(db)
  return result.rows
}
