-- A bulk load in less time: what titles are found by is made on several cores, popularity is computed once, and keys come last.

-- migrate:up
alter function search_entries(uuid[]) parallel safe;
alter function search_filter_lexemes(uuid[]) parallel safe;

-- Words are put together and cut apart as text, for whole titles at a time: a tenth of the rows to handle.
create function search_document_rows(ids uuid[]) returns setof search_documents
  language sql stable parallel safe
  as $$
    with entries as (
      select e.movie_id, array_agg(e.kind order by e.place, e.folded, e.kind, e.value) as kinds,
        array_agg(e.value order by e.place, e.folded, e.kind, e.value) as entry_values,
        array_agg(case when length(e.folded) > 40 then regexp_replace(e.folded, '([^ ]{40})[^ ]+', '\1', 'g') else e.folded end
          order by e.place, e.folded, e.kind, e.value) as folded
      from search_entries(ids) e where e.folded <> '' group by e.movie_id
    ), arrays as materialized (
      select e.*, string_to_array(array_to_string(e.folded, '  ') || ' ', ' ') as words, n.*
      from entries e
      cross join lateral (
        select array_agg(length(replace(u.folded, ' ', ''))::smallint) as lengths,
          string_to_array(rtrim(string_agg(
            repeat(u.entry || ' ', 2 + length(u.folded) - length(replace(u.folded, ' ', ''))), '')), ' ')::smallint[] as word_entries,
          string_to_array(string_agg(u.namespace || replace(u.folded, ' ', ' ' || u.namespace), ' '), ' ') as lexemes
        from (
          select x.folded, x.entry, search_namespace(x.kind) as namespace
          from unnest(e.folded, e.kinds) with ordinality x (folded, kind, entry) order by x.entry
        ) u
      ) n
    ), plots as (
      select m.id, tsvector_to_array(to_tsvector('plots', m.plot_summary)) as stems from movies m where m.id = any (ids)
    )
    select m.id, m.type, t.tier, s.popularity, m.release_year, coalesce(m.part_of, m.id), m.part_number,
      coalesce(e.kinds, '{}'), coalesce(e.lengths, '{}'), coalesce(e.words, '{}'), coalesce(e.word_entries, '{}'),
      coalesce(p.stems, '{}'), coalesce(e.entry_values, '{}'),
      array_to_tsvector(e.lexemes || f.lexemes || array(select '~' || stem from unnest(p.stems) stem) || ('=k' || t.tier))
    from movies m
    join movie_stats s on s.movie_id = m.id
    cross join search_statistics st
    cross join lateral (select search_tier(s.popularity, m.id, st.floor_popularities, st.floor_ids) as tier) t
    join search_filter_lexemes(ids) f on f.movie_id = m.id
    join plots p on p.id = m.id
    left join arrays e on e.movie_id = m.id
    where m.id = any (ids)
  $$;
comment on function search_document_rows(uuid[]) is 'The documents of titles as they are to be.';

-- Between the words of two entries stands an empty one.
create function search_document_names(words text[], kinds "char"[])
  returns table (entry smallint, kind "char", folded text, squashed text)
  language sql immutable parallel safe
  as $$
    select u.entry::smallint, u.kind, u.folded, replace(u.folded, ' ', '')
    from unnest(string_to_array(rtrim(array_to_string(words, ' ')), '  '), kinds) with ordinality u (folded, kind, entry)
    where search_namespace(u.kind) = ''
  $$;
comment on function search_document_names(text[], "char"[]) is 'The names among a document''s entries, as search_names has them.';

create or replace function search_write_documents(ids uuid[]) returns void
  language sql
  as $$
    with made as materialized (select * from search_document_rows(ids)),
    write_names as (
      insert into search_names (movie_id, entry, kind, folded, squashed)
      select d.movie_id, n.* from made d cross join lateral search_document_names(d.words, d.entry_kinds) n
    )
    insert into search_documents as d (movie_id, type, tier, popularity, release_year, story_id, part_number,
      entry_kinds, entry_lengths, words, word_entries, plot_stems, entry_values, vector)
    select * from made m
    order by m.movie_id
    on conflict (movie_id) do update set type = excluded.type, tier = excluded.tier, popularity = excluded.popularity,
      release_year = excluded.release_year, story_id = excluded.story_id, part_number = excluded.part_number,
      entry_kinds = excluded.entry_kinds, entry_lengths = excluded.entry_lengths, words = excluded.words,
      word_entries = excluded.word_entries, plot_stems = excluded.plot_stems, entry_values = excluded.entry_values,
      vector = excluded.vector
  $$;

