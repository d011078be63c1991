-- What waits for a moderator is neither shown nor counted; and whom was told of an act is not told of it again.

-- migrate:up
alter table notifications add column is_held boolean not null default false;
comment on column notifications.is_held is
  'Its review waits for a moderator: until that has decided it is not shown, and does not count as unread.';
comment on column notification_counters.unread_count is 'Its notifications with in_app, without read_at, and not held.';
create index notifications_held_idx on notifications (review_id, id) where is_held;

alter table notification_actors add column revision integer not null default 0 check (revision >= 0);
comment on column notification_actors.revision is
  'Which text of the review they found helpful: another text is another act. 0 for acts that are about no text.';
-- Votes from before this are taken for such on the present text.
update notification_actors a set revision = r.revision
from notifications n join reviews r on r.id = n.review_id
where n.id = a.notification_id and n.type = 'review_helpful';

create table notification_acts_told (
  user_id uuid not null,
  type notification_type not null check (type in ('new_follower', 'review_helpful')),
  actor_id uuid not null,
  review_id uuid,
  movie_id uuid,
  revision integer not null,
  constraint notification_acts_told_key unique nulls not distinct (user_id, type, review_id, actor_id)
);
comment on table notification_acts_told is
  'Who was in groups that are deleted, by their owner or for their age, so that doing it again tells nobody twice. As notification_actors, by ids that are no references: a job takes out who was erased and what is gone.';
create index notification_acts_told_actor_id_idx on notification_acts_told (actor_id);
create index notification_acts_told_review_id_idx on notification_acts_told (review_id) where review_id is not null;
create index notification_acts_told_movie_id_idx on notification_acts_told (movie_id) where movie_id is not null;

alter table announcements add column called_off_at timestamptz;
comment on column announcements.called_off_at is 'When it was called off: from then on it is told to nobody more, and shown to nobody.';

-- migrate:down
alter table announcements drop column called_off_at;
drop table notification_acts_told;
alter table notification_actors drop column revision;
delete from notifications where is_held;
drop index notifications_held_idx;
alter table notifications drop column is_held;
comment on column notification_counters.unread_count is 'Its notifications with in_app and without read_at.';
