-- What waits for a moderator, and what moderators decided.

-- migrate:up
create table moderation_queue (
  review_id uuid primary key references reviews (id) on delete cascade,
  movie_id uuid not null references movies (id) on delete cascade,
  is_pending boolean not null default false,
  is_held boolean not null default false,
  is_reported boolean not null default false,
  score numeric(3, 2) not null default 0 check (score between 0 and 1),
  flagged_at timestamptz not null default now(),
  constraint moderation_queue_why_check check (is_pending or is_held or is_reported)
);
comment on table moderation_queue is 'Reviews that a person must look at. Triggers on reviews keep it, so that none that waits is ever missing.';
comment on column moderation_queue.is_pending is 'Others do not see it until it is approved.';
comment on column moderation_queue.is_held is 'Shown, but not counted: part of a burst.';
comment on column moderation_queue.is_reported is 'Shown, and reported by enough accounts in good standing.';
comment on column moderation_queue.score is 'What automatic moderation made of it, 0 to 1.';
create index moderation_queue_flagged_at_idx on moderation_queue (flagged_at, review_id);
create index moderation_queue_score_idx on moderation_queue (score desc, review_id desc);
create index moderation_queue_movie_id_idx on moderation_queue (movie_id, flagged_at, review_id);
create index moderation_queue_pending_idx on moderation_queue (flagged_at, review_id) where is_pending;
create index moderation_queue_held_idx on moderation_queue (flagged_at, review_id) where is_held;
create index moderation_queue_reported_idx on moderation_queue (flagged_at, review_id) where is_reported;

create function reviews_queue() returns trigger language plpgsql as $$
declare
  pending constant boolean := new.moderation_status = 'pending';
  held constant boolean := new.moderation_status <> 'rejected' and new.exclusion is not distinct from 'held';
begin
  if pending or held then
    insert into moderation_queue as q (review_id, movie_id, is_pending, is_held, score)
    values (new.id, new.movie_id, pending, held, coalesce((new.assessment ->> 'score')::numeric, 0))
    on conflict (review_id) do update
    set is_pending = excluded.is_pending, is_held = excluded.is_held, score = excluded.score;
  elsif tg_op = 'UPDATE' then
    delete from moderation_queue where review_id = new.id and (new.moderation_status = 'rejected' or not is_reported);
    update moderation_queue set is_pending = false, is_held = false where review_id = new.id;
  end if;
  return null;
end $$;
create trigger reviews_queue_insert after insert on reviews
  for each row when (new.moderation_status = 'pending' or new.exclusion = 'held')
  execute function reviews_queue();
create trigger reviews_queue_update after update of moderation_status, exclusion, assessment on reviews
  for each row when (
    (old.moderation_status, old.exclusion, old.assessment) is distinct from (new.moderation_status, new.exclusion, new.assessment))
  execute function reviews_queue();

insert into moderation_queue (review_id, movie_id, is_pending, is_held, score, flagged_at)
select id, movie_id, moderation_status = 'pending', exclusion is not distinct from 'held',
  coalesce((assessment ->> 'score')::numeric, 0), updated_at
from reviews
where moderation_status = 'pending' or (exclusion = 'held' and moderation_status <> 'rejected');

create type moderated_kind as enum ('review', 'report', 'burst', 'word', 'allowed_phrase');

create table moderation_decisions (
  id uuid primary key default uuidv7(),
  kind moderated_kind not null,
  decision text not null check (length(decision) between 1 and 50),
  moderator_id uuid not null,
  review_id uuid,
  report_id uuid,
  movie_id uuid,
  author_id uuid,
  reason text check (length(reason) between 1 and 500),
  before jsonb,
  after jsonb,
  created_at timestamptz not null default now()
);
comment on table moderation_decisions is 'Everything that moderators decided, for good: rows are never changed. Ids are not references, since a decision outlives what it was about.';
comment on column moderation_decisions.author_id is 'Whose review it was.';
comment on column moderation_decisions.reason is 'What its author was told.';
create index moderation_decisions_created_at_idx on moderation_decisions (created_at desc, id desc);
create index moderation_decisions_review_id_idx on moderation_decisions (review_id, created_at desc, id desc) where review_id is not null;
create index moderation_decisions_author_id_idx on moderation_decisions (author_id, created_at desc, id desc) where author_id is not null;
create index moderation_decisions_author_export_idx on moderation_decisions (author_id, id) where author_id is not null;
create index moderation_decisions_moderator_id_idx on moderation_decisions (moderator_id, created_at desc, id desc);

create function moderation_decisions_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'moderation_decisions is append-only';
end $$;
create trigger moderation_decisions_append_only before update or delete on moderation_decisions
  for each row execute function moderation_decisions_refuse_change();
create trigger moderation_decisions_no_truncate before truncate on moderation_decisions
  for each statement execute function moderation_decisions_refuse_change();

-- migrate:down
drop table moderation_decisions;
drop function moderation_decisions_refuse_change();
drop type moderated_kind;
drop trigger reviews_queue_update on reviews;
drop trigger reviews_queue_insert on reviews;
drop function reviews_queue();
drop table moderation_queue;
