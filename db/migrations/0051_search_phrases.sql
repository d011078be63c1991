-- Phrases that must not occur, and phrases that belong to one reading of a query.

-- migrate:up
-- One that begins with a dash must not occur; folding leaves no dash in any.
create or replace function search_has_phrases(phrases text[], words text[], id uuid) returns boolean
  language sql stable
  as $$
    select bool_and((
        ' ' || array_to_string(words, ' ') || ' ' like '% ' || ltrim(p, '-') || ' %'
        or ' ' || coalesce((select fold(m.plot_summary) from movies m where m.id = search_has_phrases.id), '') || ' '
          like '% ' || ltrim(p, '-') || ' %'
      ) <> (p like '-%'))
    from unnest(phrases) p
  $$;
comment on function search_has_phrases(text[], text[], uuid) is
  'Whether a title has all of the folded phrases, each in one entry or in its plot, and none of those that begin with a dash.';

create or replace function search_filter(wanted_type content_type, genres text[], languages text[], year_min integer, year_max integer,
  rating_min numeric, rating_max numeric, state text, director text, with_reviews boolean, excluded text[])
  returns tsquery
  language sql stable
  as $$
    select string_agg(part, '&')::tsquery from (
      select search_any_of('=t', array[wanted_type::text]) where wanted_type is not null
      union all select search_any_of('=g', genres) where genres is not null
      union all select search_any_of('=l', languages) where languages is not null
      union all select search_any_of('=y', array(
          select y::text from generate_series(greatest(coalesce(year_min, 1895), 1895), least(coalesce(year_max, 2200), 2200)) y))
        where year_min is not null or year_max is not null
      union all select search_any_of('=r', array(
          select r::text from generate_series(ceil(coalesce(rating_min, 1) * 10) / 10, coalesce(rating_max, 10), 0.1) x
          cross join lateral (select round(x, 1)) v (r)))
        where rating_min is not null or rating_max is not null
      union all select search_any_of('=s', array[fold(state)]) where state is not null
      union all select search_any_of('=d', array(
          select id::text from people where id::text = lower(director) and director ~* '^[0-9a-f-]{36}$' or slug = director
          union select person_id::text from person_former_slugs where slug = director
          union select id::text from people where fold(name) = fold(director)
          union select person_id::text from person_aliases where fold(name) = fold(director)))
        where director is not null
      union all select case when with_reviews then '''=v''' else '!''=v''' end where with_reviews is not null
      union all select '!(' || search_any_of('', array[w]) || '|' || search_any_of('@', array[w]) || '|' || search_any_of('#', array[w])
          || coalesce('|' || search_any_of('~', nullif(tsvector_to_array(to_tsvector('plots', w)), '{}')), '') || ')'
        -- Several words must not stand in a row, which no tsquery over these lexemes can say.
        from unnest(excluded) e cross join lateral fold(e) w where w <> '' and w not like '% %'
    ) f (part)
  $$;

