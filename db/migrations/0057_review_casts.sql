-- When a review was cast as it counts, so that bursts of edits are seen and a held score is the one from before; what is
-- held is not hot; a weighted rating that is wrong is found.

-- migrate:up
alter table reviews
  add column cast_at timestamptz,
  add column counted_ratings smallint[] constraint reviews_counted_ratings_check check (cardinality(counted_ratings) = 6);
comment on column reviews.cast_at is
  'When its author last gave it another overall rating, or made it count by an edit after the release; null when that was never: then it was cast when it was written. Bursts go by it.';
comment on column reviews.counted_ratings is
  'The overall rating and those of the criteria, in the order of the columns, that it counted with before it was last cast: it goes on counting with them while it is held. Null when it did not count.';
create index reviews_movie_cast_idx on reviews (movie_id, (coalesce(cast_at, created_at)) desc, id desc) where exclusion is null;

create or replace function review_count_of(r reviews, step integer) returns review_count
  language sql immutable
  as $$
    select row(r.movie_id, step,
      case when r.exclusion = 'held' then r.counted_ratings[1] else r.lemon_pie_rating end,
      case when r.exclusion = 'held' then r.counted_ratings[2] else r.cultural_authenticity_rating end,
      case when r.exclusion = 'held' then r.counted_ratings[3] else r.production_quality_rating end,
      case when r.exclusion = 'held' then r.counted_ratings[4] else r.story_rating end,
      case when r.exclusion = 'held' then r.counted_ratings[5] else r.acting_rating end,
      case when r.exclusion = 'held' then r.counted_ratings[6] else r.cinematography_rating end,
      r.as_critic,
      r.moderation_status = 'approved' and (r.exclusion is null or (r.exclusion = 'held' and r.counted_ratings is not null)),
      r.moderation_status <> 'rejected' and r.exclusion is not distinct from 'held')::review_count
  $$;

create or replace view counted_reviews as
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
  select x.movie_id, x.as_critic,
    case when x.exclusion = 'held' then x.counted_ratings[1] else x.lemon_pie_rating end as lemon_pie_rating,
    case when x.exclusion = 'held' then x.counted_ratings[2] else x.cultural_authenticity_rating end as cultural_authenticity_rating,
    case when x.exclusion = 'held' then x.counted_ratings[3] else x.production_quality_rating end as production_quality_rating,
    case when x.exclusion = 'held' then x.counted_ratings[4] else x.story_rating end as story_rating,
    case when x.exclusion = 'held' then x.counted_ratings[5] else x.acting_rating end as acting_rating,
    case when x.exclusion = 'held' then x.counted_ratings[6] else x.cinematography_rating end as cinematography_rating,
    x.moderation_status = 'approved' and (x.exclusion is null or (x.exclusion = 'held' and x.counted_ratings is not null)) as counts,
    x.moderation_status <> 'rejected' and x.exclusion is not distinct from 'held' as held
  from reviews x
) r on r.movie_id = s.movie_id
group by s.movie_id;

alter table rating_prior add column former_mean numeric(5, 3) check (former_mean between 1 and 10);
update rating_prior set former_mean = mean;
alter table rating_prior alter column former_mean set not null, alter column former_mean set default 6.5;
comment on column rating_prior.former_mean is 'The mean before: titles that the present one was not applied to yet follow it.';

create or replace function refresh_review_stats(ids uuid[] default null) returns integer
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
    from counted_reviews c, rating_prior prior
    where c.movie_id = s.movie_id and (ids is null or c.movie_id = any (ids))
      and ((s.review_count, s.rating_sum, s.rating_counts,
          s.cultural_authenticity_count, s.cultural_authenticity_sum, s.production_quality_count, s.production_quality_sum,
          s.story_count, s.story_sum, s.acting_count, s.acting_sum, s.cinematography_count, s.cinematography_sum,
          s.critic_count, s.critic_sum, s.held_count)
        is distinct from (c.review_count, c.rating_sum, c.rating_counts,
          c.cultural_authenticity_count, c.cultural_authenticity_sum, c.production_quality_count, c.production_quality_sum,
          c.story_count, c.story_sum, c.acting_count, c.acting_sum, c.cinematography_count, c.cinematography_sum,
          c.critic_count, c.critic_sum, c.held_count)
        -- While a mean that has moved is applied, some titles follow the one before.
        or (s.weighted_rating is distinct from weighted_rating(c.rating_sum, c.review_count, prior.mean)
          and s.weighted_rating is distinct from weighted_rating(c.rating_sum, c.review_count, prior.former_mean)));
    get diagnostics repaired = row_count;
    return repaired;
  end $$;

