-- What the relay has to know to deliver every event once to each subscriber, whatever is lost on the way.

-- migrate:up
alter table outbox_events
  add column event_id uuid not null default uuidv7(),
  add column relayed_to text[],
  add column settled_at timestamptz,
  add constraint outbox_events_published_check check ((published_at is null) = (relayed_to is null)),
  add constraint outbox_events_settled_check check (settled_at is null or published_at is not null);
comment on column outbox_events.event_id is 'The event''s name for good, also after a restore or in a new database: jobs and marks are named after it.';
comment on column outbox_events.relayed_to is 'The subscribers that a job was made for.';
comment on column outbox_events.settled_at is 'When all of them were found to have handled it.';
create index outbox_events_unsettled_idx on outbox_events (published_at) where published_at is not null and settled_at is null;
create index outbox_events_settled_idx on outbox_events (settled_at) where settled_at is not null;

-- migrate:down
drop index outbox_events_settled_idx;
drop index outbox_events_unsettled_idx;
alter table outbox_events
  drop column event_id,
  drop column relayed_to,
  drop column settled_at;
