-- The scores of titles, kept by the reviews themselves.

-- migrate:up
alter table movie_stats
  add column critic_count integer not null default 0 check (critic_count >= 0),
  add column critic_sum integer not null default 0 check (critic_sum >= 0),
  add column held_count integer not null default 0 check (held_count >= 0),
  add column critic_rating numeric(3, 1) generated always as (round(critic_sum::numeric / nullif(critic_count, 0), 1)) stored,
  add column audience_rating numeric(3, 1) generated always as
    (round((rating_sum - critic_sum)::numeric / nullif(review_count - critic_count, 0), 1)) stored;
comment on column movie_stats.critic_count is 'How many of the reviews are by critics; the others are the audience.';
comment on column movie_stats.held_count is 'Approved or pending reviews that are held as part of a burst; while there are any, the score is held.';

create table rating_prior (
  is_only boolean primary key default true check (is_only),
  mean numeric(5, 3) not null check (mean between 1 and 10),
  review_count bigint not null default 0,
  updated_at timestamptz not null default now()
);
comment on table rating_prior is 'One row: the mean of all ratings of the catalogue, towards which weighted_rating draws titles with few reviews (refresh_rating_prior).';
insert into rating_prior (mean) values (6.5);

-- (C · m + Σ ratings) / (C + n) with C = 10 and m the catalogue's mean: ten reviews weigh as much as the catalogue.
create function weighted_rating(rating_sum bigint, review_count bigint, prior numeric) returns numeric
  language sql immutable parallel safe
  as $$ select case when review_count > 0 then round((10 * prior + rating_sum) / (10 + review_count), 3) end $$;
comment on function weighted_rating(bigint, bigint, numeric) is 'Bayesian mean of ratings; null without any.';

create function score_state(review_count integer, held_count integer) returns text
  language sql immutable parallel safe
  as $$ select case when held_count > 0 then 'held' when review_count < 5 then 'insufficient' else 'normal' end $$;
comment on function score_state(integer, integer) is
  'Whether a score is held because of a burst, says little yet (fewer than five reviews), or is normal.';

create function review_stats_are_deferred() returns boolean
  language sql stable
  return coalesce(current_setting('lemonnpie.review_stats', true), '') = 'deferred';
comment on function review_stats_are_deferred() is
  'Whether this session writes reviews without counting them (set lemonnpie.review_stats = ''deferred''), to call refresh_review_stats at its end.';

-- What one review adds to, or takes from, the row of its title.
create type review_count as (
  movie_id uuid, step smallint, rating smallint, cultural_authenticity smallint, production_quality smallint, story smallint,
  acting smallint, cinematography smallint, as_critic boolean, counts boolean, held boolean
);
comment on type review_count is 'A review as scores see it, and whether it comes (1) or goes (-1).';

create function review_count_of(r reviews, step integer) returns review_count
  language sql immutable
  as $$
    select row(r.movie_id, step, r.lemon_pie_rating, r.cultural_authenticity_rating, r.production_quality_rating,
      r.story_rating, r.acting_rating, r.cinematography_rating, r.as_critic,
      r.moderation_status = 'approved' and r.exclusion is null,
      r.moderation_status <> 'rejected' and r.exclusion is not distinct from 'held')::review_count
  $$;

