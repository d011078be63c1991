-- How many titles each genre and language has, kept exact, so that showing them needs no scan.

-- migrate:up
alter table genres
  add column movie_count integer not null default 0 check (movie_count >= 0),
  add column series_count integer not null default 0 check (series_count >= 0);
comment on column genres.movie_count is 'Films of this genre; kept by triggers.';
comment on column genres.series_count is 'Series of this genre; kept by triggers.';
alter table languages
  add column movie_count integer not null default 0 check (movie_count >= 0),
  add column series_count integer not null default 0 check (series_count >= 0);
comment on column languages.movie_count is 'Films in this language; kept by triggers.';
comment on column languages.series_count is 'Series in this language; kept by triggers.';

create function movie_genres_count() returns trigger language plpgsql as $$
declare
  step constant integer := case tg_op when 'INSERT' then 1 else -1 end;
begin
  update genres g
  set movie_count = movie_count + step * c.movies, series_count = series_count + step * c.series
  from (
    select r.genre_id, count(*) filter (where m.type = 'movie') as movies, count(*) filter (where m.type = 'series') as series
    from changed_rows r
    join movies m on m.id = r.movie_id
    group by r.genre_id
  ) c
  where g.id = c.genre_id;
  return null;
end $$;
create trigger movie_genres_count_insert after insert on movie_genres
  referencing new table as changed_rows for each statement execute function movie_genres_count();
create trigger movie_genres_count_delete after delete on movie_genres
  referencing old table as changed_rows for each statement execute function movie_genres_count();

create function movie_languages_count() returns trigger language plpgsql as $$
declare
  step constant integer := case tg_op when 'INSERT' then 1 else -1 end;
begin
  update languages l
  set movie_count = movie_count + step * c.movies, series_count = series_count + step * c.series
  from (
    select r.language, count(*) filter (where m.type = 'movie') as movies, count(*) filter (where m.type = 'series') as series
    from changed_rows r
    join movies m on m.id = r.movie_id
    group by r.language
  ) c
  where l.code = c.language;
  return null;
end $$;
create trigger movie_languages_count_insert after insert on movie_languages
  referencing new table as changed_rows for each statement execute function movie_languages_count();
create trigger movie_languages_count_delete after delete on movie_languages
  referencing old table as changed_rows for each statement execute function movie_languages_count();

-- A deleted title is gone before its genres and languages are, so that their triggers can no longer tell its type:
-- they are deleted while it is still there.
create function movies_release_counts() returns trigger language plpgsql as $$
begin
  delete from movie_genres where movie_id = old.id;
  delete from movie_languages where movie_id = old.id;
  return old;
end $$;
create trigger movies_release_counts before delete on movies
  for each row execute function movies_release_counts();

-- migrate:down
drop trigger movies_release_counts on movies;
drop function movies_release_counts();
drop trigger movie_languages_count_delete on movie_languages;
drop trigger movie_languages_count_insert on movie_languages;
drop function movie_languages_count();
drop trigger movie_genres_count_delete on movie_genres;
drop trigger movie_genres_count_insert on movie_genres;
drop function movie_genres_count();
alter table languages drop column series_count, drop column movie_count;
alter table genres drop column series_count, drop column movie_count;
