-- Who did what to whom: written once and never changed.

-- migrate:up
create table audit_log (
  id uuid primary key default uuidv7(),
  at timestamptz not null default clock_timestamp(),
  action text not null check (action ~ '^[a-z_]+(\.[a-z_]+)+$' and length(action) <= 60),
  actor_id uuid,
  target_id uuid,
  address inet,
  user_agent text check (length(user_agent) between 1 and 300),
  request_id text check (length(request_id) between 1 and 128),
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object')
);
comment on table audit_log is 'Append-only. Kept for two years; then audit_log_prune() removes it. Ids of accounts have no foreign key: they outlive them.';
comment on column audit_log.actor_id is 'Who did it; null for nobody who is known.';
comment on column audit_log.target_id is 'Whom or what it was done to, by its id.';
comment on column audit_log.details is 'Never an e-mail address, a name, a password or a token.';
create index audit_log_actor_id_idx on audit_log (actor_id, id desc) where actor_id is not null;
create index audit_log_target_id_idx on audit_log (target_id, id desc) where target_id is not null;
create index audit_log_action_idx on audit_log (action, id desc);
create index audit_log_at_idx on audit_log (at);

-- The two exceptions are the rules themselves, so that nothing else passes, whoever asks: blanking what is personal, and
-- removing what is past its time. Each is reached through its function alone, which says so for its own transaction.
create function audit_log_refuse_change() returns trigger language plpgsql as $$
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
create trigger audit_log_refuse_change before update or delete on audit_log
  for each row execute function audit_log_refuse_change();
create trigger audit_log_refuse_truncate before truncate on audit_log
  for each statement execute function audit_log_refuse_change();

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

create function audit_log_prune(most integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  removed bigint;
begin
  perform set_config('lemonnpie.audit_log', 'prune', true);
  delete from audit_log where id in (
    select id from audit_log where at < now() - interval '2 years' order by at limit most for update skip locked);
  get diagnostics removed = row_count;
  perform set_config('lemonnpie.audit_log', '', true);
  return removed;
end $$;
comment on function audit_log_prune is 'Removes at most so many entries that are older than two years.';
revoke execute on function audit_log_erase_person(uuid), audit_log_prune(integer) from public;

-- For whoever writes and reads here without owning it, such as an API that runs as a role with only what it needs: it may
-- insert and select, and not change. Roles belong to the whole server, so it may be there already, and stays when the
-- migration is taken back; and whoever migrates may lack the right to make one, which is not worth failing for.
do $$
begin
  if not exists (select from pg_roles where rolname = 'lemonnpie_auditor') then
    create role lemonnpie_auditor nologin;
  end if;
exception
  when insufficient_privilege then raise notice 'the role lemonnpie_auditor was not made: it takes the right to make roles';
  when duplicate_object or unique_violation then null; -- another database's migration was first
end $$;
do $$
begin
  if exists (select from pg_roles where rolname = 'lemonnpie_auditor') then
    grant select, insert on audit_log to lemonnpie_auditor;
  end if;
end $$;

-- migrate:down
drop table audit_log;
drop function audit_log_prune(integer);
drop function audit_log_erase_person(uuid);
drop function audit_log_refuse_change();
