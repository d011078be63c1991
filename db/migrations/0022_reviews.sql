-- Reviews, what readers think of them, and how they are shown.

-- migrate:up
create type moderation_status as enum ('pending', 'approved', 'rejected');
create type review_exclusion as enum ('before_release', 'held');
create type vote_type as enum ('helpful', 'unhelpful');

-- Edwin B. Wilson's interval of 1927 at 95 % (z = 1.96): one vote of one says less than ninety of a hundred.
create function wilson_lower_bound(positive integer, negative integer) returns double precision
  language sql immutable strict parallel safe
  as $$
    select case when positive + negative = 0 then 0 else (
        (positive + 1.9208) / (positive + negative)
        - 1.96 * sqrt(positive::double precision * negative / (positive + negative) + 0.9604) / (positive + negative)
      ) / (1 + 3.8416 / (positive + negative)) end
  $$;
comment on function wilson_lower_bound(integer, integer) is
  'The least share of helpful votes that the votes so far speak for; 0 without votes.';

-- A wider text is longer than its hash is long, so what is compared is eight bytes; who finds one compares the fold.
create function review_text_hash(review_text text) returns bigint
  language sql immutable strict parallel safe
  as $$ select hashtextextended(fold(review_text), 0) $$;
comment on function review_text_hash(text) is
  'Equal for texts that differ in nothing but case, marks, blanks and punctuation: how duplicates are found.';

-- Nigeria knows no summer time, and a premiere is on a day of Lagos. What is known to the month or year only counts as out
-- from its first day; what is not dated counts as out.
create function is_before_release(release_date date, release_year smallint, moment timestamptz) returns boolean
  language sql immutable parallel safe
  as $$
    select coalesce((moment at time zone 'Africa/Lagos')::date < coalesce(release_date, make_date(release_year, 1, 1)), false)
  $$;
comment on function is_before_release(date, smallint, timestamptz) is 'Whether a title was not out yet at a moment.';

create table reviews (
  id uuid primary key default uuidv7(),
  user_id uuid constraint reviews_user_id_fkey references users (id) on delete set null,
  movie_id uuid not null constraint reviews_movie_id_fkey references movies (id) on delete cascade,
  lemon_pie_rating smallint not null check (lemon_pie_rating between 1 and 10),
  cultural_authenticity_rating smallint check (cultural_authenticity_rating between 1 and 10),
  production_quality_rating smallint check (production_quality_rating between 1 and 10),
  story_rating smallint check (story_rating between 1 and 10),
  acting_rating smallint check (acting_rating between 1 and 10),
  cinematography_rating smallint check (cinematography_rating between 1 and 10),
  review_text text not null check (length(review_text) between 10 and 5000),
  review_language text not null check (review_language in ('en', 'yo', 'ig', 'ha', 'pcm')),
  spoiler_warning boolean not null default false,
  as_critic boolean not null default false,
  moderation_status moderation_status not null default 'approved',
  exclusion review_exclusion,
  moderation_reason text check (length(moderation_reason) between 1 and 500),
  moderated_by uuid references users (id) on delete set null,
  moderated_at timestamptz,
  assessment jsonb,
  helpful_votes integer not null default 0 check (helpful_votes >= 0),
  unhelpful_votes integer not null default 0 check (unhelpful_votes >= 0),
  helpful_votes_ever integer not null default 0,
  unhelpful_votes_ever integer not null default 0,
  helpful_score double precision not null generated always as (wilson_lower_bound(helpful_votes, unhelpful_votes)) stored,
  revision integer not null default 1 check (revision >= 1),
  version integer not null default 1 check (version >= 1),
  text_hash bigint not null generated always as (review_text_hash(review_text)) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint reviews_user_id_movie_id_key unique (user_id, movie_id),
  constraint reviews_votes_ever_check check (helpful_votes_ever >= helpful_votes and unhelpful_votes_ever >= unhelpful_votes)
);
comment on table reviews is 'What one account thinks of one title. It counts in the scores if it is approved and nothing excludes it.';
comment on column reviews.user_id is 'Null when the account was erased and its reviews stayed.';
comment on column reviews.review_text is 'Plain text as written, tidied (NFC, trimmed); ||what stands between bars|| is a spoiler. Read it by reviews_as_seen, which masks.';
comment on column reviews.as_critic is 'Whether the author was a critic when writing; a later change of role changes no score.';
comment on column reviews.exclusion is 'Why an approved review is kept and shown, but does not count: cast before the first release, or held as part of a burst.';
comment on column reviews.moderation_reason is 'What a moderator told the author.';
comment on column reviews.assessment is 'What automatic moderation found in the present text.';
comment on column reviews.helpful_votes is 'Votes on the present revision of the text; those on any are in helpful_votes_ever.';
comment on column reviews.helpful_score is 'Lower bound of the Wilson interval: what the order most_helpful uses.';
comment on column reviews.revision is 'Which text the votes are on; a substantial edit begins a new one.';
comment on column reviews.version is 'Grows with every edit: the ETag.';
-- Read backwards they serve oldest and lowest. The first is of all reviews, since a title that goes takes them all along.
create index reviews_movie_newest_idx on reviews (movie_id, created_at desc, id desc);
create index reviews_movie_highest_idx on reviews (movie_id, lemon_pie_rating desc, id desc) where moderation_status = 'approved';
create index reviews_movie_most_helpful_idx on reviews (movie_id, helpful_score desc, id desc) where moderation_status = 'approved';
create index reviews_user_newest_idx on reviews (user_id, created_at desc, id desc);
create index reviews_newest_idx on reviews (created_at desc, id desc) where moderation_status = 'approved';
create index reviews_highest_idx on reviews (lemon_pie_rating desc, id desc) where moderation_status = 'approved';
create index reviews_most_helpful_idx on reviews (helpful_score desc, id desc) where moderation_status = 'approved';
create index reviews_language_idx on reviews (review_language, created_at desc, id desc) where moderation_status = 'approved';
create index reviews_critics_idx on reviews (created_at desc, id desc) where moderation_status = 'approved' and as_critic;
create index reviews_pending_idx on reviews (created_at, id) where moderation_status = 'pending';
create index reviews_text_hash_idx on reviews (text_hash);
create index reviews_moderated_by_idx on reviews (moderated_by) where moderated_by is not null;

