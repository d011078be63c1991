-- What signing in remembers so that passwords cannot be guessed, and that people hear of strangers.

-- migrate:up
create table login_failures (
  email_hash bytea primary key check (length(email_hash) = 32),
  failures integer not null default 1 check (failures >= 0),
  last_failed_at timestamptz not null default now(),
  locked_until timestamptz
);
comment on table login_failures is 'Guesses at passwords by a keyed hash of the address, whether or not there is such an account, so that a lock says nothing.';
comment on column login_failures.failures is 'Counted before a password is looked at, taken back when it was right.';
create index login_failures_last_failed_at_idx on login_failures (last_failed_at);

create table known_devices (
  user_id uuid references users on delete cascade,
  device_hash bytea check (length(device_hash) = 32),
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (user_id, device_hash)
);
comment on table known_devices is 'Pairs of user agent and address that an account has signed in from, as keyed hashes; a new one is told by e-mail.';
create index known_devices_last_seen_at_idx on known_devices (last_seen_at);

-- migrate:down
drop table known_devices;
drop table login_failures;
