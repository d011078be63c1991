-- What readers report, and what became of it.

-- migrate:up
create type report_reason as enum ('spam', 'abuse', 'spoiler', 'off_topic', 'other');
create type report_resolution as enum ('dismissed', 'content_removed', 'user_warned', 'user_suspended', 'review_deleted');

create table reports (
  id uuid primary key default uuidv7(),
  review_id uuid constraint reports_review_id_fkey references reviews (id) on delete set null,
  reporter_id uuid constraint reports_reporter_id_fkey references users (id) on delete set null,
  reason report_reason not null,
  note text check (length(note) between 1 and 1000),
  in_good_standing boolean not null,
  resolution report_resolution,
  resolution_note text check (length(resolution_note) between 1 and 500),
  resolved_by uuid constraint reports_resolved_by_fkey references users (id) on delete set null,
  resolved_at timestamptz,
  created_at timestamptz not null default now(),
  constraint reports_review_id_reporter_id_key unique (review_id, reporter_id),
  constraint reports_resolution_check check ((resolution is null) = (resolved_at is null))
);
comment on table reports is 'What readers say is wrong with a review, once each. Open until it has a resolution.';
comment on column reports.review_id is 'Null once the review is gone.';
comment on column reports.reporter_id is 'Null when the account was erased.';
comment on column reports.in_good_standing is 'Whether the account was one whose reports flag a review: docs/moderation.md.';
comment on column reports.resolution is 'What became of it; review_deleted when its author took the review away before.';
comment on column reports.resolution_note is 'What the reporter is told.';
create index reports_open_idx on reports (created_at, id) where resolution is null;
create index reports_created_at_idx on reports (created_at desc, id desc);
create index reports_open_review_id_idx on reports (review_id) where resolution is null;
create index reports_reporter_id_idx on reports (reporter_id, created_at desc, id desc);
create index reports_reporter_export_idx on reports (reporter_id, id);
create index reports_resolved_by_idx on reports (resolved_by) where resolved_by is not null;

create function reviews_close_reports() returns trigger language plpgsql as $$
begin
  update reports set resolution = 'review_deleted', resolved_at = now() where review_id = old.id and resolution is null;
  return old;
end $$;
create trigger reviews_close_reports before delete on reviews for each row execute function reviews_close_reports();

-- An account is in good standing when it is verified, a week old, not suspended, and right more often than not: of its
-- reports of half a year that were decided, if there are five, no more than half were dismissed.
create function reports_in_good_standing(reporter uuid) returns boolean
  language sql stable
  as $$
    select u.is_verified and u.created_at <= now() - interval '7 days'
      and (u.suspended_at is null or u.suspended_until <= now())
      and (
        select count(*) < 5 or count(*) filter (where r.resolution = 'dismissed') * 2 <= count(*)
        from reports r
        where r.reporter_id = u.id and r.created_at > now() - interval '180 days'
          and r.resolution in ('dismissed', 'content_removed', 'user_warned', 'user_suspended')
      )
    from users u where u.id = reporter
  $$;
comment on function reports_in_good_standing(uuid) is 'Whether the reports of an account count towards flagging a review.';

-- migrate:down
drop function reports_in_good_standing(uuid);
drop trigger reviews_close_reports on reviews;
drop function reviews_close_reports();
drop table reports;
drop type report_resolution;
drop type report_reason;
