-- What ranks titles: how well known they are, and how hot at the moment.

-- migrate:up

-- '₦1,400,000,000', '1.4 billion naira', '244775758' → naira.
create function naira(published text) returns numeric
  language sql immutable strict parallel safe
  as $$
    select substring(replace(published, ',', '') from '[0-9]+(?:\.[0-9]+)?')::numeric
      * case
          when published ~* '[0-9]\s*(billion|bn|b\M)' then 1000000000
          when published ~* '[0-9]\s*(million|mn|m\M)' then 1000000
          else 1
        end
  $$;
comment on function naira(text) is 'The amount of takings as published, in naira; null when there is no number in it.';

-- A hyperbola and not an exponential: sixty-year-old films still differ, and nothing underflows. Premieres to come heat up
-- as past ones cool down. A title with only a year counts as of its middle, one with nothing as a hundred years old.
create function trending_score(popularity real, release_date date, release_year smallint, scale_days double precision)
  returns double precision
  language sql stable parallel safe
  as $$
    select (0.05 + popularity) / power(
      1 + coalesce(abs(current_date - coalesce(release_date, make_date(release_year, 7, 1))), 36500) / scale_days, 1.5)
  $$;
comment on function trending_score(real, date, smallint, double precision) is
  'Popularity that cools with the days since, or until, the release; the scale is how many days take it to about a third.';

-- The weights add up to 1. Logarithms, because the second million says less than the first: 1,000 reviews, two billion
-- naira and people of 50 credits count as full. Reviews weigh most; until there are any, the rest keeps titles apart.
create function refresh_popularity(ids uuid[] default null) returns void
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  begin
    with fame as (
      select person_id, least(1, ln(1 + count(*)) / ln(51)) as value
      from movie_credits
      where ids is null
      group by person_id
      union all
      select c.person_id, least(1, ln(1 + count(*)) / ln(51))
      from (select distinct person_id from movie_credits where movie_id = any (ids)) p
      join movie_credits c using (person_id)
      where ids is not null
      group by c.person_id
    ), stars as (
      select c.movie_id, avg(f.value) as value, count(*) filter (where c.role = 'actor') as actors
      from movie_credits c
      join fame f using (person_id)
      where (ids is null or c.movie_id = any (ids)) and c.role in ('actor', 'director') and c.billing_order < 5
      group by c.movie_id
    ), scores as (
      select m.id, (
          0.35 * least(1, ln(1 + s.review_count) / ln(1001))
        + 0.20 * coalesce(least(1, greatest(0, ln(greatest(naira(m.box_office_ng), 1) / 1000000) / ln(2000))), 0)
        + 0.20 * coalesce(stars.value, 0)
        + 0.15 * coalesce(1 / (1 + abs(extract(year from now()) - m.release_year) / 10), 0)
        + 0.10 * ((m.plot_summary is not null)::int + (m.poster_url is not null)::int + (m.runtime is not null)::int
            + (m.release_date is not null)::int + (coalesce(stars.actors, 0) >= 3)::int) / 5
      )::real as popularity, m.release_date, m.release_year
      from movies m
      join movie_stats s on s.movie_id = m.id
      left join stars on stars.movie_id = m.id
      where ids is null or m.id = any (ids)
    )
    -- Trending follows, since every version of a row costs as many index entries as the table has indexes.
    update movie_stats s
    set popularity = scores.popularity,
      trending = trending_score(scores.popularity, scores.release_date, scores.release_year, 14.0)
    from scores
    where s.movie_id = scores.id and s.popularity is distinct from scores.popularity;
  end
  $$;
comment on function refresh_popularity(uuid[]) is
  'Computes movie_stats.popularity anew, and trending with it, of the given titles or of all. Run it before refresh_trending.';

create function refresh_trending(ids uuid[] default null) returns void
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  begin
    delete from movie_trending where ids is null or movie_id = any (ids);
    insert into movie_trending (trending_window, movie_id, score)
    select w.trending_window, hot.movie_id, hot.score
    from (values ('day'::trending_window, 3.0), ('week', 14.0), ('month', 60.0)) w (trending_window, scale_days)
    cross join unnest(enum_range(null::content_type)) t (type)
    cross join lateral (
      select m.id as movie_id, trending_score(s.popularity, m.release_date, m.release_year, w.scale_days) as score
      from movies m
      join movie_stats s on s.movie_id = m.id
      where m.type = t.type and (ids is null or m.id = any (ids))
      order by score desc
      limit 500
    ) hot
    -- Two refreshes at once may insert the same rows.
    on conflict (trending_window, movie_id) do update set score = excluded.score;
    -- A change of less than a hundredth isn't worth a new version of the row.
    update movie_stats s
    set trending = fresh.score
    from (
      select m.id, trending_score(p.popularity, m.release_date, m.release_year, 14.0) as score
      from movies m
      join movie_stats p on p.movie_id = m.id
      where ids is null or m.id = any (ids)
    ) fresh
    where s.movie_id = fresh.id and abs(s.trending - fresh.score) > 0.01 * s.trending;
  end
  $$;
comment on function refresh_trending(uuid[]) is
  'Computes movie_trending (the hottest 500 of each type and window) and movie_stats.trending anew, of the given titles or of all.';

-- migrate:down
drop function refresh_trending(uuid[]);
drop function refresh_popularity(uuid[]);
drop function trending_score(real, date, smallint, double precision);
drop function naira(text);
