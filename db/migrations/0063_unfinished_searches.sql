-- A search for a name that is not typed to its end, as from the search box before a suggestion is taken.

-- migrate:up
create function search_unfinished(reading jsonb, filter tsquery) returns setof search_answer
  language sql stable
  as $$
    with typed as materialized (
      select string_agg(t.term, ' ' order by t.o) as text
      from jsonb_array_elements_text(reading -> 'terms') with ordinality t (term, o)
      where (reading -> 'quiet' -> (t.o::integer - 1))::boolean is not true and t.term is distinct from reading ->> 'year'
    )
    -- A beginning as it was typed, of a name not all that short, stands before all titles that have half of the words.
    select s.movie_id, 0.55::double precision * s.score, false, array[s.entry]::smallint[], array(
        select distinct w.word from unnest(d.words, d.word_entries) w (word, entry)
        where w.entry = s.entry and exists (
          select from string_to_table(fold(typed.text), ' ') t (token) where t.token <> '' and starts_with(w.word, t.token)))
    from typed
    cross join lateral suggest_titles(typed.text, false,
      case when filter::text like '''=tmovie''%' then 'movie'::content_type when filter::text like '''=tseries''%' then 'series' end, 20) s
    join search_documents d on d.movie_id = s.movie_id
    where length(fold(typed.text)) >= 3 and (filter is null or d.vector @@ filter)
  $$;
comment on function search_unfinished(jsonb, tsquery) is
  'The 20 likeliest titles with a name that begins as a reading does, as answers of search_titles; of fewer than three letters none.';

create or replace function search_titles(readings jsonb, filter tsquery, phrases text[], wanted integer)
  returns table (movie_id uuid, rank double precision, is_near boolean, entries smallint[], words text[])
  language plpgsql stable
  set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan
  as $$
  declare
    answer search_answer[];
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
    answer := array(
      select (t.movie_id, t.rank, t.is_near, t.entries, t.words)::search_answer from search_titles_anew(readings, filter, phrases, wanted) t);
    -- Where the words found nothing good, the last of them may be unfinished.
    if jsonb_array_length(readings) = 1 and cardinality(phrases) = 0 and coalesce(jsonb_array_length(readings -> 0 -> 'phrases'), 0) = 0
      and not exists (select from unnest(answer) a where not a.is_near and a.rank >= 0.5)
    then
      answer := answer || array(select u from search_unfinished(readings -> 0, filter) u);
    end if;
    return query
      select u.*
      from (
        select distinct on (a.movie_id) a.movie_id, a.rank, a.is_near, a.entries, a.words
        from unnest(answer) a
        order by a.movie_id, a.is_near, a.rank desc
      ) u
      order by u.is_near, u.rank desc, u.movie_id desc
      limit wanted;
  end
  $$;

-- migrate:down
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
drop function search_unfinished(jsonb, tsquery);
