-- Titles: films and series are one table, told apart by type.

-- migrate:up
create type content_type as enum ('movie', 'series');
create type release_precision as enum ('day', 'month', 'year', 'unknown');
create type nfvcb_classification as enum ('G', 'PG', 'C', '12', '12A', '15', '18');
create type alias_kind as enum ('original', 'english', 'local', 'pidgin', 'retitle', 'part', 'misspelling');

create table languages (
  code text primary key check (code ~ '^[a-z]{2,3}$'),
  name text not null unique check (length(name) between 1 and 100)
);
comment on table languages is 'Languages of titles and aliases. The code is ISO 639-1 where there is one, else ISO 639-3.';

create table genres (
  id smallint generated always as identity primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  name text not null unique check (length(name) between 1 and 100)
);
comment on table genres is 'Genres a title may have. Clients filter by slug.';

create table companies (
  id uuid primary key default uuidv7(),
  name text not null unique check (length(name) between 1 and 255)
);
comment on table companies is 'Production companies, by their name as published.';

create table movies (
  id uuid primary key default uuidv7(),
  type content_type not null,
  slug text not null constraint movies_slug_key unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 200),
  title text not null check (length(title) between 1 and 500),
  folded_title text not null generated always as (fold(title)) stored,
  local_title text check (length(local_title) between 1 and 500),
  release_date date,
  release_year smallint check (release_year between 1895 and 2200),
  release_precision release_precision not null,
  runtime smallint check (runtime between 1 and 2000),
  plot_summary text check (length(plot_summary) between 1 and 5000),
  poster_url text check (length(poster_url) <= 500),
  trailer_url text check (length(trailer_url) <= 500),
  production_state text check (length(production_state) between 1 and 100),
  box_office_ng text check (length(box_office_ng) between 1 and 100),
  box_office_note text check (length(box_office_note) between 1 and 300),
  classification nfvcb_classification,
  part_of uuid constraint movies_part_of_fkey references movies (id) on delete set null,
  part_number smallint check (part_number between 1 and 999),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint movies_release_check check (case release_precision
    when 'unknown' then release_date is null and release_year is null
    when 'year' then release_date is null and release_year is not null
    else release_date is not null and release_year is not null and release_year = extract(year from release_date)
  end),
  constraint movies_part_of_check check (part_of <> id and (part_of is null or part_number is not null))
);
comment on table movies is 'Titles of both types: films (type movie) and series.';
comment on column movies.slug is 'Stable, readable name in URLs; a former one lives on in movie_former_slugs.';
comment on column movies.folded_title is 'How titles are sorted and compared; kept, since folding many rows per query costs.';
comment on column movies.local_title is 'The title in its own language with its tone marks, where that differs from title.';
comment on column movies.release_date is 'First release; with precision month it is the first of that month; null when only a year, or nothing, is known.';
comment on column movies.runtime is 'Minutes; of one episode for a series.';
comment on column movies.box_office_ng is 'Takings in Nigerian cinemas, as text as published.';
comment on column movies.classification is 'Rating of the National Film and Video Censors Board.';
comment on column movies.part_of is 'The first part of the story that this title continues; null for a first part.';
-- Undated titles come last both ways, by a key that is never null, so that a row comparison can page by it. A title
-- with a year only counts as of its first day.
create index movies_type_newest_idx on movies
  (type, (coalesce(release_date, make_date(release_year, 1, 1), '-infinity'::date)) desc, id desc);
create index movies_type_oldest_idx on movies
  (type, (coalesce(release_date, make_date(release_year, 1, 1), 'infinity'::date)), id);
create index movies_type_created_idx on movies (type, created_at desc, id desc);
create index movies_type_title_idx on movies (type, folded_title, id);
create index movies_type_year_idx on movies (type, release_year, id);
-- Not partial: Postgres does not look at the statistics of an expression in a partial index when it estimates a filter.
create index movies_production_state_idx on movies (lower(production_state));
create index movies_part_of_idx on movies (part_of, part_number) where part_of is not null;

create table movie_former_slugs (
  slug text primary key,
  movie_id uuid not null references movies (id) on delete cascade,
  created_at timestamptz not null default now()
);
comment on table movie_former_slugs is 'Slugs that titles had before; requests for them are sent on to the present one.';
create index movie_former_slugs_movie_id_idx on movie_former_slugs (movie_id);

create table movie_aliases (
  movie_id uuid not null references movies (id) on delete cascade,
  name text not null check (length(name) between 1 and 500),
  kind alias_kind not null,
  language text references languages (code),
  position smallint not null default 0,
  primary key (movie_id, name)
);
comment on table movie_aliases is 'Other names of a title, each with its kind and, where known, its language. All of them are searched.';
create index movie_aliases_language_idx on movie_aliases (language) where language is not null;

create table movie_genres (
  movie_id uuid not null references movies (id) on delete cascade,
  genre_id smallint not null constraint movie_genres_genre_id_fkey references genres (id),
  primary key (movie_id, genre_id)
);
comment on table movie_genres is 'Which genres a title has.';
create index movie_genres_genre_id_idx on movie_genres (genre_id, movie_id);

create table movie_languages (
  movie_id uuid not null references movies (id) on delete cascade,
  language text not null constraint movie_languages_language_fkey references languages (code),
  primary key (movie_id, language)
);
comment on table movie_languages is 'Which languages are spoken in a title.';
create index movie_languages_language_idx on movie_languages (language, movie_id);

create table movie_companies (
  movie_id uuid not null references movies (id) on delete cascade,
  company_id uuid not null references companies (id),
  position smallint not null default 0,
  primary key (movie_id, company_id)
);
comment on table movie_companies is 'Production companies of a title, in the order of their billing.';
create index movie_companies_company_id_idx on movie_companies (company_id, movie_id);

-- migrate:down
drop table movie_companies;
drop table movie_languages;
drop table movie_genres;
drop table movie_aliases;
drop table movie_former_slugs;
drop table movies;
drop table companies;
drop table genres;
drop table languages;
drop type alias_kind;
drop type nfvcb_classification;
drop type release_precision;
drop type content_type;