-- Rows are locked in the order of their ids before any is changed, so that two statements never wait for each other.
create function count_reviews(changes review_count[]) returns void
  language plpgsql
  as $$
  begin
    perform from movie_stats s where s.movie_id in (select c.movie_id from unnest(changes) c) order by s.movie_id for no key update;
    update movie_stats s
    set review_count = s.review_count + d.n, rating_sum = s.rating_sum + d.rating_sum,
      rating_counts = array(
        select before + coalesce(change, 0) from unnest(s.rating_counts, d.rating_counts) with ordinality t (before, change, rating) order by rating),
      cultural_authenticity_count = s.cultural_authenticity_count + d.ca_n, cultural_authenticity_sum = s.cultural_authenticity_sum + d.ca_sum,
      production_quality_count = s.production_quality_count + d.pq_n, production_quality_sum = s.production_quality_sum + d.pq_sum,
      story_count = s.story_count + d.st_n, story_sum = s.story_sum + d.st_sum,
      acting_count = s.acting_count + d.ac_n, acting_sum = s.acting_sum + d.ac_sum,
      cinematography_count = s.cinematography_count + d.ci_n, cinematography_sum = s.cinematography_sum + d.ci_sum,
      critic_count = s.critic_count + d.critic_n, critic_sum = s.critic_sum + d.critic_sum,
      held_count = s.held_count + d.held,
      weighted_rating = weighted_rating(s.rating_sum + d.rating_sum, s.review_count + d.n, (select p.mean from rating_prior p)),
      updated_at = now()
    from (
      select c.movie_id,
        coalesce(sum(step) filter (where counts), 0) as n, coalesce(sum(step * rating) filter (where counts), 0) as rating_sum,
        array(
          select coalesce(sum(o.step), 0)::integer
          from generate_series(1, 10) value
          left join unnest(changes) o on o.movie_id = c.movie_id and o.rating = value and o.counts
          group by value order by value) as rating_counts,
        coalesce(sum(step) filter (where counts and cultural_authenticity is not null), 0) as ca_n,
        coalesce(sum(step * cultural_authenticity) filter (where counts), 0) as ca_sum,
        coalesce(sum(step) filter (where counts and production_quality is not null), 0) as pq_n,
        coalesce(sum(step * production_quality) filter (where counts), 0) as pq_sum,
        coalesce(sum(step) filter (where counts and story is not null), 0) as st_n,
        coalesce(sum(step * story) filter (where counts), 0) as st_sum,
        coalesce(sum(step) filter (where counts and acting is not null), 0) as ac_n,
        coalesce(sum(step * acting) filter (where counts), 0) as ac_sum,
        coalesce(sum(step) filter (where counts and cinematography is not null), 0) as ci_n,
        coalesce(sum(step * cinematography) filter (where counts), 0) as ci_sum,
        coalesce(sum(step) filter (where counts and as_critic), 0) as critic_n,
        coalesce(sum(step * rating) filter (where counts and as_critic), 0) as critic_sum,
        coalesce(sum(step) filter (where held), 0) as held
      from unnest(changes) c
      group by c.movie_id
    ) d
    where s.movie_id = d.movie_id;
  end $$;
comment on function count_reviews(review_count[]) is 'Adds reviews to, and takes them from, the scores of their titles.';

create function reviews_count() returns trigger language plpgsql as $$
declare
  changes review_count[];
begin
  if review_stats_are_deferred() then return null; end if;
  if tg_op = 'INSERT' then
    changes := array(select c from new_rows n cross join lateral review_count_of(n, 1) c where c.counts or c.held);
  elsif tg_op = 'DELETE' then
    changes := array(select c from old_rows o cross join lateral review_count_of(o, -1) c where c.counts or c.held);
  else
    -- Most updates are votes, which change no score.
    changes := array(
      select c
      from old_rows o
      join new_rows n using (id)
      cross join lateral (values (review_count_of(o, -1)), (review_count_of(n, 1))) v (c)
      where review_count_of(o, 1) is distinct from review_count_of(n, 1) and ((v.c).counts or (v.c).held));
  end if;
  if cardinality(changes) > 0 then perform count_reviews(changes); end if;
  return null;
end $$;
create trigger reviews_count_insert after insert on reviews
  referencing new table as new_rows for each statement execute function reviews_count();
create trigger reviews_count_delete after delete on reviews
  referencing old table as old_rows for each statement execute function reviews_count();
create trigger reviews_count_update after update on reviews
  referencing old table as old_rows new table as new_rows for each statement execute function reviews_count();