create table review_tags (
  review_id uuid not null references reviews (id) on delete cascade,
  tag text not null check (tag ~ '^[a-z0-9]+(_[a-z0-9]+)*$' and length(tag) <= 40),
  position smallint not null default 0,
  primary key (review_id, tag)
);
comment on table review_tags is 'Tags of a review in the order of its author: of the curated list, and free ones in the same form.';
create index review_tags_tag_idx on review_tags (tag, review_id);

create table review_revisions (
  review_id uuid not null references reviews (id) on delete cascade,
  version integer not null,
  revision integer not null,
  lemon_pie_rating smallint not null,
  review_text text not null,
  review_language text not null,
  spoiler_warning boolean not null,
  written_at timestamptz not null,
  replaced_at timestamptz not null default now(),
  primary key (review_id, version)
);
comment on table review_revisions is 'What a review said before its edits, for moderators; the present text is in reviews.';

create table review_votes (
  review_id uuid not null constraint review_votes_review_id_fkey references reviews (id) on delete cascade,
  user_id uuid not null constraint review_votes_user_id_fkey references users (id) on delete cascade,
  vote_type vote_type not null,
  revision integer not null,
  created_at timestamptz not null default now(),
  primary key (review_id, user_id)
);
comment on table review_votes is 'One vote of an account on a review, and which revision of it the vote is on.';
create index review_votes_user_id_idx on review_votes (user_id, created_at);
create index review_votes_created_at_idx on review_votes (created_at);

-- Casting counts itself, in the one statement that writes the vote. Votes go in many ways, and with them their counts.
create function review_votes_uncount() returns trigger language plpgsql as $$
begin
  perform from reviews r where r.id in (select review_id from gone) order by r.id for no key update;
  update reviews r
  set helpful_votes = r.helpful_votes - g.helpful, unhelpful_votes = r.unhelpful_votes - g.unhelpful,
    helpful_votes_ever = r.helpful_votes_ever - g.helpful_ever, unhelpful_votes_ever = r.unhelpful_votes_ever - g.unhelpful_ever
  from (
    select v.review_id,
      count(*) filter (where v.vote_type = 'helpful' and v.revision = x.revision) as helpful,
      count(*) filter (where v.vote_type = 'unhelpful' and v.revision = x.revision) as unhelpful,
      count(*) filter (where v.vote_type = 'helpful') as helpful_ever,
      count(*) filter (where v.vote_type = 'unhelpful') as unhelpful_ever
    from gone v
    join reviews x on x.id = v.review_id
    group by v.review_id
  ) g
  where r.id = g.review_id;
  return null;
end $$;
create trigger review_votes_uncount after delete on review_votes
  referencing old table as gone for each statement execute function review_votes_uncount();

