-- Who has reacted to which event.

-- migrate:up
create table handled_events (
  consumer text not null check (consumer ~ '^[a-z][a-z0-9_.-]{0,99}$'),
  event_id uuid not null,
  handled_at timestamptz not null default now(),
  primary key (event_id, consumer)
);
comment on table handled_events is 'Marks of what a subscriber has handled, committed together with the effect, so that a job that runs again does nothing twice.';
create index handled_events_handled_at_idx on handled_events (handled_at);

-- migrate:down
drop table handled_events;
