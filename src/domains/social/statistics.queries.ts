import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import type { UserStatistics } from './statistics.schemas.ts'

const favorites = 5

export interface StatisticsOptions {
  readonly userId: string
  readonly viewer: string | null
}

/** All numbers of an account as a viewer may know them, counted as they are asked for. To be compiled once. */
export const findStatistics = (db: Db, { userId, viewer }: StatisticsOptions) =>
  sql<UserStatistics>`
    with account as materialized (
      select u.id, can_see_list(${viewer}::uuid, u.id, 'watched') as shows_watched,
        extract(year from now() at time zone 'Africa/Lagos')::integer as year
      from users u
      where u.id = ${userId}::uuid and sees_user(${viewer}::uuid, u.id)
    ), rated as materialized (
      select r.movie_id, r.lemon_pie_rating as rating,
        extract(year from r.created_at at time zone 'Africa/Lagos') = a.year as is_of_year
      from account a
      join reviews r on r.user_id = a.id and r.moderation_status = 'approved'
    ), watched as materialized (
      select l.movie_id,
        coalesce(
          (select bool_or(extract(year from v.watched_on) = a.year) from viewings v
            where v.user_id = l.user_id and v.movie_id = l.movie_id),
          extract(year from l.added_at at time zone 'Africa/Lagos') = a.year) as is_of_year
      from account a
      join list_titles l on l.user_id = a.id and l.list = 'watched'
      where a.shows_watched
    ), titles as materialized (
      select movie_id from watched
      union select movie_id from rated where not (select shows_watched from account)
    )
    select a.id as user_id,
      (select count(*) from rated) as total_reviews,
      (select round(avg(rating), 1) from rated) as average_rating,
      (
        select json_object_agg(n, (select count(*) from rated where rating = n)) from generate_series(1, 10) n
      ) as rating_distribution,
      c.followers_count, c.following_count,
      case when a.shows_watched then (select count(*) from watched) end as movies_watched,
      coalesce((
        select json_agg(json_build_object('genre', json_build_object('slug', g.slug, 'name', g.name), 'count', top.count)
          order by top.count desc, g.name)
        from (
          select mg.genre_id, count(*) as count from titles t join movie_genres mg using (movie_id)
          group by mg.genre_id order by count desc, mg.genre_id limit ${sql.lit(favorites)}
        ) top
        join genres g on g.id = top.genre_id
      ), '[]') as favorite_genres,
      coalesce((
        select json_agg(json_build_object('language', json_build_object('code', l.code, 'name', l.name), 'count', top.count)
          order by top.count desc, l.name)
        from (
          select ml.language, count(*) as count from titles t join movie_languages ml using (movie_id)
          group by ml.language order by count desc, ml.language limit ${sql.lit(favorites)}
        ) top
        join languages l on l.code = top.language
      ), '[]') as favorite_languages,
      json_build_object(
        'year', a.year,
        'total_reviews', (select count(*) from rated where is_of_year),
        'average_rating', (select round(avg(rating), 1) from rated where is_of_year),
        'movies_watched', case when a.shows_watched then (select count(*) from watched where is_of_year) end
      ) as this_year
    from account a
    join user_counts c on c.user_id = a.id`.compile(db)
