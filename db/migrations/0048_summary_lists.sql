-- The lists in the short form of a title are kept: making them anew was half of what a page of titles cost.

-- migrate:up
create table movie_summary_lists (
  movie_id uuid primary key references movies (id) on delete cascade,
  genres json not null,
  languages json not null,
  directors json not null
);
comment on table movie_summary_lists is 'Genres, languages and directors as the short form of a title shows them, kept by triggers. No row, no such lists.';

create view movie_summary_lists_anew as
select m.id as movie_id,
  coalesce(g.list, '[]') as genres, coalesce(l.list, '[]') as languages, coalesce(d.list, '[]') as directors
from movies m
left join (
  select mg.movie_id, json_agg(json_build_object('slug', g.slug, 'name', g.name) order by g.name) as list
  from movie_genres mg
  join genres g on g.id = mg.genre_id
  group by mg.movie_id
) g on g.movie_id = m.id
left join (
  select ml.movie_id, json_agg(json_build_object('code', l.code, 'name', l.name) order by l.name) as list
  from movie_languages ml
  join languages l on l.code = ml.language
  group by ml.movie_id
) l on l.movie_id = m.id
left join (
  select c.movie_id,
    json_agg(json_build_object('id', p.id, 'slug', p.slug, 'name', p.name) order by c.billing_order, p.id) as list
  from movie_credits c
  join people p on p.id = c.person_id
  where c.role = 'director'
  group by c.movie_id
) d on d.movie_id = m.id;
comment on view movie_summary_lists_anew is 'What movie_summary_lists keeps, made from the tables. Ask for one title, or for all of them.';

-- Title by title, since only one id is looked up within the groups; a list of ids would have them all made.
create function refresh_summary_lists(ids uuid[]) returns void language plpgsql as $$
declare
  title uuid;
begin
  if ids is null then
    insert into movie_summary_lists as kept
    select * from movie_summary_lists_anew
    on conflict (movie_id) do update
    set genres = excluded.genres, languages = excluded.languages, directors = excluded.directors
    where (kept.genres::text, kept.languages::text, kept.directors::text)
      <> (excluded.genres::text, excluded.languages::text, excluded.directors::text);
  else
    for title in select distinct i from unnest(ids) i order by i loop
      insert into movie_summary_lists as kept
      select * from movie_summary_lists_anew where movie_id = title
      on conflict (movie_id) do update
      set genres = excluded.genres, languages = excluded.languages, directors = excluded.directors;
    end loop;
  end if;
end $$;
comment on function refresh_summary_lists(uuid[]) is 'Makes the kept lists of titles, or of all (null), anew: after a bulk load, for which the search index was deferred.';

create function summary_lists_follow() returns trigger language plpgsql as $$
begin
  if search_is_deferred() then return null; end if;
  if tg_table_name = 'movie_credits' then
    perform refresh_summary_lists(array(select c.movie_id from changed c where c.role = 'director'));
  else
    perform refresh_summary_lists(array(select c.movie_id from changed c));
  end if;
  return null;
end $$;

create function summary_lists_follow_update() returns trigger language plpgsql as $$
declare
  titles uuid[];
begin
  if search_is_deferred() then return null; end if;
  case tg_table_name
    when 'genres' then
      titles := array(select mg.movie_id from changed n join former o on o.id = n.id join movie_genres mg on mg.genre_id = n.id
        where (n.slug, n.name) <> (o.slug, o.name));
    when 'languages' then
      titles := array(select ml.movie_id from changed n join former o on o.code = n.code join movie_languages ml on ml.language = n.code
        where n.name <> o.name);
    when 'people' then
      titles := array(select c.movie_id from changed n join former o on o.id = n.id
        join movie_credits c on c.person_id = n.id and c.role = 'director'
        where (n.slug, n.name) <> (o.slug, o.name));
    when 'movie_credits' then
      titles := array(select c.movie_id from changed c where c.role = 'director'
        union select c.movie_id from former c where c.role = 'director');
    else
      titles := array(select movie_id from changed union select movie_id from former);
  end case;
  perform refresh_summary_lists(titles);
  return null;
end $$;

create trigger movie_genres_summary_insert after insert on movie_genres
  referencing new table as changed for each statement execute function summary_lists_follow();
create trigger movie_genres_summary_delete after delete on movie_genres
  referencing old table as changed for each statement execute function summary_lists_follow();
create trigger movie_genres_summary_update after update on movie_genres
  referencing old table as former new table as changed for each statement execute function summary_lists_follow_update();
