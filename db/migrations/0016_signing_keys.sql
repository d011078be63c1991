-- The keys that sign access tokens.

-- migrate:up
create table signing_keys (
  kid text primary key default translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/=', '-_'),
  created_at timestamptz not null default clock_timestamp(),
  retired_at timestamptz,
  constraint signing_keys_kid_check check (kid ~ '^[A-Za-z0-9_-]{22}$')
);
comment on table signing_keys is 'Which keys of access tokens are good; no secret is here, since a key is derived from JWT_SECRET and its name. The newest signs, all verify until they are retired.';
create index signing_keys_newest_idx on signing_keys (created_at desc, kid desc) where retired_at is null;
insert into signing_keys default values;

-- migrate:down
drop table signing_keys;