create or replace function refresh_rating_prior() returns boolean
  language sql
  as $$
    with catalogue as (
      select (6.5 * 50 + coalesce(sum(rating_sum), 0)) / (50 + coalesce(sum(review_count), 0)) as mean,
        coalesce(sum(review_count), 0) as review_count
      from movie_stats
    ), moved as (
      update rating_prior p
      set mean = c.mean, former_mean = p.mean, review_count = c.review_count, updated_at = now()
      from catalogue c
      where abs(p.mean - c.mean) >= 0.02
      returning 1
    )
    select exists (select from moved)
  $$;

-- What follows neither mean is wrong, and for the reconciliation to find.
create or replace function apply_rating_prior(wanted integer) returns integer
  language plpgsql
  as $$
  declare
    applied integer;
  begin
    with stale as materialized (
      select s.movie_id
      from movie_stats s
      cross join rating_prior p
      where s.review_count > 0 and p.mean <> p.former_mean
        and s.weighted_rating is not distinct from weighted_rating(s.rating_sum, s.review_count, p.former_mean)
        and s.weighted_rating is distinct from weighted_rating(s.rating_sum, s.review_count, p.mean)
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

create or replace function refresh_review_trending() returns void
  language plpgsql
  as $$
  begin
    delete from review_trending;
    insert into review_trending (trending_window, review_id, score)
    select w.trending_window, hot.review_id, hot.score
    from trending_windows() w
    cross join lateral (
      select heat.review_id, sum(heat.value) as score
      from (
        select r.id as review_id, 2 * trending_decay(r.created_at, w.half_life_days) as value
        from reviews r
        where r.moderation_status = 'approved' and r.exclusion is null and r.created_at > now() - make_interval(days => w.days)
        union all
        select v.review_id, case v.vote_type when 'helpful' then 1 else -0.5 end * trending_decay(v.created_at, w.half_life_days)
        from review_votes v
        join reviews r on r.id = v.review_id and r.revision = v.revision and r.moderation_status = 'approved' and r.exclusion is null
        where v.created_at > now() - make_interval(days => w.days)
      ) heat
      group by heat.review_id
      having sum(heat.value) > 0
      order by score desc, heat.review_id desc
      limit 500
    ) hot;
  end $$;

-- migrate:down
create or replace function refresh_review_trending() returns void
  language plpgsql
  as $$
  begin
    delete from review_trending;
    insert into review_trending (trending_window, review_id, score)
    select w.trending_window, hot.review_id, hot.score
    from trending_windows() w
    cross join lateral (
      select heat.review_id, sum(heat.value) as score
      from (
        select r.id as review_id, 2 * trending_decay(r.created_at, w.half_life_days) as value
        from reviews r
        where r.moderation_status = 'approved' and r.created_at > now() - make_interval(days => w.days)
        union all
        select v.review_id, case v.vote_type when 'helpful' then 1 else -0.5 end * trending_decay(v.created_at, w.half_life_days)
        from review_votes v
        join reviews r on r.id = v.review_id and r.revision = v.revision and r.moderation_status = 'approved'
        where v.created_at > now() - make_interval(days => w.days)
      ) heat
      group by heat.review_id
      having sum(heat.value) > 0
      order by score desc, heat.review_id desc
      limit 500
    ) hot;
  end $$;
create or replace function apply_rating_prior(wanted integer) returns integer
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
create or replace function refresh_rating_prior() returns boolean
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
create or replace function refresh_review_stats(ids uuid[] default null) returns integer
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
alter table rating_prior drop column former_mean;
drop view counted_reviews;
create or replace function review_count_of(r reviews, step integer) returns review_count
  language sql immutable
  as $$
    select row(r.movie_id, step, r.lemon_pie_rating, r.cultural_authenticity_rating, r.production_quality_rating,
      r.story_rating, r.acting_rating, r.cinematography_rating, r.as_critic,
      r.moderation_status = 'approved' and r.exclusion is null,
      r.moderation_status <> 'rejected' and r.exclusion is not distinct from 'held')::review_count
  $$;
drop index reviews_movie_cast_idx;
alter table reviews drop column counted_ratings, drop column cast_at;
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
