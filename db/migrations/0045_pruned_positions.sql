-- Up to where an account's notifications may have been pruned: who resumes before that is told so.

-- migrate:up
alter table notification_counters add column pruned_position bigint not null default 0 check (pruned_position >= 0);
comment on column notification_counters.pruned_position is
  'The greatest position that was taken away for its age or because there were too many. Who resumes after an earlier one is told to ask for the list anew.';

create function notifications_note_pruned() returns trigger language plpgsql as $$
begin
  -- What a person deletes is young, mostly; where it is not, one list is asked for that need not have been.
  -- Whoever prunes holds the counters already, in the order of user_id; this keeps to the order where nobody does.
  perform from notification_counters c
  where c.user_id in (select g.user_id from gone g) order by c.user_id for update;
  update notification_counters c set pruned_position = p.position
  from (
    select g.user_id, max(g.position) as position
    from gone g join notification_counters k on k.user_id = g.user_id
    where g.updated_at < now() - interval '30 days' or g.position <= k.last_position - 500
    group by g.user_id
  ) p
  where c.user_id = p.user_id and c.pruned_position < p.position;
  return null;
end $$;
comment on function notifications_note_pruned() is 'Remembers up to where notifications were pruned.';
create trigger notifications_prune_note after delete on notifications
  referencing old table as gone for each statement execute function notifications_note_pruned();

-- migrate:down
drop trigger notifications_prune_note on notifications;
drop function notifications_note_pruned();
alter table notification_counters drop column pruned_position;
