-- What readers are at: reviews and, through them, titles that are hot at the moment.

-- migrate:up
create table review_trending (
  trending_window trending_window not null,
  review_id uuid not null references reviews (id) on delete cascade,
  score double precision not null,
  primary key (trending_window, review_id)
);
comment on table review_trending is 'The hottest reviews of each window, with their score (refresh_review_trending); higher is hotter.';
create index review_trending_score_idx on review_trending (trending_window, score desc, review_id desc);
create index review_trending_review_id_idx on review_trending (review_id);

-- What is older than a window counts nothing in it, and by then it is at a fourteenth at most.
create function trending_decay(moment timestamptz, half_life_days double precision) returns double precision
  language sql stable parallel safe
  as $$ select power(0.5, greatest(0, extract(epoch from now() - moment)) / 86400 / half_life_days) $$;
comment on function trending_decay(timestamptz, double precision) is 'What is left of 1 since a moment, halved with every half-life.';

create function trending_windows() returns table (trending_window trending_window, days integer, half_life_days double precision)
  language sql immutable parallel safe
  as $$ values ('day'::trending_window, 1, 0.25), ('week'::trending_window, 7, 2.0), ('month'::trending_window, 30, 8.0) $$;
comment on function trending_windows() is 'How far each window looks back, and in how many days interest halves.';

-- A new review counts as two helpful votes; an unhelpful one takes away half of one. Votes on former texts are left out.
create function refresh_review_trending() returns void
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
comment on function refresh_review_trending() is 'Computes review_trending (the hottest 500 of each window) anew.';

-- From 0 to 1: a logarithm, because the second fifty reviews say less than the first; fifty new ones count as full.
create function title_activity(ids uuid[]) returns table (trending_window trending_window, movie_id uuid, activity double precision)
  language sql stable
  as $$
    select w.trending_window, r.movie_id, least(1, ln(1 + sum(trending_decay(r.created_at, w.half_life_days))) / ln(51))
    from reviews r
    join trending_windows() w on r.created_at > now() - make_interval(days => w.days)
    where r.moderation_status = 'approved' and r.exclusion is null and (ids is null or r.movie_id = any (ids))
      and r.created_at > now() - interval '30 days'
    group by w.trending_window, r.movie_id
  $$;
comment on function title_activity(uuid[]) is 'How much the given titles, or all, are reviewed at the moment, by window; those that are not are left out.';

create or replace function refresh_trending(ids uuid[] default null) returns void
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  begin
    delete from movie_trending where ids is null or movie_id = any (ids);
    with activity as materialized (select * from title_activity(ids))
    insert into movie_trending (trending_window, movie_id, score)
    select w.trending_window, hot.movie_id, hot.score
    from (values ('day'::trending_window, 3.0), ('week', 14.0), ('month', 60.0)) w (trending_window, scale_days)
    cross join unnest(enum_range(null::content_type)) t (type)
    cross join lateral (
      select m.id as movie_id,
        trending_score(s.popularity, m.release_date, m.release_year, w.scale_days) + 0.5 * coalesce(a.activity, 0) as score
      from movies m
      join movie_stats s on s.movie_id = m.id
      left join activity a on a.movie_id = m.id and a.trending_window = w.trending_window
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
      select m.id,
        trending_score(p.popularity, m.release_date, m.release_year, 14.0) + 0.5 * coalesce(a.activity, 0) as score
      from movies m
      join movie_stats p on p.movie_id = m.id
      left join title_activity(ids) a on a.movie_id = m.id and a.trending_window = 'week'
      where ids is null or m.id = any (ids)
    ) fresh
    where s.movie_id = fresh.id and abs(s.trending - fresh.score) > 0.01 * s.trending;
  end
  $$;
comment on function refresh_trending(uuid[]) is
  'Computes movie_trending (the hottest 500 of each type and window) and movie_stats.trending anew, of the given titles or of all: how well known, how near the release, how much reviewed.';

-- migrate:down
create or replace function refresh_trending(ids uuid[] default null) returns void
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
drop function title_activity(uuid[]);
drop function refresh_review_trending();
drop function trending_windows();
drop function trending_decay(timestamptz, double precision);
drop table review_trending;
