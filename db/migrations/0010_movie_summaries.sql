-- The short form of a title, in one place for every list that shows one.

-- migrate:up
create view movie_summaries as
select
  m.id, m.slug, m.type, m.title, m.local_title, m.release_date, m.release_year, m.release_precision, m.runtime,
  m.poster_url, m.classification,
  coalesce((
    select json_agg(json_build_object('slug', g.slug, 'name', g.name) order by g.name)
    from movie_genres mg
    join genres g on g.id = mg.genre_id
    where mg.movie_id = m.id
  ), '[]') as genres,
  coalesce((
    select json_agg(json_build_object('code', l.code, 'name', l.name) order by l.name)
    from movie_languages ml
    join languages l on l.code = ml.language
    where ml.movie_id = m.id
  ), '[]') as languages,
  coalesce((
    select json_agg(json_build_object('id', p.id, 'slug', p.slug, 'name', p.name) order by c.billing_order, p.id)
    from movie_credits c
    join people p on p.id = c.person_id
    where c.movie_id = m.id and c.role = 'director'
  ), '[]') as directors,
  m.part_number, s.lemon_pie_rating, s.weighted_rating, s.review_count
from movies m
join movie_stats s on s.movie_id = m.id;
comment on view movie_summaries is
  'The short form of a title (MovieSummary). Pick and order the ids first, then join this: its lists cost a look-up each per row.';

-- migrate:down
drop view movie_summaries;