create or replace function search_titles_anew(readings jsonb, filter tsquery, phrases text[], wanted integer)
  returns table (movie_id uuid, rank double precision, is_near boolean, entries smallint[], words text[])
  language plpgsql stable
  set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan
  as $$
  declare
    -- One word that must not occur is in the filter.
    always text[] := array(
      select case when p like '-%' then '-' else '' end || fold(p)
      from unnest(phrases) p where fold(p) <> '' and (p not like '-%' or fold(p) like '% %'));
  begin
    return query
    with hits as materialized (
      select h.movie_id, h.score * (r.value ->> 'weight')::double precision as score, h.coverage, h.story_id, h.part_number, h.entries, h.words
      from jsonb_array_elements(readings) r
      cross join lateral unnest(search_reading(
        array(select jsonb_array_elements_text(r.value -> 'terms')),
        array(select x::boolean from jsonb_array_elements_text(r.value -> 'quiet') x),
        (r.value ->> 'year')::smallint, filter,
        nullif(always || array(select fold(p) from jsonb_array_elements_text(r.value -> 'phrases') p where fold(p) <> ''), '{}'),
        wanted)) h
    ), merged as (
      select distinct on (h.movie_id) h.* from hits h order by h.movie_id, h.score desc
    ), told as (
      select m.*, m.score < 0.4 or m.coverage < 0.4 * max(m.coverage) over () as is_near,
        case when m.score >= 0.5 * max(m.score) over (partition by m.story_id) then m.story_id else m.movie_id end as party
      from merged m
    ), led as (
      select t.*, max(t.score) over (partition by t.party, t.is_near) as lead from told t
    ), placed as (
      select l.*, row_number() over (
          partition by l.party, l.is_near order by l.score < l.lead - 0.012, coalesce(l.part_number, 1), l.score desc, l.movie_id) as place
      from led l
    )
    select p.movie_id,
      -- Parties of the same score keep apart by the fourth term, members of one keep their places by the last.
      (p.lead - (hashtext(p.party::text) & 65535) * 1e-10 - p.place * 1e-13) / 1.6,
      p.is_near, p.entries, p.words
    from placed p
    order by 2 desc, 1 desc
    limit wanted;
  end
  $$;

create or replace function search_titles(readings jsonb, filter tsquery, phrases text[], wanted integer)
  returns table (movie_id uuid, rank double precision, is_near boolean, entries smallint[], words text[])
  language plpgsql stable
  set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan
  as $$
  begin
    if jsonb_array_length(readings) = 1 and jsonb_array_length(readings -> 0 -> 'terms') = 1 and cardinality(phrases) = 0
      and coalesce(jsonb_array_length(readings -> 0 -> 'phrases'), 0) = 0
    then
      return query
        select a.movie_id, a.rank, a.is_near, a.entries, a.words
        from search_common_words c cross join lateral unnest(c.answer) a
        where c.word = fold(readings -> 0 -> 'terms' ->> 0)
          and c.scope = case when filter is null then 'all' when filter = '''=tmovie''' then 'movie' when filter = '''=tseries''' then 'series' end
        limit wanted;
      if found then return; end if;
    end if;
    return query select t.* from search_titles_anew(readings, filter, phrases, wanted) t;
  end
  $$;
comment on function search_titles(jsonb, tsquery, text[], integer) is
  'What a query finds, best first by (rank, movie_id) descending: the titles, whether they are only near it, and what of them matched. readings: [{terms, quiet, year, weight, phrases}]; phrases: those that hold for all of them, with a dash in front what must not occur.';

-- migrate:down
create or replace function search_has_phrases(phrases text[], words text[], id uuid) returns boolean
  language sql stable
  as $$
    select bool_and(' ' || array_to_string(words, ' ') || ' ' like '% ' || p || ' %'
      or ' ' || (select fold(m.plot_summary) from movies m where m.id = search_has_phrases.id) || ' ' like '% ' || p || ' %')
    from unnest(phrases) p
  $$;
comment on function search_has_phrases(text[], text[], uuid) is 'Whether a title has all of the folded phrases, each in one entry or in its plot.';

create or replace function search_filter(wanted_type content_type, genres text[], languages text[], year_min integer, year_max integer,
  rating_min numeric, rating_max numeric, state text, director text, with_reviews boolean, excluded text[])
  returns tsquery
  language sql stable
  as $$
    select string_agg(part, '&')::tsquery from (
      select search_any_of('=t', array[wanted_type::text]) where wanted_type is not null
      union all select search_any_of('=g', genres) where genres is not null
      union all select search_any_of('=l', languages) where languages is not null
      union all select search_any_of('=y', array(
          select y::text from generate_series(greatest(coalesce(year_min, 1895), 1895), least(coalesce(year_max, 2200), 2200)) y))
        where year_min is not null or year_max is not null
      union all select search_any_of('=r', array(
          select r::text from generate_series(ceil(coalesce(rating_min, 1) * 10) / 10, coalesce(rating_max, 10), 0.1) x
          cross join lateral (select round(x, 1)) v (r)))
        where rating_min is not null or rating_max is not null
      union all select search_any_of('=s', array[fold(state)]) where state is not null
      union all select search_any_of('=d', array(
          select id::text from people where id::text = lower(director) and director ~* '^[0-9a-f-]{36}$' or slug = director
          union select person_id::text from person_former_slugs where slug = director
          union select id::text from people where fold(name) = fold(director)
          union select person_id::text from person_aliases where fold(name) = fold(director)))
        where director is not null
      union all select case when with_reviews then '''=v''' else '!''=v''' end where with_reviews is not null
      union all select '!(' || search_any_of('', array[w]) || '|' || search_any_of('@', array[w]) || '|' || search_any_of('#', array[w])
          || coalesce('|' || search_any_of('~', nullif(tsvector_to_array(to_tsvector('plots', w)), '{}')), '') || ')'
        from unnest(excluded) e cross join lateral string_to_table(fold(e), ' ') w where w <> ''
    ) f (part)
  $$;

