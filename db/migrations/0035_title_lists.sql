-- The lists of titles that a viewer keeps, and who may look into them.

-- migrate:up
create type title_list as enum ('watchlist', 'favorites', 'watched');
create type list_visibility as enum ('public', 'followers', 'private');

create table list_titles (
  user_id uuid not null constraint list_titles_user_id_fkey references users (id) on delete cascade,
  movie_id uuid not null constraint list_titles_movie_id_fkey references movies (id) on delete cascade,
  list title_list not null,
  by_review boolean not null default false,
  added_at timestamptz not null default now(),
  primary key (user_id, movie_id, list)
);
comment on table list_titles is 'Which titles stand on which list of whom. All that an account has to do with one title is side by side.';
comment on column list_titles.by_review is 'Whether the title is watched because it was reviewed, and nobody said more: the review speaks for both.';
create index list_titles_newest_idx on list_titles (user_id, list, added_at desc, movie_id desc);
create index list_titles_movie_id_idx on list_titles (movie_id, list);

create table viewings (
  user_id uuid not null,
  movie_id uuid not null,
  watched_on date not null,
  list title_list not null default 'watched' check (list = 'watched'),
  primary key (user_id, movie_id, watched_on),
  constraint viewings_watched_fkey foreign key (user_id, movie_id, list) references list_titles (user_id, movie_id, list) on delete cascade
);
comment on table viewings is 'The diary: on which days somebody watched a title that stands on their list of watched ones. The second is a rewatch.';
comment on column viewings.list is 'Always watched: what the reference to list_titles is made with.';

create table list_privacy (
  user_id uuid not null references users (id) on delete cascade,
  list title_list not null,
  visibility list_visibility not null,
  updated_at timestamptz not null default now(),
  primary key (user_id, list)
);
comment on table list_privacy is 'Who may look into a list; where nothing was said, everybody may.';

create function can_see_list(viewer uuid, owner uuid, which title_list) returns boolean
  language sql stable parallel safe
  return coalesce(viewer = owner, false) or case
    coalesce((select p.visibility from list_privacy p where p.user_id = owner and p.list = which), 'public')
    when 'public' then true
    when 'followers' then exists (select from follows f where f.follower_id = viewer and f.followee_id = owner)
    else false end;
comment on function can_see_list(uuid, uuid, title_list) is
  'Whether a viewer (null for anybody) may look into a list of somebody whom they see (sees_user).';

create function title_viewer(viewer uuid, movie uuid) returns json
  language sql stable parallel safe
  return case when viewer is not null then json_build_object(
    'my_rating', (select r.lemon_pie_rating from reviews r where r.user_id = viewer and r.movie_id = movie),
    'in_watchlist', exists (select from list_titles l where l.user_id = viewer and l.movie_id = movie and l.list = 'watchlist'),
    'in_favorites', exists (select from list_titles l where l.user_id = viewer and l.movie_id = movie and l.list = 'favorites'),
    'watched', exists (select from list_titles l where l.user_id = viewer and l.movie_id = movie and l.list = 'watched')) end;
comment on function title_viewer(uuid, uuid) is 'What of a title depends on who asks (MovieSummary.viewer); null for nobody.';

-- Whoever reviews a title has watched it, and no longer means to. The row is written even where it is there, so that who
-- takes the title off the list meanwhile waits, and then sees the review.
create function reviews_mark_watched() returns trigger language plpgsql as $$
begin
  if social_is_deferred() then return null; end if;
  insert into list_titles as l (user_id, movie_id, list, by_review, added_at)
  select n.user_id, n.movie_id, 'watched', true, n.created_at from new_rows n where n.user_id is not null
  order by n.user_id, n.movie_id
  on conflict (user_id, movie_id, list) do update set by_review = l.by_review;
  delete from list_titles l using new_rows n
  where l.user_id = n.user_id and l.movie_id = n.movie_id and l.list = 'watchlist';
  return null;
end $$;
create trigger reviews_mark_watched after insert on reviews
  referencing new table as new_rows for each statement execute function reviews_mark_watched();
insert into list_titles (user_id, movie_id, list, by_review, added_at)
select r.user_id, r.movie_id, 'watched', true, r.created_at from reviews r where r.user_id is not null;

create or replace function has_watched(viewer uuid, movie uuid) returns boolean
  language sql stable parallel safe
  return exists (select from list_titles l where l.user_id = viewer and l.movie_id = movie and l.list = 'watched');
comment on function has_watched(uuid, uuid) is 'Whether an account has seen a title, so that nothing can be spoilt: it says so, or has reviewed it.';

-- migrate:down
create or replace function has_watched(viewer uuid, movie uuid) returns boolean
  language sql stable parallel safe
  return exists (select from reviews r where r.user_id = viewer and r.movie_id = movie);
comment on function has_watched(uuid, uuid) is 'Whether an account has seen a title, so that nothing can be spoilt: who has reviewed it has.';
drop trigger reviews_mark_watched on reviews;
drop function reviews_mark_watched();
drop function title_viewer(uuid, uuid);
drop function can_see_list(uuid, uuid, title_list);
drop table list_privacy;
drop table viewings;
drop table list_titles;
drop type list_visibility;
drop type title_list;
