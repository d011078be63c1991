-- People, and what they did in which title.

-- migrate:up
create type cast_role as enum ('actor', 'director', 'producer', 'writer');

create table people (
  id uuid primary key default uuidv7(),
  slug text not null constraint people_slug_key unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 200),
  name text not null check (length(name) between 1 and 255),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table people is 'Actors, directors, producers and writers.';
create index people_folded_name_idx on people (fold(name));

create table person_former_slugs (
  slug text primary key,
  person_id uuid not null references people (id) on delete cascade,
  created_at timestamptz not null default now()
);
comment on table person_former_slugs is 'Slugs that people had before; requests for them are sent on to the present one.';
create index person_former_slugs_person_id_idx on person_former_slugs (person_id);

create table person_aliases (
  person_id uuid not null references people (id) on delete cascade,
  name text not null check (length(name) between 1 and 255),
  primary key (person_id, name)
);
create index person_aliases_folded_name_idx on person_aliases (fold(name));
comment on table person_aliases is 'Other names of a person: stage names, married names, other spellings. All of them are searched.';

create table movie_credits (
  id uuid primary key default uuidv7(),
  movie_id uuid not null references movies (id) on delete cascade,
  person_id uuid not null constraint movie_credits_person_id_fkey references people (id),
  role cast_role not null,
  character_name text check (length(character_name) between 1 and 255),
  billing_order smallint not null default 0 check (billing_order >= 0),
  constraint movie_credits_key unique nulls not distinct (movie_id, person_id, role, character_name)
);
comment on table movie_credits is 'Who did what in a title. billing_order counts from 0 within a role.';
create index movie_credits_person_id_idx on movie_credits (person_id, movie_id);

-- migrate:down
drop table movie_credits;
drop table person_aliases;
drop table person_former_slugs;
drop table people;
drop type cast_role;
