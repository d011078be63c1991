-- Events that follow from a transaction, written in it.

-- migrate:up
create table outbox_events (
  id bigint generated always as identity primary key,
  name text not null check (name ~ '^[a-z_]+(\.[a-z_]+)+$'),
  payload jsonb not null,
  request_id text,
  created_at timestamptz not null default now(),
  published_at timestamptz
);
comment on table outbox_events is 'Transactional outbox: what happened, written in the transaction that did it, for the worker to relay.';
create index outbox_events_unpublished_idx on outbox_events (id) where published_at is null;

-- migrate:down
drop table outbox_events;
