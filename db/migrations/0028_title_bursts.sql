-- Bursts of reviews that were held, with the figures that they were told by and what became of them.

-- migrate:up
create type burst_extreme as enum ('low', 'high');
create type burst_decision as enum ('all', 'some', 'none', 'one_by_one');

create table title_bursts (
  id uuid primary key default uuidv7(),
  movie_id uuid not null references movies (id) on delete cascade,
  began_at timestamptz not null,
  held_at timestamptz not null default now(),
  extreme burst_extreme not null,
  window_hours double precision not null check (window_hours > 0),
  reviews integer not null check (reviews > 0),
  extremes integer not null check (extremes between 1 and reviews),
  expected double precision not null check (expected >= 0),
  decided_at timestamptz,
  decided_by uuid references users (id) on delete set null,
  decision burst_decision,
  reason text check (length(reason) between 1 and 500),
  constraint title_bursts_decision_check check ((decided_at is null) = (decision is null))
);
comment on table title_bursts is 'When the score of a title was held, and why: docs/review-bombing.md. One at a time is undecided.';
comment on column title_bursts.began_at is 'Reviews from then on are held.';
comment on column title_bursts.extreme is 'At which end of the scale the ratings were.';
comment on column title_bursts.expected is 'How many of extremes the history of the title let expect.';
comment on column title_bursts.decision is 'Which of the held reviews count now; one_by_one when moderators or authors saw to each.';
create unique index title_bursts_undecided_key on title_bursts (movie_id) where decided_at is null;
create index title_bursts_movie_id_idx on title_bursts (movie_id, decided_at desc);
create index title_bursts_undecided_idx on title_bursts (held_at desc, id desc) where decided_at is null;
create index title_bursts_decided_by_idx on title_bursts (decided_by) where decided_by is not null;
create index reviews_movie_held_idx on reviews (movie_id, id) where exclusion = 'held';

-- migrate:down
drop index reviews_movie_held_idx;
drop table title_bursts;
drop type burst_decision;
drop type burst_extreme;
