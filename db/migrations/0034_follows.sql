-- Who follows whom, and how many there are of each.

-- migrate:up

-- A load that counts at its end sets lemonnpie.social = 'deferred' in its session, and calls refresh_social() then.
create function social_is_deferred() returns boolean
  language sql stable
  return coalesce(current_setting('lemonnpie.social', true), '') = 'deferred';
comment on function social_is_deferred() is
  'Whether this session writes follows, lists and reviews without what follows from them (set lemonnpie.social = ''deferred''), to call refresh_social at its end.';

create table user_counts (
  user_id uuid primary key references users (id) on delete cascade,
  followers_count integer not null default 0 check (followers_count >= 0),
  following_count integer not null default 0 check (following_count >= 0)
) with (fillfactor = 70);
comment on table user_counts is 'How many follow an account and how many it follows: its rows in follows, kept by triggers. Apart from users, which many read and lock.';

create function users_add_counts() returns trigger language plpgsql as $$
begin
  insert into user_counts (user_id) select id from new_users on conflict do nothing;
  return null;
end $$;
create trigger users_add_counts after insert on users
  referencing new table as new_users for each statement execute function users_add_counts();
insert into user_counts (user_id) select id from users;

create table follows (
  follower_id uuid not null constraint follows_follower_id_fkey references users (id) on delete cascade,
  followee_id uuid not null constraint follows_followee_id_fkey references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (follower_id, followee_id),
  constraint follows_self_check check (follower_id <> followee_id)
);
comment on table follows is 'Who follows whom, since when.';
create index follows_followers_idx on follows (followee_id, created_at desc, follower_id desc);
create index follows_following_idx on follows (follower_id, created_at desc, followee_id desc);

create table blocks (
  blocker_id uuid not null constraint blocks_blocker_id_fkey references users (id) on delete cascade,
  blocked_id uuid not null constraint blocks_blocked_id_fkey references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (blocker_id, blocked_id),
  constraint blocks_self_check check (blocker_id <> blocked_id)
);
comment on table blocks is 'Who wants nothing to do with whom. Neither sees the other while it stands (is_blocked).';
create index blocks_blocker_idx on blocks (blocker_id, created_at desc, blocked_id desc);
create index blocks_blocked_idx on blocks (blocked_id, blocker_id);

create function is_blocked(one uuid, other uuid) returns boolean
  language sql stable parallel safe
  return exists (select from blocks b where b.blocker_id = one and b.blocked_id = other)
    or exists (select from blocks b where b.blocker_id = other and b.blocked_id = one);
comment on function is_blocked(uuid, uuid) is
  'Whether either account has blocked the other; false where one of them is null. Asked wherever one would see or reach the other.';

create function sees_user(viewer uuid, owner uuid) returns boolean
  language sql stable parallel safe
  return exists (select from users u where u.id = owner and (u.suspended_at is null or u.suspended_until <= now()))
    and not is_blocked(viewer, owner);
comment on function sees_user(uuid, uuid) is
  'Whether an account is there for a viewer (null for anybody): it exists, is not suspended, and neither has blocked the other.';

-- Both counts are locked in the order of their ids, before anything else is: of a follow and a block at once, or two storms
-- of follows, one waits for the other and then sees what it did. Each command here has a snapshot of its own.
create function follows_count_in() returns trigger language plpgsql as $$
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
create trigger follows_count_in after insert on follows
  referencing new table as new_rows for each statement execute function follows_count_in();

create function follows_count_out() returns trigger language plpgsql as $$
begin
  perform from user_counts c
  where c.user_id in (select follower_id from old_rows union select followee_id from old_rows)
  order by c.user_id for no key update;
  update user_counts c
  set followers_count = c.followers_count - d.followers, following_count = c.following_count - d.following
  from (
    select id, sum(followers) as followers, sum(following) as following
    from (
      select followee_id as id, 1 as followers, 0 as following from old_rows
      union all select follower_id, 0, 1 from old_rows
    ) each group by id
  ) d
  where c.user_id = d.id;
  return null;
end $$;
create trigger follows_count_out after delete on follows
  referencing old table as old_rows for each statement execute function follows_count_out();

create function blocks_end_follows() returns trigger language plpgsql as $$
begin
  perform from user_counts c
  where c.user_id in (select blocker_id from new_rows union select blocked_id from new_rows)
  order by c.user_id for no key update;
  delete from follows f using new_rows b
  where (f.follower_id = b.blocker_id and f.followee_id = b.blocked_id)
    or (f.follower_id = b.blocked_id and f.followee_id = b.blocker_id);
  return null;
end $$;
create trigger blocks_end_follows after insert on blocks
  referencing new table as new_rows for each statement execute function blocks_end_follows();

create function refresh_user_counts(ids uuid[] default null) returns integer
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  declare
    repaired integer;
  begin
    insert into user_counts (user_id) select u.id from users u where ids is null or u.id = any (ids) on conflict do nothing;
    perform from user_counts c where ids is null or c.user_id = any (ids) order by c.user_id for no key update;
    update user_counts c
    set followers_count = d.followers, following_count = d.following
    from (
      select x.user_id, coalesce(i.n, 0) as followers, coalesce(o.n, 0) as following
      from user_counts x
      left join (
        select followee_id as user_id, count(*) as n from follows where ids is null or followee_id = any (ids) group by 1
      ) i using (user_id)
      left join (
        select follower_id as user_id, count(*) as n from follows where ids is null or follower_id = any (ids) group by 1
      ) o using (user_id)
      where ids is null or x.user_id = any (ids)
    ) d
    where c.user_id = d.user_id and (c.followers_count, c.following_count) is distinct from (d.followers, d.following);
    get diagnostics repaired = row_count;
    return repaired;
  end $$;
comment on function refresh_user_counts(uuid[]) is
  'Counts the follows of the given accounts, or of all, anew: after a load that brought no counts, and to reconcile. Answers how many were wrong.';

-- migrate:down
drop function refresh_user_counts(uuid[]);
drop function sees_user(uuid, uuid);
drop function is_blocked(uuid, uuid);
drop table blocks;
drop function blocks_end_follows();
drop table follows;
drop function follows_count_out();
drop function follows_count_in();
drop trigger users_add_counts on users;
drop function users_add_counts();
drop table user_counts;
drop function social_is_deferred();
