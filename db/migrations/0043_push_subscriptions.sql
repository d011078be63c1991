-- Browsers that want to be told by Web Push.

-- migrate:up
create table push_subscriptions (
  id uuid primary key default uuidv7(),
  user_id uuid not null constraint push_subscriptions_user_id_fkey references users (id) on delete cascade,
  endpoint text not null check (length(endpoint) between 10 and 1000),
  p256dh text not null check (length(p256dh) between 80 and 100),
  auth text not null check (length(auth) between 20 and 40),
  created_at timestamptz not null default now(),
  told_at timestamptz,
  constraint push_subscriptions_endpoint_key unique (endpoint)
);
comment on table push_subscriptions is
  'Browsers that want to be told by Web Push: the address at its push service, and the keys that messages are sealed with. A browser belongs to whoever subscribed with it last.';
comment on column push_subscriptions.told_at is 'When its service last took a message.';
create index push_subscriptions_user_id_idx on push_subscriptions (user_id, created_at desc, id desc);

-- migrate:down
drop table push_subscriptions;
