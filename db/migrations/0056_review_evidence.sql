-- What is left of reviews that were deleted or edited, so that neither undoes a decision or loses evidence.

-- migrate:up
create table removed_reviews (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  movie_id uuid not null references movies (id) on delete cascade,
  moderation_status moderation_status not null,
  moderation_reason text,
  was_held boolean not null,
  was_reported boolean not null,
  by_moderator boolean not null,
  is_kept boolean not null generated always as
    (moderation_status <> 'approved' or was_held or was_reported or by_moderator) stored,
  lemon_pie_rating smallint not null,
  review_text text,
  written_at timestamptz not null,
  removed_at timestamptz not null default now()
);
comment on table removed_reviews is
  'What is left of a review that its author or a moderator deleted: that it was, for a month; what there was against it, for good, since the next review of that author and title goes by it.';
comment on column removed_reviews.id is 'That of the review.';
comment on column removed_reviews.was_held is 'Whether it was part of a burst that nobody had decided on.';
comment on column removed_reviews.was_reported is 'Whether there were reports of it that nobody had resolved: they can be, still.';
comment on column removed_reviews.is_kept is 'Whether there was something against it.';
comment on column removed_reviews.review_text is 'Null where nothing was against it, and after half a year.';
create index removed_reviews_user_movie_idx on removed_reviews (user_id, movie_id, removed_at desc, id desc);
create index removed_reviews_user_written_idx on removed_reviews (user_id, written_at);
create index removed_reviews_export_idx on removed_reviews (user_id, id);
create index removed_reviews_movie_id_idx on removed_reviews (movie_id);
create index removed_reviews_forgotten_idx on removed_reviews (removed_at) where not is_kept;
create index removed_reviews_text_idx on removed_reviews (removed_at) where review_text is not null;

alter table reports add column removed_review_id uuid
  constraint reports_removed_review_id_fkey references removed_reviews (id) on delete set null;
comment on column reports.removed_review_id is 'What is left of the review, where it was deleted.';
comment on column reports.resolution is 'What became of it; review_deleted when the review went with its title or its author before.';
create index reports_removed_review_id_idx on reports (removed_review_id) where removed_review_id is not null;

create or replace function reviews_close_reports() returns trigger language plpgsql as $$
begin
  update reports set removed_review_id = old.id
  where review_id = old.id and exists (select from removed_reviews x where x.id = old.id);
  if not found then
    update reports set resolution = 'review_deleted', resolved_at = now() where review_id = old.id and resolution is null;
  end if;
  return old;
end $$;

create function removed_reviews_close_reports() returns trigger language plpgsql as $$
begin
  update reports set resolution = 'review_deleted', resolved_at = now()
  where removed_review_id = old.id and resolution is null;
  return old;
end $$;
create trigger removed_reviews_close_reports before delete on removed_reviews
  for each row execute function removed_reviews_close_reports();

alter table review_revisions add column nollywood_tags text[] not null default '{}';
comment on column review_revisions.nollywood_tags is 'Those before the edit, in the order of the author; none for edits before they were kept.';

-- migrate:down
alter table review_revisions drop column nollywood_tags;
drop trigger removed_reviews_close_reports on removed_reviews;
drop function removed_reviews_close_reports();
create or replace function reviews_close_reports() returns trigger language plpgsql as $$
begin
  update reports set resolution = 'review_deleted', resolved_at = now() where review_id = old.id and resolution is null;
  return old;
end $$;
update reports set resolution = 'review_deleted', resolved_at = now() where removed_review_id is not null and resolution is null;
alter table reports drop column removed_review_id;
comment on column reports.resolution is 'What became of it; review_deleted when its author took the review away before.';
drop table removed_reviews;
