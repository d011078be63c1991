-- A browser is told by Web Push for as long as somebody is signed in there.

-- migrate:up
alter table push_subscriptions add column session_id uuid
  constraint push_subscriptions_session_id_fkey references sessions (id) on delete cascade;
-- Of those that are there nobody knows whether they are signed in still; pages subscribe again when they are opened.
delete from push_subscriptions;
comment on column push_subscriptions.session_id is
  'The session that subscribed it, with which it goes, however that ends; null for none.';
create index push_subscriptions_session_id_idx on push_subscriptions (session_id) where session_id is not null;

create function sessions_end_push() returns trigger language plpgsql as $$
begin
  delete from push_subscriptions p where p.session_id = new.id;
  return null;
end $$;
comment on function sessions_end_push() is 'Tells a browser nothing more once its session has ended, whoever ended it.';
create trigger sessions_end_push after update of ended_at on sessions
  for each row when (old.ended_at is null and new.ended_at is not null) execute function sessions_end_push();

-- migrate:down
drop trigger sessions_end_push on sessions;
drop function sessions_end_push();
alter table push_subscriptions drop column session_id;