create trigger movie_languages_summary_insert after insert on movie_languages
  referencing new table as changed for each statement execute function summary_lists_follow();
create trigger movie_languages_summary_delete after delete on movie_languages
  referencing old table as changed for each statement execute function summary_lists_follow();
create trigger movie_languages_summary_update after update on movie_languages
  referencing old table as former new table as changed for each statement execute function summary_lists_follow_update();
create trigger movie_credits_summary_insert after insert on movie_credits
  referencing new table as changed for each statement execute function summary_lists_follow();
create trigger movie_credits_summary_delete after delete on movie_credits
  referencing old table as changed for each statement execute function summary_lists_follow();
create trigger movie_credits_summary_update after update on movie_credits
  referencing old table as former new table as changed for each statement execute function summary_lists_follow_update();
create trigger genres_summary_update after update on genres
  referencing old table as former new table as changed for each statement execute function summary_lists_follow_update();
create trigger languages_summary_update after update on languages
  referencing old table as former new table as changed for each statement execute function summary_lists_follow_update();
create trigger people_summary_update after update on people
  referencing old table as former new table as changed for each statement execute function summary_lists_follow_update();

select refresh_summary_lists(null);

create or replace view movie_summaries as
select
  m.id, m.slug, m.type, m.title, m.local_title, m.release_date, m.release_year, m.release_precision, m.runtime,
  m.poster_url, m.classification,
  coalesce(k.genres, '[]') as genres, coalesce(k.languages, '[]') as languages, coalesce(k.directors, '[]') as directors,
  m.part_number, s.lemon_pie_rating, s.weighted_rating, s.review_count
from movies m
join movie_stats s on s.movie_id = m.id
left join movie_summary_lists k on k.movie_id = m.id;
comment on view movie_summaries is
  'The short form of a title (MovieSummary). Pick and order the ids first, then join this.';

-- A set of one row is planned along with the statement that asks for it; a scalar was set up anew for every title.
drop function title_viewer(uuid, uuid);
create function title_viewer(viewer uuid, movie uuid) returns table (viewer_facts json)
  language sql stable parallel safe
  as $$
    select case when viewer is not null then json_build_object(
      'my_rating', (select r.lemon_pie_rating from reviews r where r.user_id = viewer and r.movie_id = movie),
      'in_watchlist', on_lists.watchlist,
      'in_favorites', on_lists.favorites,
      'watched', on_lists.watched) end
    from (
      select coalesce(bool_or(l.list = 'watchlist'), false) as watchlist,
        coalesce(bool_or(l.list = 'favorites'), false) as favorites,
        coalesce(bool_or(l.list = 'watched'), false) as watched
      from list_titles l
      where l.user_id = viewer and l.movie_id = movie
    ) on_lists
  $$;
comment on function title_viewer(uuid, uuid) is 'What of a title depends on who asks (MovieSummary.viewer), in one row; null for nobody.';

-- migrate:down
drop function title_viewer(uuid, uuid);
create function title_viewer(viewer uuid, movie uuid) returns json
  language sql stable parallel safe
  return case when viewer is not null then json_build_object(
    'my_rating', (select r.lemon_pie_rating from reviews r where r.user_id = viewer and r.movie_id = movie),
    'in_watchlist', exists (select from list_titles l where l.user_id = viewer and l.movie_id = movie and l.list = 'watchlist'),
    'in_favorites', exists (select from list_titles l where l.user_id = viewer and l.movie_id = movie and l.list = 'favorites'),
    'watched', exists (select from list_titles l where l.user_id = viewer and l.movie_id = movie and l.list = 'watched')) end;
comment on function title_viewer(uuid, uuid) is 'What of a title depends on who asks (MovieSummary.viewer); null for nobody.';
create or replace view movie_summaries as
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
drop trigger people_summary_update on people;
drop trigger languages_summary_update on languages;
drop trigger genres_summary_update on genres;
drop trigger movie_credits_summary_update on movie_credits;
drop trigger movie_credits_summary_delete on movie_credits;
drop trigger movie_credits_summary_insert on movie_credits;
drop trigger movie_languages_summary_update on movie_languages;
drop trigger movie_languages_summary_delete on movie_languages;
drop trigger movie_languages_summary_insert on movie_languages;
drop trigger movie_genres_summary_update on movie_genres;
drop trigger movie_genres_summary_delete on movie_genres;
drop trigger movie_genres_summary_insert on movie_genres;
drop function summary_lists_follow_update();
drop function summary_lists_follow();
drop function refresh_summary_lists(uuid[]);
drop view movie_summary_lists_anew;
drop table movie_summary_lists;
