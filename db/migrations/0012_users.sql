-- Accounts, and what is left of those that were erased.

-- migrate:up
create type user_role as enum ('user', 'critic', 'moderator', 'admin');

create table users (
  id uuid primary key default uuidv7(),
  email text not null check (length(email) between 3 and 254),
  email_key text not null constraint users_email_key_key unique check (length(email_key) between 3 and 254),
  password_hash text not null check (length(password_hash) between 20 and 255),
  name text not null check (length(name) between 1 and 100),
  bio text check (length(bio) between 1 and 1000),
  location text check (length(location) between 1 and 100),
  avatar_url text check (length(avatar_url) between 1 and 500),
  role user_role not null default 'user',
  is_verified boolean not null default false,
  suspended_at timestamptz,
  suspended_until timestamptz,
  suspension_reason text check (length(suspension_reason) between 1 and 500),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_suspension_check check (
    suspended_at is not null or (suspended_until is null and suspension_reason is null)),
  constraint users_suspended_until_check check (suspended_until > suspended_at)
);
comment on table users is 'Accounts.';
comment on column users.email is 'As it was typed: where mail is sent.';
comment on column users.email_key is 'The address in the one form that tells accounts apart: lower case, without what its provider ignores.';
comment on column users.password_hash is 'bcrypt, with its cost in it.';
comment on column users.is_verified is 'Whether somebody who reads mail at the address has said so.';
comment on column users.suspended_at is 'Suspended since then, until suspended_until or, where that is null, until somebody lifts it.';
create index users_created_at_idx on users (created_at desc, id desc);
create index users_staff_idx on users (role, id) where role <> 'user';
create index users_suspended_idx on users (suspended_at desc, id desc) where suspended_at is not null;

create table erased_users (
  id uuid primary key,
  erased_at timestamptz not null default now()
);
comment on table erased_users is 'The ids of accounts that were erased, and nothing else of them, so that no id is ever given to somebody else.';

create function users_refuse_erased_id() returns trigger language plpgsql as $$
begin
  if exists (select from erased_users where id = new.id) then
    raise unique_violation using message = 'the id is that of an erased account', constraint = 'users_pkey', table = 'users';
  end if;
  return new;
end $$;
create trigger users_refuse_erased_id before insert on users for each row execute function users_refuse_erased_id();

create view user_summaries as
select u.id, u.name, u.avatar_url, u.role from users u;
comment on view user_summaries is 'The short form of an account (UserSummary): what everybody may know wherever its name stands.';

-- migrate:down
drop view user_summaries;
drop table erased_users;
drop table users;
drop function users_refuse_erased_id();
drop type user_role;