-- The sums as the reviews themselves have them.
create view counted_reviews as
select s.movie_id,
  count(r.movie_id) filter (where r.counts)::integer as review_count,
  coalesce(sum(r.lemon_pie_rating) filter (where r.counts), 0)::integer as rating_sum,
  array[
    count(*) filter (where r.counts and r.lemon_pie_rating = 1), count(*) filter (where r.counts and r.lemon_pie_rating = 2),
    count(*) filter (where r.counts and r.lemon_pie_rating = 3), count(*) filter (where r.counts and r.lemon_pie_rating = 4),
    count(*) filter (where r.counts and r.lemon_pie_rating = 5), count(*) filter (where r.counts and r.lemon_pie_rating = 6),
    count(*) filter (where r.counts and r.lemon_pie_rating = 7), count(*) filter (where r.counts and r.lemon_pie_rating = 8),
    count(*) filter (where r.counts and r.lemon_pie_rating = 9), count(*) filter (where r.counts and r.lemon_pie_rating = 10)
  ]::integer[] as rating_counts,
  count(r.cultural_authenticity_rating) filter (where r.counts)::integer as cultural_authenticity_count,
  coalesce(sum(r.cultural_authenticity_rating) filter (where r.counts), 0)::integer as cultural_authenticity_sum,
  count(r.production_quality_rating) filter (where r.counts)::integer as production_quality_count,
  coalesce(sum(r.production_quality_rating) filter (where r.counts), 0)::integer as production_quality_sum,
  count(r.story_rating) filter (where r.counts)::integer as story_count,
  coalesce(sum(r.story_rating) filter (where r.counts), 0)::integer as story_sum,
  count(r.acting_rating) filter (where r.counts)::integer as acting_count,
  coalesce(sum(r.acting_rating) filter (where r.counts), 0)::integer as acting_sum,
  count(r.cinematography_rating) filter (where r.counts)::integer as cinematography_count,
  coalesce(sum(r.cinematography_rating) filter (where r.counts), 0)::integer as cinematography_sum,
  count(*) filter (where r.counts and r.as_critic)::integer as critic_count,
  coalesce(sum(r.lemon_pie_rating) filter (where r.counts and r.as_critic), 0)::integer as critic_sum,
  count(*) filter (where r.held)::integer as held_count
from movie_stats s
left join (
  select x.*, x.moderation_status = 'approved' and x.exclusion is null as counts,
    x.moderation_status <> 'rejected' and x.exclusion is not distinct from 'held' as held
  from reviews x
) r on r.movie_id = s.movie_id
group by s.movie_id;
comment on view counted_reviews is 'The sums of movie_stats computed from the reviews: what they must be. Asked for some titles at a time.';

create function refresh_review_stats(ids uuid[] default null) returns integer
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  declare
    repaired integer;
  begin
    -- What is locked can't be counted into meanwhile, and the next statement sees all that was.
    perform from movie_stats s where ids is null or s.movie_id = any (ids) order by s.movie_id for no key update;
    update movie_stats s
    set review_count = c.review_count, rating_sum = c.rating_sum, rating_counts = c.rating_counts,
      cultural_authenticity_count = c.cultural_authenticity_count, cultural_authenticity_sum = c.cultural_authenticity_sum,
      production_quality_count = c.production_quality_count, production_quality_sum = c.production_quality_sum,
      story_count = c.story_count, story_sum = c.story_sum, acting_count = c.acting_count, acting_sum = c.acting_sum,
      cinematography_count = c.cinematography_count, cinematography_sum = c.cinematography_sum,
      critic_count = c.critic_count, critic_sum = c.critic_sum, held_count = c.held_count,
      weighted_rating = weighted_rating(c.rating_sum, c.review_count, (select p.mean from rating_prior p)),
      updated_at = now()
    from counted_reviews c
    where c.movie_id = s.movie_id and (ids is null or c.movie_id = any (ids))
      and (s.review_count, s.rating_sum, s.rating_counts,
          s.cultural_authenticity_count, s.cultural_authenticity_sum, s.production_quality_count, s.production_quality_sum,
          s.story_count, s.story_sum, s.acting_count, s.acting_sum, s.cinematography_count, s.cinematography_sum,
          s.critic_count, s.critic_sum, s.held_count, s.weighted_rating is null)
        is distinct from (c.review_count, c.rating_sum, c.rating_counts,
          c.cultural_authenticity_count, c.cultural_authenticity_sum, c.production_quality_count, c.production_quality_sum,
          c.story_count, c.story_sum, c.acting_count, c.acting_sum, c.cinematography_count, c.cinematography_sum,
          c.critic_count, c.critic_sum, c.held_count, c.review_count = 0);
    get diagnostics repaired = row_count;
    return repaired;
  end $$;