-- One branch of a parallel query: not inlined, since its own query, with its subqueries made once, could not be in one, and
-- costly enough for the planner to want workers.
create function search_document_rows_between(first uuid, last uuid) returns setof search_documents
  language plpgsql stable parallel safe cost 1000000 rows 2500
  set plan_cache_mode = force_custom_plan set work_mem = '64MB' set max_parallel_workers_per_gather = 0
  as $$
  declare
    ids uuid[] := array(select m.id from movies m where m.id between first and last);
  begin
    return query select * from search_document_rows(ids);
  end
  $$;
comment on function search_document_rows_between(uuid, uuid) is 'The documents of the titles with ids from the first to the last.';

-- What a function returns may be made in parallel, unlike what a statement writes.
create function search_document_rows_of(firsts uuid[], lasts uuid[]) returns setof search_documents
  language plpgsql stable
  set parallel_setup_cost = 0 set parallel_tuple_cost = 0
  as $$
  begin
    return query execute (
      select string_agg(format('select * from search_document_rows_between(%L, %L)', r.first, r.last), ' union all ')
      from unnest(firsts, lasts) r (first, last));
  end
  $$;
comment on function search_document_rows_of(uuid[], uuid[]) is 'The documents of the titles with ids in ranges, the ranges side by side.';

create function search_counted_words() returns table (word text, names bigint, people bigint, others bigint)
  language plpgsql stable
  set work_mem = '128MB' set plan_cache_mode = force_custom_plan
  as $$
  begin
    return query
      select ltrim(l.lexeme, '@#'),
        count(*) filter (where left(l.lexeme, 1) not in ('@', '#')),
        count(*) filter (where left(l.lexeme, 1) = '@'),
        count(*) filter (where left(l.lexeme, 1) = '#')
      from search_documents d
      cross join lateral unnest(tsvector_to_array(d.vector)) l (lexeme)
      where left(l.lexeme, 1) not in ('=', '~', '^')
      group by 1;
  end
  $$;
comment on function search_counted_words() is 'The words of all documents, and in how many they are the word of a name, of a person, of something else.';

create or replace function search_count_words() returns void
  language sql
  set work_mem = '128MB'
  as $$
    with counted as materialized (select * from search_counted_words()), gone as (
      delete from search_words w where not exists (select from counted c where c.word = w.word)
    )
    insert into search_words as w (word, name_count, person_count, other_count, phonetic)
    select c.word, c.names, c.people, c.others, search_phonetic(c.word)
    from counted c
    where not exists (
      select from search_words o where o.word = c.word
        and (o.name_count, o.person_count, o.other_count) = (c.names, c.people, c.others))
    order by c.word
    on conflict (word) do update
    set name_count = excluded.name_count, person_count = excluded.person_count, other_count = excluded.other_count
  $$;

create or replace function search_refresh_all() returns void
  language plpgsql
  set work_mem = '128MB' set maintenance_work_mem = '256MB' set plan_cache_mode = force_custom_plan
  -- A vocabulary of a megabyte is a small table, but its keys are much work.
  set min_parallel_table_scan_size = '1MB'
  as $$
  declare
    part record;
    lifted record;
  begin
    truncate search_documents, search_names, search_starts, search_words, search_common_words;
    create temporary table search_lifted on commit drop as
      select 'alter table ' || c.conrelid::regclass || ' drop constraint ' || quote_ident(c.conname) as away,
        'alter table ' || c.conrelid::regclass || ' add constraint ' || quote_ident(c.conname) || ' ' || pg_get_constraintdef(c.oid) as back,
        2 as place
      from pg_constraint c
      -- Foreign keys stay: dropping one locks the table that it points at, and who reads titles and then waits for us would never
      -- see us done. Checking them row by row takes no longer that can be measured.
      where c.conrelid in ('search_documents'::regclass, 'search_names'::regclass, 'search_words'::regclass) and c.contype = 'p'
      union all
      select 'drop index ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid), 1 from pg_index i
      where i.indrelid in ('search_documents'::regclass, 'search_names'::regclass, 'search_starts'::regclass, 'search_words'::regclass)
        and not i.indisprimary;
    for lifted in select * from search_lifted loop execute lifted.away; end loop;
    perform search_refresh_tiers();
    for part in
      select array_agg(r.first order by r.n) as firsts, array_agg(r.last order by r.n) as lasts from (
        select (array_agg(m.id order by m.id))[1] as first, (array_agg(m.id order by m.id desc))[1] as last, m.n
        from (select id, (row_number() over (order by id) - 1) / 2500 as n from movies) m group by m.n
      ) r group by r.n / 24 order by r.n / 24
    loop
      -- So many at a time that they fit into memory.
      insert into search_documents select * from search_document_rows_of(part.firsts, part.lasts);
    end loop;
    insert into search_names
      select d.movie_id, n.* from search_documents d cross join lateral search_document_names(d.words, d.entry_kinds) n;
    insert into search_starts (tier, inner_word, start, movie_id, entry, kind, type, popularity, size)
    select d.tier, w.at > 1, left(array_to_string(n.words[w.at:], ' '), 48), d.movie_id, n.entry, n.kind, d.type, d.popularity,
      least(length(n.folded), 500)
    from (select s.*, string_to_array(s.folded, ' ') as words from search_names s) n
    join search_documents d on d.movie_id = n.movie_id
    -- A half's later words are those of its title.
    cross join lateral generate_series(1, case n.kind when 'h' then 1 else least(cardinality(n.words), 10) end) w (at);
    insert into search_words
      select c.word, c.names, c.people, c.others, search_phonetic(c.word) from search_counted_words() c order by c.word;
    for lifted in select * from search_lifted order by place loop execute lifted.back; end loop;
    drop table search_lifted;
    analyze search_documents, search_names, search_starts, search_words;
  end
  $$;

