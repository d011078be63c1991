-- What the relay has to know to deliver every event once to each subscriber, whatever is lost on the way.

-- migrate:up
alter table outbox_events
  add column event_id uuid not null default uuidv7(),
  add column relayed_to text[],
  add column recheck_at timestamptz,
  add constraint outbox_events_relayed_to_check check (published_at is not null or relayed_to is null),
  add constraint outbox_events_recheck_at_check check (recheck_at is null or relayed_to is not null);
comment on column outbox_events.event_id is 'The event''s name for good, also in a database that was made anew: jobs and marks are named after it.';
comment on column outbox_events.relayed_to is 'The subscribers that a job was made for.';
comment on column outbox_events.recheck_at is 'When to look whether all of them have handled it, and to make lost jobs again; null once they have.';
create index outbox_events_recheck_at_idx on outbox_events (recheck_at) where recheck_at is not null;
create index outbox_events_published_at_idx on outbox_events (published_at) where published_at is not null;

-- migrate:down
drop index outbox_events_published_at_idx;
drop index outbox_events_recheck_at_idx;
alter table outbox_events
  drop column event_id,
  drop column relayed_to,
  drop column recheck_at;
