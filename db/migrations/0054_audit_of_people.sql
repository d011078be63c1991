-- What the audit log and the outbox say of a person goes with the person; and a change of role is logged, whoever makes it.

-- migrate:up

-- The hash of an address is that of a person as long as somebody has the key.
create index audit_log_address_hash_idx on audit_log ((details ->> 'address_hash'), id desc) where details ? 'address_hash';

create or replace function audit_log_refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and current_setting('lemonnpie.audit_log', true) = 'erase' then
    if new.address is null and new.user_agent is null and new.details = old.details - 'address_hash'
      and (to_jsonb(new) - array['address', 'user_agent', 'details']) = (to_jsonb(old) - array['address', 'user_agent', 'details'])
    then
      return new;
    end if;
  elsif tg_op = 'DELETE' and current_setting('lemonnpie.audit_log', true) = 'prune' then
    if old.at < now() - interval '2 years' then
      return old;
    end if;
  end if;
  raise insufficient_privilege using message = 'audit_log is append-only: ' || lower(tg_op) || ' is refused';
end $$;

drop function audit_log_erase_person(uuid);
create function audit_log_erase_person(person uuid, hash text default null) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  blanked bigint;
begin
  perform set_config('lemonnpie.audit_log', 'erase', true);
  update audit_log set address = null, user_agent = null, details = details - 'address_hash'
  where (actor_id = person or target_id = person or (details ? 'address_hash' and details ->> 'address_hash' = hash))
    and (address is not null or user_agent is not null or details ? 'address_hash');
  get diagnostics blanked = row_count;
  perform set_config('lemonnpie.audit_log', '', true);
  return blanked;
end $$;
comment on function audit_log_erase_person(uuid, text) is
  'Blanks addresses, user agents and hashes of e-mail addresses in what an account did, in what was done to it, and in what was tried with its e-mail address (by the hash of that). What is left names nobody but by an id.';
revoke execute on function audit_log_erase_person(uuid, text) from public;

-- Roles are changed by statements too, which nobody writes down but this.
create or replace function users_tell_role() returns trigger language plpgsql as $$
declare
  acting jsonb := nullif(current_setting('lemonnpie.acting', true), '')::jsonb;
begin
  insert into audit_log (action, actor_id, target_id, address, user_agent, request_id, details)
  values (
    'user.role_changed', (acting ->> 'actor_id')::uuid, new.id, (acting ->> 'address')::inet, acting ->> 'user_agent',
    acting ->> 'request_id', jsonb_build_object('role', new.role, 'former_role', old.role));
  insert into outbox_events (name, payload)
  values ('user.role_changed', jsonb_build_object('user_id', new.id, 'role', new.role, 'former_role', old.role));
  perform pg_notify('outbox', '');
  return null;
end $$;
comment on function users_tell_role() is
  'Writes user.role_changed into the audit log and publishes it (src/events.ts), as src/infra would. Who does it, and from where, is what the transaction says by set_config(''lemonnpie.acting'', ''{"actor_id": …, "address": …, "user_agent": …, "request_id": …}'', true); nobody who is known where it says nothing.';

-- Events name accounts by their ids. A wish for a new password that is under way is wished again.
delete from outbox_events where payload ? 'email';
drop index outbox_events_email_idx;

-- migrate:down
create index outbox_events_email_idx on outbox_events (lower(payload ->> 'email')) where payload ? 'email';
create or replace function users_tell_role() returns trigger language plpgsql as $$
begin
  insert into outbox_events (name, payload)
  values ('user.role_changed', jsonb_build_object('user_id', new.id, 'role', new.role, 'former_role', old.role));
  perform pg_notify('outbox', '');
  return null;
end $$;
comment on function users_tell_role() is 'Publishes user.role_changed (src/events.ts), as src/infra/outbox.ts would: roles are changed by statements too.';
drop function audit_log_erase_person(uuid, text);
create function audit_log_erase_person(person uuid) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  blanked bigint;
begin
  perform set_config('lemonnpie.audit_log', 'erase', true);
  update audit_log set address = null, user_agent = null
  where (actor_id = person or target_id = person) and (address is not null or user_agent is not null);
  get diagnostics blanked = row_count;
  perform set_config('lemonnpie.audit_log', '', true);
  return blanked;
end $$;
comment on function audit_log_erase_person is 'Blanks the addresses and user agents in what an account did and in what was done to it. What is left names nobody but by an id.';
revoke execute on function audit_log_erase_person(uuid) from public;
create or replace function audit_log_refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and current_setting('lemonnpie.audit_log', true) = 'erase' then
    if new.address is null and new.user_agent is null
      and (to_jsonb(new) - array['address', 'user_agent']) = (to_jsonb(old) - array['address', 'user_agent'])
    then
      return new;
    end if;
  elsif tg_op = 'DELETE' and current_setting('lemonnpie.audit_log', true) = 'prune' then
    if old.at < now() - interval '2 years' then
      return old;
    end if;
  end if;
  raise insufficient_privilege using message = 'audit_log is append-only: ' || lower(tg_op) || ' is refused';
end $$;
drop index audit_log_address_hash_idx;
