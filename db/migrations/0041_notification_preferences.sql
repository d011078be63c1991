-- How people want to be told, and when their mail of the day is due.

-- migrate:up
create table notification_preferences (
  user_id uuid not null constraint notification_preferences_user_id_fkey references users (id) on delete cascade,
  type notification_type not null,
  channel text not null check (channel ~ '^[a-z]+(_[a-z]+)*$' and length(channel) <= 30),
  mode text not null check (mode in ('off', 'on', 'instant', 'daily')),
  updated_at timestamptz not null default now(),
  primary key (user_id, type, channel)
);
comment on table notification_preferences is
  'What somebody chose otherwise than the defaults, which stand in the code. Channels are text, so that another needs no migration.';

create function is_time_zone(zone text) returns boolean language plpgsql stable as $$
begin
  perform now() at time zone zone;
  return zone ~ '^[A-Za-z]';
exception when invalid_parameter_value then
  return false;
end $$;
comment on function is_time_zone(text) is 'Whether Postgres can tell the time there.';

create table notification_settings (
  user_id uuid primary key constraint notification_settings_user_id_fkey references users (id) on delete cascade,
  time_zone text not null constraint notification_settings_time_zone_check check (length(time_zone) <= 60 and is_time_zone(time_zone)),
  digest_hour smallint not null check (digest_hour between 0 and 23),
  updated_at timestamptz not null default now()
);
comment on table notification_settings is 'Where somebody lives, and at which hour there their mail of the day is sent; where nothing was said, the defaults in the code.';

create function next_digest(moment timestamptz, zone text, hour smallint, told_on date) returns timestamptz
  language sql stable
  as $$
    select min(due)
    from generate_series(0, 2) ahead
    cross join lateral (select (moment at time zone zone)::date + ahead as day) d
    cross join lateral (select (day + make_time(hour, 0, 0)) at time zone zone as due) m
    where due > moment and (told_on is null or day > told_on)
  $$;
comment on function next_digest(timestamptz, text, smallint, date) is
  'When it is next that hour there after a moment, on a day after told_on. Reckoned in local days: where the clocks skip the hour it is the moment after, where it comes twice it is once.';

-- migrate:down
drop function next_digest(timestamptz, text, smallint, date);
drop table notification_settings;
drop function is_time_zone(text);
drop table notification_preferences;
