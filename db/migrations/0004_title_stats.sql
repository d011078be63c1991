-- What reviews will fill, and what ranks titles until then.

-- migrate:up
create type trending_window as enum ('day', 'week', 'month');

create table movie_stats (
  movie_id uuid primary key references movies (id) on delete cascade,
  type content_type not null,
  release_year smallint,
  review_count integer not null default 0 check (review_count >= 0),
  rating_sum integer not null default 0 check (rating_sum >= 0),
  rating_counts integer[] not null default '{0,0,0,0,0,0,0,0,0,0}' check (array_length(rating_counts, 1) = 10),
  cultural_authenticity_count integer not null default 0,
  cultural_authenticity_sum integer not null default 0,
  production_quality_count integer not null default 0,
  production_quality_sum integer not null default 0,
  story_count integer not null default 0,
  story_sum integer not null default 0,
  acting_count integer not null default 0,
  acting_sum integer not null default 0,
  cinematography_count integer not null default 0,
  cinematography_sum integer not null default 0,
  lemon_pie_rating numeric(3, 1) generated always as (round(rating_sum::numeric / nullif(review_count, 0), 1)) stored,
  weighted_rating numeric(5, 3) check (weighted_rating between 1 and 10),
  popularity real not null default 0 check (popularity between 0 and 1),
  trending double precision not null default 0 check (trending >= 0),
  updated_at timestamptz not null default now()
);
comment on table movie_stats is 'One row a title: sums and counts over its approved reviews, and its popularity.';
comment on column movie_stats.type is 'That of the title, so that a list by rating need not look at other titles; kept by a trigger.';
comment on column movie_stats.release_year is 'That of the title, likewise.';
comment on column movie_stats.rating_counts is 'How many reviews gave 1, 2, … 10.';
comment on column movie_stats.lemon_pie_rating is 'Mean of the overall ratings, one decimal; null without reviews.';
comment on column movie_stats.weighted_rating is 'Bayesian mean, what sorting by rating uses; null without reviews.';
comment on column movie_stats.popularity is 'From 0 to 1, how well known the title is (refresh_popularity); breaks ties in search and orders suggestions.';
comment on column movie_stats.trending is 'The score of the window week, for every title: what sorting by trending uses.';
-- Unrated titles come last both ways, by a key that is never null, so that a row comparison can page by it. What is
-- included lets the filter by year, which goes along with trending, be answered without a look at the rows.
create index movie_stats_highest_rating_idx on movie_stats
  (type, (coalesce(weighted_rating, 0)) desc, movie_id desc) include (release_year, weighted_rating);
create index movie_stats_lowest_rating_idx on movie_stats
  (type, (coalesce(weighted_rating, 11)), movie_id) include (release_year, weighted_rating);
create index movie_stats_trending_idx on movie_stats (type, trending desc, movie_id desc) include (release_year);
create index movie_stats_review_count_idx on movie_stats (type, review_count desc, movie_id desc) include (release_year);
create index movie_stats_popularity_idx on movie_stats (popularity desc, movie_id desc);
create index movie_stats_lemon_pie_rating_idx on movie_stats (lemon_pie_rating) where lemon_pie_rating is not null;

-- A title's stats row comes with the title, whoever inserts it.
create function movies_add_stats() returns trigger language plpgsql as $$
begin
  insert into movie_stats (movie_id, type, release_year)
  select id, type, release_year from new_movies on conflict do nothing;
  return null;
end $$;
create trigger movies_add_stats after insert on movies
  referencing new table as new_movies for each statement execute function movies_add_stats();

create function movies_copy_to_stats() returns trigger language plpgsql as $$
begin
  update movie_stats set type = new.type, release_year = new.release_year where movie_id = new.id;
  return null;
end $$;
create trigger movies_copy_to_stats after update of type, release_year on movies
  for each row when ((old.type, old.release_year) is distinct from (new.type, new.release_year))
  execute function movies_copy_to_stats();

create table movie_trending (
  trending_window trending_window not null,
  movie_id uuid not null references movies (id) on delete cascade,
  score double precision not null,
  primary key (trending_window, movie_id)
);
comment on table movie_trending is 'The hottest titles of each window, with their score (refresh_trending); higher is hotter.';
create index movie_trending_score_idx on movie_trending (trending_window, score desc, movie_id desc);
create index movie_trending_movie_id_idx on movie_trending (movie_id);

create table featured_movies (
  movie_id uuid primary key references movies (id) on delete cascade,
  position smallint not null check (position between 1 and 1000),
  featured_until timestamptz,
  created_at timestamptz not null default now()
);
comment on table featured_movies is 'Titles that editors put on the front page, by position, until a time or for good.';
create index featured_movies_position_idx on featured_movies (position, movie_id);

-- migrate:down
drop table featured_movies;
drop table movie_trending;
drop trigger movies_copy_to_stats on movies;
drop function movies_copy_to_stats();
drop trigger movies_add_stats on movies;
drop function movies_add_stats();
drop table movie_stats;
drop type trending_window;