create or replace function search_titles_anew(readings jsonb, filter tsquery, phrases text[], wanted integer)
  returns table (movie_id uuid, rank double precision, is_near boolean, entries smallint[], words text[])
  language plpgsql stable
  set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan
  as $$
  declare
    folded_phrases text[] := nullif(array(select fold(p) from unnest(phrases) p where fold(p) <> ''), '{}');
  begin
    return query
    with hits as materialized (
      select h.movie_id, h.score * (r.value ->> 'weight')::double precision as score, h.coverage, h.story_id, h.part_number, h.entries, h.words
      from jsonb_array_elements(readings) r
      cross join lateral unnest(search_reading(
        array(select jsonb_array_elements_text(r.value -> 'terms')),
        array(select x::boolean from jsonb_array_elements_text(r.value -> 'quiet') x),
        (r.value ->> 'year')::smallint, filter, folded_phrases, wanted)) h
    ), merged as (
      select distinct on (h.movie_id) h.* from hits h order by h.movie_id, h.score desc
    ), told as (
      select m.*, m.score < 0.4 or m.coverage < 0.4 * max(m.coverage) over () as is_near,
        case when m.score >= 0.5 * max(m.score) over (partition by m.story_id) then m.story_id else m.movie_id end as party
      from merged m
    ), led as (
      select t.*, max(t.score) over (partition by t.party, t.is_near) as lead from told t
    ), placed as (
      select l.*, row_number() over (
          partition by l.party, l.is_near order by l.score < l.lead - 0.012, coalesce(l.part_number, 1), l.score desc, l.movie_id) as place
      from led l
    )
    select p.movie_id,
      -- Parties of the same score keep apart by the fourth term, members of one keep their places by the last.
      (p.lead - (hashtext(p.party::text) & 65535) * 1e-10 - p.place * 1e-13) / 1.6,
      p.is_near, p.entries, p.words
    from placed p
    order by 2 desc, 1 desc
    limit wanted;
  end
  $$;

create or replace function search_titles(readings jsonb, filter tsquery, phrases text[], wanted integer)
  returns table (movie_id uuid, rank double precision, is_near boolean, entries smallint[], words text[])
  language plpgsql stable
  set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan
  as $$
  begin
    if jsonb_array_length(readings) = 1 and jsonb_array_length(readings -> 0 -> 'terms') = 1 and cardinality(phrases) = 0 then
      return query
        select a.movie_id, a.rank, a.is_near, a.entries, a.words
        from search_common_words c cross join lateral unnest(c.answer) a
        where c.word = fold(readings -> 0 -> 'terms' ->> 0)
          and c.scope = case when filter is null then 'all' when filter = '''=tmovie''' then 'movie' when filter = '''=tseries''' then 'series' end
        limit wanted;
      if found then return; end if;
    end if;
    return query select t.* from search_titles_anew(readings, filter, phrases, wanted) t;
  end
  $$;
comment on function search_titles(jsonb, tsquery, text[], integer) is
  'What a query finds, best first by (rank, movie_id) descending: the titles, whether they are only near it, and what of them matched. readings: [{terms, quiet, year, weight}].';
