-- Whoever holds a live socket hears at once that its session, account or key is no longer what it was let in with.

-- migrate:up
create function notify_sessions() returns trigger language plpgsql as $$
begin
  -- By the account, which the column that the trigger names holds; nothing stands for all of them.
  perform pg_notify('sessions', coalesce(to_jsonb(old) ->> tg_argv[0], ''));
  return null;
end $$;
comment on function notify_sessions() is 'Tells the processes of the API, as the transaction commits, whose live sockets to look at again.';

create trigger sessions_end_notice after update of ended_at on sessions
  for each row when (old.ended_at is null and new.ended_at is not null) execute function notify_sessions('user_id');
-- What is removed by age had ended before.
create trigger sessions_delete_notice after delete on sessions
  for each row when (old.ended_at is null and old.expires_at > now()) execute function notify_sessions('user_id');
create trigger users_change_notice after update of role, suspended_at, suspended_until on users
  for each row when (old.role <> new.role or old.suspended_at is distinct from new.suspended_at or old.suspended_until is distinct from new.suspended_until)
  execute function notify_sessions('id');
create trigger signing_keys_retire_notice after update of retired_at on signing_keys
  for each row when (new.retired_at is not null) execute function notify_sessions();

-- migrate:down
drop trigger signing_keys_retire_notice on signing_keys;
drop trigger users_change_notice on users;
drop trigger sessions_delete_notice on sessions;
drop trigger sessions_end_notice on sessions;
drop function notify_sessions();