create function refresh_review_votes(ids uuid[] default null) returns integer
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  declare
    repaired integer;
  begin
    perform from reviews r where r.id = any (ids) order by r.id for no key update;
    update reviews r
    set helpful_votes = c.helpful, unhelpful_votes = c.unhelpful,
      helpful_votes_ever = c.helpful_ever, unhelpful_votes_ever = c.unhelpful_ever
    from (
      select x.id,
        count(*) filter (where v.vote_type = 'helpful' and v.revision = x.revision) as helpful,
        count(*) filter (where v.vote_type = 'unhelpful' and v.revision = x.revision) as unhelpful,
        count(*) filter (where v.vote_type = 'helpful') as helpful_ever,
        count(*) filter (where v.vote_type = 'unhelpful') as unhelpful_ever
      from reviews x
      left join review_votes v on v.review_id = x.id
      where ids is null or x.id = any (ids)
      group by x.id
    ) c
    where r.id = c.id and (r.helpful_votes, r.unhelpful_votes, r.helpful_votes_ever, r.unhelpful_votes_ever)
      is distinct from (c.helpful, c.unhelpful, c.helpful_ever, c.unhelpful_ever);
    get diagnostics repaired = row_count;
    return repaired;
  end $$;
comment on function refresh_review_votes(uuid[]) is
  'Counts the votes of the given reviews, or of all, anew: after a load that brought no counts, and to reconcile. Answers how many were wrong.';

-- How reviews are shown ----------------------------------------------------------------------------------------------------

create function mask_spoilers(review_text text) returns text
  language sql immutable strict parallel safe
  as $$ select regexp_replace(review_text, '\|\|.*?(?:\|\||$)', '||…||', 'g') $$;
comment on function mask_spoilers(text) is
  'A text with an ellipsis for all that stands between ||bars||; bars that nobody closed hide the rest. Masking twice changes nothing.';

create function has_watched(viewer uuid, movie uuid) returns boolean
  language sql stable parallel safe
  return exists (select from reviews r where r.user_id = viewer and r.movie_id = movie);
comment on function has_watched(uuid, uuid) is 'Whether an account has seen a title, so that nothing can be spoilt: who has reviewed it has.';

-- A view with parameters: being a single stable SELECT, Postgres takes it in wherever it is joined. Pick and order the ids
-- first, then join it.
create function reviews_as_seen(viewer uuid, reveal boolean)
  returns table (
    id uuid, "user" json, movie_id uuid, movie json, lemon_pie_rating smallint, cultural_authenticity_rating smallint,
    production_quality_rating smallint, story_rating smallint, acting_rating smallint, cinematography_rating smallint,
    review_text text, spoiler_hidden boolean, review_language text, spoiler_warning boolean, nollywood_tags text[],
    as_critic boolean, moderation_status moderation_status, moderation_reason text, exclusion review_exclusion,
    helpful_votes integer, unhelpful_votes integer, helpfulness_score integer, helpful_votes_ever integer,
    unhelpful_votes_ever integer, user_vote vote_type, revision integer, version integer,
    created_at timestamptz, updated_at timestamptz
  )
  language sql stable
  as $$
    select
      r.id,
      (select row_to_json(u) from user_summaries u where u.id = r.user_id),
      r.movie_id,
      (select row_to_json(m) from (select ms.*, null as viewer from movie_summaries ms where ms.id = r.movie_id) m),
      r.lemon_pie_rating, r.cultural_authenticity_rating, r.production_quality_rating, r.story_rating, r.acting_rating,
      r.cinematography_rating,
      case when not s.hidden then r.review_text when r.spoiler_warning then '||…||' else mask_spoilers(r.review_text) end,
      s.hidden,
      r.review_language, r.spoiler_warning,
      array(select t.tag from review_tags t where t.review_id = r.id order by t.position, t.tag),
      r.as_critic, r.moderation_status,
      case when r.user_id = viewer then r.moderation_reason end,
      r.exclusion, r.helpful_votes, r.unhelpful_votes, r.helpful_votes - r.unhelpful_votes,
      r.helpful_votes_ever, r.unhelpful_votes_ever,
      (select v.vote_type from review_votes v where v.review_id = r.id and v.user_id = viewer and v.revision = r.revision),
      r.revision, r.version, r.created_at, r.updated_at
    from reviews r
    cross join lateral (
      select case
        when reveal or not (r.spoiler_warning or r.review_text like '%||%') then false
        when viewer is null then true
        else r.user_id is distinct from viewer and not has_watched(viewer, r.movie_id)
      end as hidden
    ) s
  $$;
comment on function reviews_as_seen(uuid, boolean) is
  'Reviews as an account (null for anybody) may read them, spoilers masked: the one way to show a review, whatever the channel. Who may see which review is for the caller to say.';

-- migrate:down
drop function reviews_as_seen(uuid, boolean);
drop function has_watched(uuid, uuid);
drop function mask_spoilers(text);
drop function refresh_review_votes(uuid[]);
drop table review_votes;
drop function review_votes_uncount();
drop table review_revisions;
drop table review_tags;
drop table reviews;
drop function is_before_release(date, smallint, timestamptz);
drop function review_text_hash(text);
drop function wilson_lower_bound(integer, integer);
drop type vote_type;
drop type review_exclusion;
drop type moderation_status;