comment on function refresh_review_stats(uuid[]) is
  'Computes the scores of the given titles, or of all, anew from their reviews. Answers how many were wrong.';

-- The mean starts at 6.5 and counts as 50 reviews, so that the first few of a new catalogue don't drag it about.
create function refresh_rating_prior() returns boolean
  language sql
  as $$
    with catalogue as (
      select (6.5 * 50 + coalesce(sum(rating_sum), 0)) / (50 + coalesce(sum(review_count), 0)) as mean,
        coalesce(sum(review_count), 0) as review_count
      from movie_stats
    ), moved as (
      update rating_prior p
      set mean = c.mean, review_count = c.review_count, updated_at = now()
      from catalogue c
      where abs(p.mean - c.mean) >= 0.02
      returning 1
    )
    select exists (select from moved)
  $$;
comment on function refresh_rating_prior() is
  'Takes the catalogue''s mean anew if it has moved by 0.02 or more. Answers whether it has; apply_rating_prior then follows.';

create function apply_rating_prior(wanted integer) returns integer
  language plpgsql
  as $$
  declare
    applied integer;
  begin
    with stale as materialized (
      select s.movie_id
      from movie_stats s
      cross join rating_prior p
      where s.review_count > 0 and s.weighted_rating is distinct from weighted_rating(s.rating_sum, s.review_count, p.mean)
      order by s.movie_id
      limit wanted
      for no key update of s
    )
    update movie_stats s
    set weighted_rating = weighted_rating(s.rating_sum, s.review_count, (select p.mean from rating_prior p))
    from stale
    where s.movie_id = stale.movie_id;
    get diagnostics applied = row_count;
    return applied;
  end $$;
comment on function apply_rating_prior(integer) is
  'Gives at most so many titles the weighted rating that follows from the present mean. Answers how many; 0 is all done.';

-- A corrected release may make reviews early, or no longer so. An edit casts a review anew, hence updated_at.
create function movies_move_release() returns trigger language plpgsql as $$
begin
  -- Before the reviews, as whoever changes one of them does.
  perform from movie_stats s where s.movie_id = new.id for no key update;
  update reviews r
  set exclusion = case when is_before_release(new.release_date, new.release_year, r.updated_at) then 'before_release'::review_exclusion end
  where r.movie_id = new.id and r.exclusion is distinct from 'held'
    and (r.exclusion is not distinct from 'before_release')
      <> is_before_release(new.release_date, new.release_year, r.updated_at);
  return null;
end $$;
create trigger movies_move_release after update of release_date, release_year on movies
  for each row when ((old.release_date, old.release_year) is distinct from (new.release_date, new.release_year))
  execute function movies_move_release();

-- migrate:down
drop trigger movies_move_release on movies;
drop function movies_move_release();
drop function apply_rating_prior(integer);
drop function refresh_rating_prior();
drop function refresh_review_stats(uuid[]);
drop view counted_reviews;
drop trigger reviews_count_update on reviews;
drop trigger reviews_count_delete on reviews;
drop trigger reviews_count_insert on reviews;
drop function reviews_count();
drop function count_reviews(review_count[]);
drop function review_count_of(reviews, integer);
drop type review_count;
drop function review_stats_are_deferred();
drop function score_state(integer, integer);
drop function weighted_rating(bigint, bigint, numeric);
drop table rating_prior;
alter table movie_stats
  drop column audience_rating, drop column critic_rating, drop column held_count, drop column critic_sum, drop column critic_count;
