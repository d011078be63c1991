-- Marking as watched what stood on the list for a review alone, and a review that leaves the title on the watchlist.

-- migrate:up

-- The account is locked as the reference to it locks it when a row is added: a change of privacy, which writes the activities
-- anew from the rows, comes before or after this.
create function list_titles_tell_marked() returns trigger language plpgsql as $$
begin
  if social_is_deferred() then return null; end if;
  perform from users u where u.id = new.user_id for key share;
  insert into activities as a (user_id, type, hour, act_count, created_at)
  select new.user_id, activity_of(new.list), activity_hour(new.added_at), 1, new.added_at
  where not list_is_private(new.user_id, new.list)
  on conflict (user_id, type, hour) do update set act_count = a.act_count + 1;
  return null;
end $$;
create trigger list_titles_tell_marked after update of by_review on list_titles
  for each row when (old.by_review and not new.by_review) execute function list_titles_tell_marked();

create or replace function reviews_mark_watched() returns trigger language plpgsql as $$
begin
  if social_is_deferred() then return null; end if;
  insert into list_titles as l (user_id, movie_id, list, by_review, added_at)
  select n.user_id, n.movie_id, 'watched', true, n.created_at from new_rows n where n.user_id is not null
  order by n.user_id, n.movie_id
  on conflict (user_id, movie_id, list) do update set by_review = l.by_review;
  -- Set for its transaction by who publishes and asked for it.
  if coalesce(current_setting('lemonnpie.watchlist', true), '') = 'kept' then return null; end if;
  delete from list_titles l using new_rows n
  where l.user_id = n.user_id and l.movie_id = n.movie_id and l.list = 'watchlist';
  return null;
end $$;

-- migrate:down
create or replace function reviews_mark_watched() returns trigger language plpgsql as $$
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
drop trigger list_titles_tell_marked on list_titles;
drop function list_titles_tell_marked();
