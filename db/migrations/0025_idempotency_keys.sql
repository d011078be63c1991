-- Answers that were given, for requests that are sent twice.

-- migrate:up
create table idempotency_keys (
  user_id uuid not null references users (id) on delete cascade,
  key text not null check (length(key) between 1 and 255),
  request_hash bytea not null check (length(request_hash) = 32),
  answer text,
  created_at timestamptz not null default now(),
  primary key (user_id, key)
);
comment on table idempotency_keys is 'What was answered to the request that an account sent under a key, for 24 hours; written in the transaction of its effect.';
comment on column idempotency_keys.request_hash is 'SHA-256 of method, path and body: another request under the key is refused.';
comment on column idempotency_keys.answer is 'JSON, byte for byte; null only within the transaction that is at it.';
create index idempotency_keys_created_at_idx on idempotency_keys (created_at);

-- migrate:down
drop table idempotency_keys;
