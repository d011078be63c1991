-- What people did, for those who follow them.

-- migrate:up
create type activity_type as enum ('reviewed', 'rated', 'watched', 'watchlisted', 'favourited', 'followed');

create table activities (
  id uuid primary key default uuidv7(),
  user_id uuid not null references users (id) on delete cascade,
  type activity_type not null,
  review_id uuid references reviews (id) on delete cascade,
  hour timestamptz,
  act_count integer not null default 1 check (act_count >= 0),
  created_at timestamptz not null,
  constraint activities_review_id_check check ((review_id is not null) = (type in ('reviewed', 'rated'))),
  constraint activities_hour_check check ((hour is null) = (review_id is not null)),
  constraint activities_user_id_type_hour_key unique (user_id, type, hour),
  constraint activities_review_id_type_key unique (review_id, type)
);
comment on table activities is
  'What followers may see that somebody did, and nothing else: a row goes with what it tells of, in the same transaction. Derived from reviews, list_titles and follows by triggers.';
comment on column activities.hour is 'Small acts of one kind are one row for each hour; null for a review.';
comment on column activities.act_count is 'How many acts the row stands for.';
comment on column activities.created_at is 'When the first of them was. It stays, so that no row moves while somebody pages.';
create index activities_user_newest_idx on activities (user_id, created_at desc, id desc);
create index activities_user_type_newest_idx on activities (user_id, type, created_at desc, id desc);
create index activities_newest_idx on activities (created_at desc, id desc) include (user_id, type);

create function activity_hour(moment timestamptz) returns timestamptz
  language sql immutable parallel safe
  return date_bin('1 hour', moment, '2000-01-01 00:00:00+00');

create function activity_of(list title_list) returns activity_type
  language sql immutable parallel safe
  return case list when 'watchlist' then 'watchlisted'::activity_type when 'favorites' then 'favourited' else 'watched' end;

create function list_is_private(owner uuid, which title_list) returns boolean
  language sql stable parallel safe
  return exists (select from list_privacy p where p.user_id = owner and p.list = which and p.visibility = 'private');

-- By the time this runs, the check of list_titles_user_id_fkey holds the row of the account, for which a change of privacy waits.
create function list_titles_tell() returns trigger language plpgsql as $$
begin
  if social_is_deferred() then return null; end if;
  insert into activities as a (user_id, type, hour, act_count, created_at)
  select n.user_id, activity_of(n.list), activity_hour(n.added_at), count(*), min(n.added_at)
  from new_rows n
  where not n.by_review and not list_is_private(n.user_id, n.list)
  group by 1, 2, 3
  order by 1, 2, 3
  on conflict (user_id, type, hour) do update set act_count = a.act_count + excluded.act_count;
  return null;
end $$;
create trigger list_titles_tell after insert on list_titles
  referencing new table as new_rows for each statement execute function list_titles_tell();

-- The count is taken first, which locks the row: who adds to it meanwhile waits, and finds it gone or with one less.
create function activities_take(users uuid[], types activity_type[], hours timestamptz[]) returns void language plpgsql as $$
begin
  perform from activities a
  join (select distinct * from unnest(users, types, hours) u (user_id, type, hour)) g using (user_id, type, hour)
  order by a.user_id, a.type, a.hour for no key update of a;
  update activities a set act_count = greatest(0, a.act_count - g.n)
  from (select u.user_id, u.type, u.hour, count(*) as n from unnest(users, types, hours) u (user_id, type, hour) group by 1, 2, 3) g
  where a.user_id = g.user_id and a.type = g.type and a.hour = g.hour;
  delete from activities a using unnest(users, types, hours) u (user_id, type, hour)
  where a.user_id = u.user_id and a.type = u.type and a.hour = u.hour and a.act_count = 0;
end $$;
comment on function activities_take(uuid[], activity_type[], timestamptz[]) is 'Takes acts out of their rows, and the rows that none is left in away.';

create function list_titles_untell() returns trigger language plpgsql as $$
begin
  -- A change of privacy writes the rows anew from what it sees, and so must not see half of this.
  perform from users u where u.id in (select user_id from old_rows) order by u.id for key share;
  perform activities_take(array_agg(o.user_id), array_agg(activity_of(o.list)), array_agg(activity_hour(o.added_at)))
  from old_rows o where not o.by_review having count(*) > 0;
  return null;
end $$;
create trigger list_titles_untell after delete on list_titles
  referencing old table as old_rows for each statement execute function list_titles_untell();

create function tell_list(owner uuid, which title_list) returns void
  language sql
  as $$
    insert into activities (user_id, type, hour, act_count, created_at)
    select l.user_id, activity_of(l.list), activity_hour(l.added_at), count(*), min(l.added_at)
    from list_titles l
    where l.user_id = owner and l.list = which and not l.by_review
    group by 1, 2, 3
    on conflict (user_id, type, hour) do update set act_count = excluded.act_count
  $$;
comment on function tell_list(uuid, title_list) is 'Writes the activities of a list that was private until now.';

-- The account is locked before its reference is checked: two changes that held it in common would wait for each other.
create function list_privacy_lock() returns trigger language plpgsql as $$
begin
  perform from users u where u.id = new.user_id for update;
  return new;
end $$;
create trigger list_privacy_lock before insert on list_privacy for each row execute function list_privacy_lock();

