-- Who is signed in where, and the tokens with which they stay so.

-- migrate:up
create table sessions (
  id uuid primary key default uuidv7(),
  user_id uuid not null references users on delete cascade,
  user_agent text check (length(user_agent) between 1 and 300),
  address inet,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text check (end_reason ~ '^[a-z_]{1,40}$'),
  constraint sessions_end_check check ((ended_at is null) = (end_reason is null))
);
comment on table sessions is 'Sign-ins: one for each device. A request counts only while its session is neither ended nor expired.';
comment on column sessions.last_used_at is 'When its refresh token was last used; no request writes here.';
create index sessions_live_idx on sessions (user_id, last_used_at desc, id desc) where ended_at is null;
create index sessions_user_id_idx on sessions (user_id);
create index sessions_expires_at_idx on sessions (expires_at);
create index sessions_ended_at_idx on sessions (ended_at) where ended_at is not null;

create table refresh_tokens (
  token_hash bytea primary key check (length(token_hash) = 32),
  session_id uuid not null references sessions on delete cascade,
  created_at timestamptz not null default now(),
  used_at timestamptz
);
comment on table refresh_tokens is 'Refresh tokens by their SHA-256. Those of one session are a family: each use brings the next, and a used one that comes again ends the session.';
create index refresh_tokens_session_id_idx on refresh_tokens (session_id);
create index refresh_tokens_used_idx on refresh_tokens (created_at) where used_at is not null;
-- A family cannot fork.
create unique index refresh_tokens_session_live_key on refresh_tokens (session_id) where used_at is null;

-- migrate:down
drop table refresh_tokens;
drop table sessions;
