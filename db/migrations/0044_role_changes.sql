-- Whoever changes a role, by whatever means, has its owner told.

-- migrate:up
create function users_tell_role() returns trigger language plpgsql as $$
begin
  insert into outbox_events (name, payload)
  values ('user.role_changed', jsonb_build_object('user_id', new.id, 'role', new.role, 'former_role', old.role));
  perform pg_notify('outbox', '');
  return null;
end $$;
comment on function users_tell_role() is 'Publishes user.role_changed (src/events.ts), as src/infra/outbox.ts would: roles are changed by statements too.';
create trigger users_tell_role after update of role on users
  for each row when (old.role is distinct from new.role) execute function users_tell_role();

-- migrate:down
drop trigger users_tell_role on users;
drop function users_tell_role();