-- Computed apart it is computed once: in the update its condition and both of its columns did it again. Where there are no
-- takings, which is mostly so, the logarithm is left out.
create function title_popularity(ids uuid[]) returns table (movie_id uuid, popularity real, trending double precision)
  language plpgsql stable
  set plan_cache_mode = force_custom_plan
  as $$
  #variable_conflict use_column
  begin
    return query
    with fame as materialized (
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
      from (
        select c.movie_id, c.person_id, c.role from movie_credits c
        where (ids is null or c.movie_id = any (ids)) and c.role in ('actor', 'director') and c.billing_order < 5
        -- Apart, so that they are read in the order in which they lie, not person by person.
        offset 0
      ) c
      join fame f using (person_id)
      group by c.movie_id
    ), scores as materialized (
      select m.id, (
          0.35 * least(1, ln(1 + coalesce(s.review_count, 0)) / ln(1001))
        + 0.20 * case when m.box_office_ng is null then 0
            else coalesce(least(1, greatest(0, ln(greatest(naira(m.box_office_ng), 1) / 1000000) / ln(2000))), 0) end
        + 0.20 * coalesce(stars.value, 0)
        + 0.15 * coalesce(1 / (1 + abs(extract(year from now()) - m.release_year) / 10), 0)
        + 0.10 * ((m.plot_summary is not null)::int + (m.poster_url is not null)::int + (m.runtime is not null)::int
            + (m.release_date is not null)::int + (coalesce(stars.actors, 0) >= 3)::int) / 5
      )::real as popularity, m.release_date, m.release_year
      from movies m
      left join movie_stats s on s.movie_id = m.id
      left join stars on stars.movie_id = m.id
      where ids is null or m.id = any (ids)
    )
    select s.id, s.popularity, trending_score(s.popularity, s.release_date, s.release_year, 14.0) from scores s;
  end
  $$;
comment on function title_popularity(uuid[]) is 'How well known titles, or all (null), are, and the trending that follows from it alone; of titles without a row in movie_stats, too.';

create or replace function refresh_popularity(ids uuid[] default null) returns void
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  begin
    -- Trending follows, since every version of a row costs as many index entries as the table has indexes.
    update movie_stats s
    set popularity = fresh.popularity, trending = fresh.trending
    from title_popularity(ids) fresh
    where s.movie_id = fresh.movie_id and s.popularity is distinct from fresh.popularity;
  end
  $$;

-- migrate:down
create or replace function refresh_popularity(ids uuid[] default null) returns void
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

drop function title_popularity(uuid[]);

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

