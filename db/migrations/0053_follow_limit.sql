-- How many accounts one can follow: the feed grows dearer with each.

-- migrate:up
create function follow_limit() returns integer
  language sql immutable parallel safe
  return 5000;
comment on function follow_limit() is 'How many accounts one account may follow. Whoever follows more already goes on doing so, and follows nobody new.';

-- The limit is looked at while the count is locked, after this has counted: of many follows at once no two take the last place.
create or replace function follows_count_in() returns trigger language plpgsql as $$
begin
  if social_is_deferred() then return null; end if;
  perform from user_counts c
  where c.user_id in (select follower_id from new_rows union select followee_id from new_rows)
  order by c.user_id for no key update;
  if exists (select from new_rows f where is_blocked(f.follower_id, f.followee_id)) then
    raise foreign_key_violation using message = 'one of them has blocked the other', constraint = 'follows_blocked_check', table = 'follows';
  end if;
  update user_counts c
  set followers_count = c.followers_count + d.followers, following_count = c.following_count + d.following
  from (
    select id, sum(followers) as followers, sum(following) as following
    from (
      select followee_id as id, 1 as followers, 0 as following from new_rows
      union all select follower_id, 0, 1 from new_rows
    ) each group by id
  ) d
  where c.user_id = d.id;
  if exists (
    select from user_counts c
    where c.user_id in (select follower_id from new_rows) and c.following_count > follow_limit()
  ) then
    raise check_violation using message = 'nobody follows so many', constraint = 'follows_limit_check', table = 'follows';
  end if;
  return null;
end $$;

-- migrate:down
create or replace function follows_count_in() returns trigger language plpgsql as $$
begin
  if social_is_deferred() then return null; end if;
  perform from user_counts c
  where c.user_id in (select follower_id from new_rows union select followee_id from new_rows)
  order by c.user_id for no key update;
  if exists (select from new_rows f where is_blocked(f.follower_id, f.followee_id)) then
    raise foreign_key_violation using message = 'one of them has blocked the other', constraint = 'follows_blocked_check', table = 'follows';
  end if;
  update user_counts c
  set followers_count = c.followers_count + d.followers, following_count = c.following_count + d.following
  from (
    select id, sum(followers) as followers, sum(following) as following
    from (
      select followee_id as id, 1 as followers, 0 as following from new_rows
      union all select follower_id, 0, 1 from new_rows
    ) each group by id
  ) d
  where c.user_id = d.id;
  return null;
end $$;
drop function follow_limit();