create function list_privacy_tell() returns trigger language plpgsql as $$
begin
  if new.visibility = 'private' then
    delete from activities a where a.user_id = new.user_id and a.type = activity_of(new.list);
  elsif tg_op = 'UPDATE' and old.visibility = 'private' then
    perform tell_list(new.user_id, new.list);
  end if;
  return null;
end $$;
create trigger list_privacy_tell after insert or update of visibility on list_privacy
  for each row execute function list_privacy_tell();

create function follows_tell() returns trigger language plpgsql as $$
begin
  if social_is_deferred() then return null; end if;
  insert into activities as a (user_id, type, hour, act_count, created_at)
  select n.follower_id, 'followed', activity_hour(n.created_at), count(*), min(n.created_at)
  from new_rows n
  group by 1, 3
  order by 1, 3
  on conflict (user_id, type, hour) do update set act_count = a.act_count + excluded.act_count;
  return null;
end $$;
create trigger follows_tell after insert on follows
  referencing new table as new_rows for each statement execute function follows_tell();

create function follows_untell() returns trigger language plpgsql as $$
begin
  perform activities_take(array_agg(o.follower_id), array_agg('followed'::activity_type), array_agg(activity_hour(o.created_at)))
  from old_rows o having count(*) > 0;
  return null;
end $$;
create trigger follows_untell after delete on follows
  referencing old table as old_rows for each statement execute function follows_untell();

create function reviews_tell() returns trigger language plpgsql as $$
begin
  if social_is_deferred() then return null; end if;
  insert into activities (user_id, type, review_id, created_at)
  select n.user_id, 'reviewed', n.id, n.created_at
  from new_rows n
  where n.user_id is not null and n.moderation_status = 'approved';
  return null;
end $$;
create trigger reviews_tell after insert on reviews
  referencing new table as new_rows for each statement execute function reviews_tell();

-- A rating that changes within the hour of what was told last is a slip of the finger.
create function reviews_tell_change() returns trigger language plpgsql as $$
begin
  if new.moderation_status <> 'approved' or new.user_id is null then
    delete from activities a where a.review_id = new.id;
  elsif old.moderation_status <> 'approved' then
    insert into activities (user_id, type, review_id, created_at)
    values (new.user_id, 'reviewed', new.id, now())
    on conflict (review_id, type) do nothing;
  elsif not exists (select from activities a where a.review_id = new.id and a.created_at > now() - interval '1 hour') then
    delete from activities a where a.review_id = new.id and a.type = 'rated';
    insert into activities (user_id, type, review_id, created_at) values (new.user_id, 'rated', new.id, now());
  end if;
  return null;
end $$;
create trigger reviews_tell_change after update of moderation_status, lemon_pie_rating, user_id on reviews
  for each row when ((old.moderation_status, old.lemon_pie_rating, old.user_id)
    is distinct from (new.moderation_status, new.lemon_pie_rating, new.user_id))
  execute function reviews_tell_change();

-- No plan_cache_mode here: the checks of the foreign keys, two for each row that is written, would be planned anew each time.
create function refresh_social() returns void
  language plpgsql
  as $$
  begin
    insert into list_titles (user_id, movie_id, list, by_review, added_at)
    select r.user_id, r.movie_id, 'watched', true, r.created_at from reviews r where r.user_id is not null
    on conflict do nothing;
    perform refresh_user_counts();
    insert into activities (user_id, type, hour, act_count, created_at)
    select l.user_id, activity_of(l.list), activity_hour(l.added_at), count(*), min(l.added_at)
    from list_titles l
    where not l.by_review and not list_is_private(l.user_id, l.list)
    group by 1, 2, 3
    on conflict (user_id, type, hour) do update set act_count = excluded.act_count;
    insert into activities (user_id, type, hour, act_count, created_at)
    select f.follower_id, 'followed', activity_hour(f.created_at), count(*), min(f.created_at) from follows f group by 1, 3
    on conflict (user_id, type, hour) do update set act_count = excluded.act_count;
    insert into activities (user_id, type, review_id, created_at)
    select r.user_id, 'reviewed', r.id, coalesce(r.moderated_at, r.created_at)
    from reviews r
    where r.user_id is not null and r.moderation_status = 'approved'
    on conflict (review_id, type) do nothing;
  end $$;
comment on function refresh_social() is
  'What follows from follows, lists and reviews that were loaded while social_is_deferred(): watched titles, counts and activities.';
select refresh_social();

-- migrate:down
drop function refresh_social();
drop trigger reviews_tell_change on reviews;
drop function reviews_tell_change();
drop trigger reviews_tell on reviews;
drop function reviews_tell();
drop trigger follows_untell on follows;
drop function follows_untell();
drop trigger follows_tell on follows;
drop function follows_tell();
drop trigger list_privacy_tell on list_privacy;
drop function list_privacy_tell();
drop trigger list_privacy_lock on list_privacy;
drop function list_privacy_lock();
drop function tell_list(uuid, title_list);
drop trigger list_titles_untell on list_titles;
drop function list_titles_untell();
drop function activities_take(uuid[], activity_type[], timestamptz[]);
drop trigger list_titles_tell on list_titles;
drop function list_titles_tell();
drop function list_is_private(uuid, title_list);
drop function activity_of(title_list);
drop function activity_hour(timestamptz);
drop table activities;
drop type activity_type;
