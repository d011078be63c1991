-- What people are told of: one list for each account, in the order in which it was told.

-- migrate:up
create type notification_type as enum ('new_follower', 'review_helpful', 'followed_user_review', 'review_moderated', 'report_resolved',
  'watchlist_release', 'role_changed', 'system');

create table announcements (
  id uuid primary key default uuidv7(),
  title text not null check (length(title) between 1 and 120),
  body text not null check (length(body) between 1 and 2000),
  audience text not null check (audience in ('everybody', 'critics', 'staff')),
  created_by uuid constraint announcements_created_by_fkey references users (id) on delete set null,
  created_at timestamptz not null default now()
);
comment on table announcements is 'What operators tell everybody, or some. The notifications of it have no copy of the text.';
create index announcements_created_by_idx on announcements (created_by) where created_by is not null;
create index announcements_newest_idx on announcements (created_at desc, id desc);

create table notification_counters (
  user_id uuid primary key constraint notification_counters_user_id_fkey references users (id) on delete cascade,
  last_position bigint not null default 0 check (last_position >= 0),
  unread_count integer not null default 0 check (unread_count >= 0),
  digest_due_at timestamptz,
  digested_position bigint not null default 0 check (digested_position >= 0),
  digested_on date
) with (fillfactor = 70);
comment on table notification_counters is
  'One row for each account that was ever told anything. Whoever writes its notifications holds this row first, so that they become visible in the order of their positions, without gaps, and the count is exact. Many rows are taken in the order of user_id.';
comment on column notification_counters.last_position is 'The position that was given last.';
comment on column notification_counters.unread_count is 'Its notifications with in_app and without read_at.';
comment on column notification_counters.digest_due_at is 'When the mail of the day is due; null while there is nothing to put into it.';
comment on column notification_counters.digested_position is 'Up to where mails of the day have told.';
comment on column notification_counters.digested_on is 'The day, where its owner lives, of the last mail of the day: there is one a day at most.';
create index notification_counters_digest_due_idx on notification_counters (digest_due_at, user_id) where digest_due_at is not null;

create table notifications (
  id uuid primary key default uuidv7(),
  user_id uuid not null constraint notifications_user_id_fkey references users (id) on delete cascade,
  type notification_type not null,
  position bigint not null check (position > 0),
  actor_id uuid,
  review_id uuid,
  movie_id uuid,
  announcement_id uuid constraint notifications_announcement_id_fkey references announcements (id) on delete cascade,
  data jsonb not null default '{}',
  actor_count integer not null default 0 check (actor_count >= 0),
  in_app boolean not null default true,
  live boolean not null default true,
  mail text check (mail in ('instant', 'daily')),
  read_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint notifications_user_id_position_key unique (user_id, position)
);
comment on table notifications is
  'What an account was told: by ids, never by text of other people, which is read when it is shown, as its reader may see it then. Ids of reviews, titles and authors are no references: what 100,000 rows hang on must go in a moment; readers look whether it is there, and a job takes the rows away.';
comment on column notifications.position is 'Its place in the account''s list, greatest first, and what a client resumes after. A group that grows takes a new one.';
comment on column notifications.movie_id is 'The title that it is about, that of the review included: where the title goes, so does what was told of it.';
comment on column notifications.actor_id is 'Whose review it is, for followed_user_review.';
comment on column notifications.data is 'What else was told, by type: decision, reason, resolution, report_id, role, former_role, notice, until.';
comment on column notifications.actor_count is 'Rows of notification_actors that are not withdrawn.';
comment on column notifications.in_app is 'Whether it is on the list and counts as unread.';
comment on column notifications.live is 'Whether open connections are told.';
comment on column notifications.mail is 'Whether a mail tells it at once, or the mail of the day does; null for neither.';
comment on column notifications.updated_at is 'When it took its position.';
-- One group that can grow for each account, type and review; a group that was read is closed.
create unique index notifications_open_group_key on notifications (user_id, type, review_id) nulls not distinct
  where type in ('new_follower', 'review_helpful') and read_at is null;
create index notifications_groups_idx on notifications (user_id, type, review_id) where type in ('new_follower', 'review_helpful');
create index notifications_review_id_idx on notifications (review_id, id) where review_id is not null;
create index notifications_actor_id_idx on notifications (actor_id, id) where actor_id is not null;
create index notifications_movie_id_idx on notifications (movie_id, id) where movie_id is not null;
create index notifications_announcement_id_idx on notifications (announcement_id) where announcement_id is not null;
create index notifications_read_at_idx on notifications (read_at, id) where read_at is not null;

create table notification_actors (
  notification_id uuid not null constraint notification_actors_notification_id_fkey references notifications (id) on delete cascade,
  actor_id uuid not null constraint notification_actors_actor_id_fkey references users (id) on delete cascade,
  acted_at timestamptz not null default now(),
  is_withdrawn boolean not null default false,
  primary key (notification_id, actor_id)
);
comment on table notification_actors is 'Who is in a group (new_follower, review_helpful), each once.';
comment on column notification_actors.is_withdrawn is
  'They took it back, or are out of sight. The row stays, so that doing it over and over tells nobody twice.';
create index notification_actors_shown_idx on notification_actors (notification_id, acted_at desc, actor_id) where not is_withdrawn;
create index notification_actors_actor_id_idx on notification_actors (actor_id, notification_id);

-- migrate:down
drop table notification_actors;
drop table notifications;
drop table notification_counters;
drop table announcements;
drop type notification_type;
