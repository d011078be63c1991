-- Telling many accounts the same, some at a time.

-- migrate:up
create type fan_out_kind as enum ('review', 'release', 'announcement');

create table notification_fan_outs (
  kind fan_out_kind not null,
  subject_id uuid not null,
  after_at timestamptz not null default now(),
  after_id uuid not null,
  told_count integer not null default 0 check (told_count >= 0),
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  primary key (kind, subject_id)
);
comment on table notification_fan_outs is
  'How far everybody was told of a review, a release or an announcement. Each transaction tells some and moves the mark, so whoever goes on after a crash repeats nothing, and nothing is told a second time once it is complete.';
comment on column notification_fan_outs.subject_id is 'The review, title or announcement.';
comment on column notification_fan_outs.after_at is 'With after_id: behind whom it goes on. Followers are walked from the latest back, so who comes later is not told.';
create index notification_fan_outs_unfinished_idx on notification_fan_outs (created_at) where completed_at is null;
create index notification_fan_outs_reviews_idx on notification_fan_outs (created_at) where kind = 'review';

create index list_titles_watchers_idx on list_titles (movie_id, user_id) where list = 'watchlist';
create index movies_release_date_idx on movies (release_date) where release_date is not null;

create function release_day(release_date date, precision_known release_precision) returns date
  language sql immutable parallel safe
  return case precision_known when 'day' then release_date when 'month' then (release_date + interval '1 month')::date end;
comment on function release_day(date, release_precision) is
  'The day by which a title is surely out: of a month alone it is known at its end, of a year alone it is not said.';

-- migrate:down
drop function release_day(date, release_precision);
drop index movies_release_date_idx;
drop index list_titles_watchers_idx;
drop table notification_fan_outs;
drop type fan_out_kind;
