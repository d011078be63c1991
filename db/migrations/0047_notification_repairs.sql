-- Repairs of how people are told: groups off the list, browsers that are refused, erasure, and days that are skipped.

-- migrate:up
-- What is not on the list cannot be marked as read: groups of it end by themselves, so there may be several.
drop index notifications_open_group_key;
create unique index notifications_open_group_key on notifications (user_id, type, review_id) nulls not distinct
  where type in ('new_follower', 'review_helpful') and read_at is null and in_app;

-- Groups lose who was erased in small transactions of a job, which must know which they were in until then.
alter table notification_actors drop constraint notification_actors_actor_id_fkey;
comment on column notification_actors.actor_id is
  'An account, or for a moment one that was erased. No reference: a job takes it out of the groups, and their counts, before it goes.';

alter table push_subscriptions add column refused_since timestamptz;
comment on column push_subscriptions.refused_since is
  'Since when its service refuses our messages to it; null once it takes one. It is forgotten after a week of that.';

create or replace function next_digest(moment timestamptz, zone text, hour smallint, told_on date) returns timestamptz
  language sql stable
  -- Whoever moves from the first time zone to the last may have had the mail of the day after tomorrow.
  as $$
    select min(due)
    from generate_series(0, 3) ahead
    cross join lateral (select (moment at time zone zone)::date + ahead as day) d
    cross join lateral (select (day + make_time(hour, 0, 0)) at time zone zone as due) m
    where due > moment and (told_on is null or day > told_on)
  $$;

-- migrate:down
create or replace function next_digest(moment timestamptz, zone text, hour smallint, told_on date) returns timestamptz
  language sql stable
  as $$
    select min(due)
    from generate_series(0, 2) ahead
    cross join lateral (select (moment at time zone zone)::date + ahead as day) d
    cross join lateral (select (day + make_time(hour, 0, 0)) at time zone zone as due) m
    where due > moment and (told_on is null or day > told_on)
  $$;
alter table push_subscriptions drop column refused_since;
delete from notification_actors a where not exists (select from users u where u.id = a.actor_id);
alter table notification_actors add constraint notification_actors_actor_id_fkey foreign key (actor_id) references users (id) on delete cascade;
comment on column notification_actors.actor_id is null;
update notifications set read_at = now() where type in ('new_follower', 'review_helpful') and read_at is null and not in_app;
drop index notifications_open_group_key;
create unique index notifications_open_group_key on notifications (user_id, type, review_id) nulls not distinct
  where type in ('new_follower', 'review_helpful') and read_at is null;
