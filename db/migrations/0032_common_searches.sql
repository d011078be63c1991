-- The commonest words alone, as queries: their answers are kept, since they match most and tell least.

-- migrate:up
create type search_answer as (movie_id uuid, rank double precision, is_near boolean, entries smallint[], words text[]);
comment on type search_answer is 'A row of search_titles.';

create table search_common_words (
  word text collate "C" not null,
  scope text not null check (scope in ('all', 'movie', 'series')),
  stem text collate "C" not null,
  answer search_answer[] not null,
  primary key (word, scope)
);
comment on table search_common_words is
  'What the commonest words find when they are the whole query, of both types or of one: champion lists (Manning, Raghavan and Schütze, Introduction to Information Retrieval, 7.1.3), made daily. A title that is written takes those of its words with it; they are then found as any other word until the next time.';
create index search_common_words_stem_idx on search_common_words (stem);
create index search_words_common_idx on search_words ((name_count + person_count + other_count) desc, word)
  where name_count + person_count + other_count >= 500;

create function search_forget_common(ids uuid[]) returns void
  language sql
  as $$
    delete from search_common_words c
    where c.word in (select w from search_documents d cross join lateral unnest(d.words) w where d.movie_id = any (ids))
      or c.stem in (select s from search_documents d cross join lateral unnest(d.plot_stems) s where d.movie_id = any (ids))
  $$;
comment on function search_forget_common(uuid[]) is 'Forgets what is kept of the words of titles.';

create function search_titles_anew(readings jsonb, filter tsquery, phrases text[], wanted integer)
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
comment on function search_titles_anew(jsonb, tsquery, text[], integer) is 'The same as search_titles, without what is kept.';

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

create function search_keep_common(common text[]) returns void
  language sql
  as $$
    insert into search_common_words (word, scope, stem, answer)
    select w.word, s.scope, coalesce((tsvector_to_array(to_tsvector('plots', w.word)))[1], ''), array(
        select (t.movie_id, t.rank, t.is_near, t.entries, t.words)::search_answer
        from search_titles_anew(
          jsonb_build_array(jsonb_build_object('terms', array[w.word], 'quiet', array[false], 'year', null, 'weight', 1)), s.filter, '{}', 200) t
        order by t.rank desc, t.movie_id desc)
    from unnest(common) w (word)
    cross join (values ('all', null::tsquery), ('movie', '''=tmovie'''), ('series', '''=tseries''')) s (scope, filter)
    on conflict (word, scope) do update set stem = excluded.stem, answer = excluded.answer
  $$;
comment on function search_keep_common(text[]) is 'Keeps what words find, up to 200 titles. Nobody may write titles meanwhile.';

create or replace function search_refresh(ids uuid[]) returns void
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  begin
    perform from search_documents d where d.movie_id = any (ids) order by d.movie_id for update;
    perform search_forget_common(ids);
    delete from search_names n where n.movie_id = any (ids);
    delete from search_starts s where s.movie_id = any (ids);
    perform search_write_documents(ids);
    perform search_write_starts(ids);
    perform search_write_words(ids);
    perform search_forget_common(ids);
  end
  $$;

create or replace function search_forget() returns trigger
  language plpgsql
  as $$
  begin
    delete from search_names n using gone where n.movie_id = gone.movie_id;
    delete from search_starts s using gone where s.movie_id = gone.movie_id;
    delete from search_common_words c
    where c.word in (select w from gone cross join lateral unnest(gone.words) w)
      or c.stem in (select s from gone cross join lateral unnest(gone.plot_stems) s);
    return null;
  end
  $$;

create or replace function search_refresh_all() returns void
  language plpgsql
  set work_mem = '128MB' set maintenance_work_mem = '256MB' set plan_cache_mode = force_custom_plan
  as $$
  declare
    batch uuid[];
    lifted record;
  begin
    truncate search_documents, search_names, search_starts, search_words, search_common_words;
    create temporary table search_lifted on commit drop as
      select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
      where i.indrelid in ('search_documents'::regclass, 'search_names'::regclass, 'search_starts'::regclass, 'search_words'::regclass)
        and not i.indisprimary;
    for lifted in select * from search_lifted loop execute 'drop index ' || lifted.name; end loop;
    perform search_refresh_tiers();
    for batch in
      select array_agg(m.id) from (select id, row_number() over (order by id) / 5000 as n from movies) m group by m.n order by m.n
    loop
      perform search_write_documents(batch);
      perform search_write_starts(batch);
    end loop;
    perform search_count_words();
    for lifted in select * from search_lifted loop execute lifted.definition; end loop;
    drop table search_lifted;
    analyze search_documents, search_names, search_starts, search_words;
  end
  $$;

-- migrate:down
create or replace function search_refresh_all() returns void
  language plpgsql
  set work_mem = '128MB' set maintenance_work_mem = '256MB' set plan_cache_mode = force_custom_plan
  as $$
  declare
    batch uuid[];
    lifted record;
  begin
    truncate search_documents, search_names, search_starts, search_words;
    create temporary table search_lifted on commit drop as
      select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
      where i.indrelid in ('search_documents'::regclass, 'search_names'::regclass, 'search_starts'::regclass, 'search_words'::regclass)
        and not i.indisprimary;
    for lifted in select * from search_lifted loop execute 'drop index ' || lifted.name; end loop;
    perform search_refresh_tiers();
    for batch in
      select array_agg(m.id) from (select id, row_number() over (order by id) / 5000 as n from movies) m group by m.n order by m.n
    loop
      perform search_write_documents(batch);
      perform search_write_starts(batch);
    end loop;
    perform search_count_words();
    for lifted in select * from search_lifted loop execute lifted.definition; end loop;
    drop table search_lifted;
    analyze search_documents, search_names, search_starts, search_words;
  end
  $$;

create or replace function search_forget() returns trigger
  language plpgsql
  as $$
  begin
    delete from search_names n using gone where n.movie_id = gone.movie_id;
    delete from search_starts s using gone where s.movie_id = gone.movie_id;
    return null;
  end
  $$;

create or replace function search_refresh(ids uuid[]) returns void
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  begin
    perform from search_documents d where d.movie_id = any (ids) order by d.movie_id for update;
    delete from search_names n where n.movie_id = any (ids);
    delete from search_starts s where s.movie_id = any (ids);
    perform search_write_documents(ids);
    perform search_write_starts(ids);
    perform search_write_words(ids);
  end
  $$;

drop function search_keep_common(text[]);
drop function search_titles(jsonb, tsquery, text[], integer);
drop function search_titles_anew(jsonb, tsquery, text[], integer);
create function search_titles(readings jsonb, filter tsquery, phrases text[], wanted integer)
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
comment on function search_titles(jsonb, tsquery, text[], integer) is
  'What a query finds, best first by (rank, movie_id) descending: the titles, whether they are only near it, and what of them matched. readings: [{terms, quiet, year, weight}].';
drop function search_forget_common(uuid[]);
drop table search_common_words;
drop index search_words_common_idx;
drop type search_answer;