create or replace function search_count_words() returns void
  language sql
  set work_mem = '128MB'
  as $$
    with counted as materialized (
      select ltrim(l.lexeme, '@#') as word,
        count(*) filter (where left(l.lexeme, 1) not in ('@', '#')) as names,
        count(*) filter (where left(l.lexeme, 1) = '@') as people,
        count(*) filter (where left(l.lexeme, 1) = '#') as others
      from search_documents d
      cross join lateral unnest(tsvector_to_array(d.vector)) l (lexeme)
      where left(l.lexeme, 1) not in ('=', '~', '^')
      group by 1
    ), gone as (
      delete from search_words w where not exists (select from counted c where c.word = w.word)
    )
    insert into search_words as w (word, name_count, person_count, other_count, phonetic)
    select c.word, c.names, c.people, c.others, search_phonetic(c.word)
    from counted c
    where not exists (
      select from search_words o where o.word = c.word
        and (o.name_count, o.person_count, o.other_count) = (c.names, c.people, c.others))
    order by c.word
    on conflict (word) do update
    set name_count = excluded.name_count, person_count = excluded.person_count, other_count = excluded.other_count
  $$;

drop function search_counted_words();
drop function search_document_rows_of(uuid[], uuid[]);
drop function search_document_rows_between(uuid, uuid);

create or replace function search_write_documents(ids uuid[]) returns void
  language sql
  as $$
    with entries as (
      select e.movie_id, array_agg(e.kind order by e.place, e.folded, e.kind) as kinds,
        array_agg(e.value order by e.place, e.folded, e.kind) as entry_values,
        array_agg(case when length(e.folded) > 40 then regexp_replace(e.folded, '([^ ]{40})[^ ]+', '\1', 'g') else e.folded end
          order by e.place, e.folded, e.kind) as folded
      from search_entries(ids) e where e.folded <> '' group by e.movie_id
    ), arrays as materialized (
      select e.*, string_to_array(array_to_string(e.folded, '  ') || ' ', ' ') as words, n.*
      from entries e
      cross join lateral (
        select array_agg(length(replace(u.folded, ' ', ''))::smallint) as lengths,
          string_to_array(rtrim(string_agg(
            repeat(u.entry || ' ', 2 + length(u.folded) - length(replace(u.folded, ' ', ''))), '')), ' ')::smallint[] as word_entries,
          string_to_array(string_agg(u.namespace || replace(u.folded, ' ', ' ' || u.namespace), ' '), ' ') as lexemes
        from (
          select x.folded, x.entry, search_namespace(x.kind) as namespace
          from unnest(e.folded, e.kinds) with ordinality x (folded, kind, entry) order by x.entry
        ) u
      ) n
    ), write_names as (
      insert into search_names (movie_id, entry, kind, folded, squashed)
      select a.movie_id, u.entry, u.kind, u.folded, replace(u.folded, ' ', '')
      from arrays a cross join lateral unnest(a.folded, a.kinds) with ordinality u (folded, kind, entry)
      where search_namespace(u.kind) = ''
    ), plots as (
      select m.id, tsvector_to_array(to_tsvector('plots', m.plot_summary)) as stems from movies m where m.id = any (ids)
    )
    insert into search_documents as d (movie_id, type, tier, popularity, release_year, story_id, part_number,
      entry_kinds, entry_lengths, words, word_entries, plot_stems, entry_values, vector)
    select m.id, m.type, t.tier, s.popularity, m.release_year, coalesce(m.part_of, m.id), m.part_number,
      coalesce(e.kinds, '{}'), coalesce(e.lengths, '{}'), coalesce(e.words, '{}'), coalesce(e.word_entries, '{}'),
      coalesce(p.stems, '{}'), coalesce(e.entry_values, '{}'),
      array_to_tsvector(e.lexemes || f.lexemes || array(select '~' || stem from unnest(p.stems) stem) || ('=k' || t.tier))
    from movies m
    join movie_stats s on s.movie_id = m.id
    cross join search_statistics st
    cross join lateral (select search_tier(s.popularity, m.id, st.floor_popularities, st.floor_ids) as tier) t
    join search_filter_lexemes(ids) f on f.movie_id = m.id
    join plots p on p.id = m.id
    left join arrays e on e.movie_id = m.id
    where m.id = any (ids)
    order by m.id
    on conflict (movie_id) do update set type = excluded.type, tier = excluded.tier, popularity = excluded.popularity,
      release_year = excluded.release_year, story_id = excluded.story_id, part_number = excluded.part_number,
      entry_kinds = excluded.entry_kinds, entry_lengths = excluded.entry_lengths, words = excluded.words,
      word_entries = excluded.word_entries, plot_stems = excluded.plot_stems, entry_values = excluded.entry_values,
      vector = excluded.vector
  $$;

drop function search_document_names(text[], "char"[]);
drop function search_document_rows(uuid[]);
alter function search_filter_lexemes(uuid[]) parallel unsafe;
alter function search_entries(uuid[]) parallel unsafe;
