-- Counting thousands of reviews in one statement takes a time that grows with them, and not with their square.

-- migrate:up

-- A plan is kept for the connection and made for the first statement, which is of one row. A join that fits that one goes
-- through all pairs of a statement of thousands; a set operation hashes or sorts whatever comes.
create or replace function reviews_count() returns trigger language plpgsql as $$
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
      select c from (
        (select id, review_count_of(o, -1) as c from old_rows o except select id, review_count_of(n, -1) from new_rows n)
        union all
        (select id, review_count_of(n, 1) from new_rows n except select id, review_count_of(o, 1) from old_rows o)
      ) changed
      where (c).counts or (c).held);
  end if;
  if cardinality(changes) > 0 then perform count_reviews(changes); end if;
  return null;
end $$;

-- Each change is read once, however many titles there are.
create or replace function count_reviews(changes review_count[]) returns void
  language plpgsql
  as $$
  begin
    perform from movie_stats s where s.movie_id in (select c.movie_id from unnest(changes) c) order by s.movie_id for no key update;
    update movie_stats s
    set review_count = s.review_count + d.n, rating_sum = s.rating_sum + d.rating_sum,
      rating_counts = array(
        select before + change from unnest(s.rating_counts, d.rating_counts) with ordinality t (before, change, rating) order by rating),
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
        array[
          coalesce(sum(step) filter (where counts and rating = 1), 0), coalesce(sum(step) filter (where counts and rating = 2), 0),
          coalesce(sum(step) filter (where counts and rating = 3), 0), coalesce(sum(step) filter (where counts and rating = 4), 0),
          coalesce(sum(step) filter (where counts and rating = 5), 0), coalesce(sum(step) filter (where counts and rating = 6), 0),
          coalesce(sum(step) filter (where counts and rating = 7), 0), coalesce(sum(step) filter (where counts and rating = 8), 0),
          coalesce(sum(step) filter (where counts and rating = 9), 0), coalesce(sum(step) filter (where counts and rating = 10), 0)
        ]::integer[] as rating_counts,
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

-- migrate:down
create or replace function reviews_count() returns trigger language plpgsql as $$
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

create or replace function count_reviews(changes review_count[]) returns void
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
