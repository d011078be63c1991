-- Links that are sent by e-mail.

-- migrate:up
create type mail_token_purpose as enum ('verify_email', 'reset_password', 'secure_account');

create table mail_tokens (
  token_hash bytea primary key check (length(token_hash) = 32),
  purpose mail_token_purpose not null,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint mail_tokens_expires_at_check check (expires_at > created_at)
);
comment on table mail_tokens is 'Single-use tokens of the links in e-mails, by their SHA-256. Those of notices (secure_account) set a new password too.';
create index mail_tokens_user_id_idx on mail_tokens (user_id, purpose, created_at);
create index mail_tokens_expires_at_idx on mail_tokens (expires_at);

-- migrate:down
drop table mail_tokens;
drop type mail_token_purpose;
