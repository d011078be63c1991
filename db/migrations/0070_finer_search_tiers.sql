-- Tiers of titles that grow by three and a half instead of twelve, and titles that lie in the order of their tiers. Their
-- documents are written anew, for which searches, and writes of titles and reviews, wait: 9 s at 100,000 titles.

-- migrate:up

-- Twelve times as many titles were read where a tier had just not enough.
create function search_tier_ends() returns integer[]
  language sql immutable parallel safe
  return array[2000, 7000, 24000, 84000, 288000, 1000000];
comment on function search_tier_ends() is
  'How many titles, by popularity, are in each tier and those before it; all others are in one more.';

create or replace function search_tier(popularity real, id uuid, floor_popularities real[], floor_ids uuid[]) returns smallint
  language sql immutable parallel safe
  return (6 - ((popularity, id) >= (floor_popularities[1], floor_ids[1]))::integer
            - ((popularity, id) >= (floor_popularities[2], floor_ids[2]))::integer
            - ((popularity, id) >= (floor_popularities[3], floor_ids[3]))::integer
            - ((popularity, id) >= (floor_popularities[4], floor_ids[4]))::integer
            - ((popularity, id) >= (floor_popularities[5], floor_ids[5]))::integer
            - ((popularity, id) >= (floor_popularities[6], floor_ids[6]))::integer)::smallint;
comment on function search_tier(real, uuid, real[], uuid[]) is
  'The tier of a title by popularity, from 0 (the best known) to 6. What would find too much is asked tier by tier until there is enough, so that no word is too common.';

-- A beginning is looked up in each of them; there the first, and two and two together, are enough.
create function search_starts_tier(tier smallint) returns smallint
  language sql immutable parallel safe
  return ((tier + 1) / 2)::smallint;
comment on function search_starts_tier(smallint) is 'The tier in search_starts of the names of a title of a tier: the best known 2,000, those up to 24,000, up to 288,000, and all others.';

-- First, for searches lock the documents before the statistics.
drop index search_documents_vector_idx;
alter table search_statistics
  alter column floor_popularities set default array_fill(-1::real, array[6]),
  alter column floor_ids set default array_fill('00000000-0000-0000-0000-000000000000'::uuid, array[6]);

create or replace function search_refresh_tiers() returns void
  language sql
  as $$
    update search_statistics s set
      documents = (select count(*) from movies), floor_popularities = f.popularities, floor_ids = f.ids
    from (
      select array_agg(coalesce(last.popularity, -1) order by v.n) as popularities,
        array_agg(coalesce(last.movie_id, '00000000-0000-0000-0000-000000000000') order by v.n) as ids
      from unnest(search_tier_ends()) with ordinality v (place, n)
      left join lateral (
        select p.popularity, p.movie_id from movie_stats p order by p.popularity desc, p.movie_id desc offset v.place - 1 limit 1
      ) last on true
    ) f
  $$;

create or replace function search_move_documents(ids uuid[]) returns void
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  begin
    with changed as materialized (
      select d.movie_id, d.tier as former_tier, t.tier, s.popularity
      from search_documents d
      join movie_stats s on s.movie_id = d.movie_id
      cross join search_statistics st
      cross join lateral (select search_tier(s.popularity, d.movie_id, st.floor_popularities, st.floor_ids) as tier) t
      where (ids is null or d.movie_id = any (ids)) and (d.tier <> t.tier or abs(d.popularity - s.popularity) > 0.005)
      order by d.movie_id for update of d
    ), moved as (
      update search_starts s set tier = search_starts_tier(c.tier), popularity = c.popularity from changed c where s.movie_id = c.movie_id
    )
    update search_documents d set tier = c.tier, popularity = c.popularity,
      vector = case when c.tier = c.former_tier then d.vector
        else array_to_tsvector(tsvector_to_array(ts_delete(d.vector, '=k' || c.former_tier)) || ('=k' || c.tier)) end
    from changed c where d.movie_id = c.movie_id;
  end
  $$;

create or replace function search_write_starts(ids uuid[]) returns void
  language sql
  as $$
    insert into search_starts (tier, inner_word, start, movie_id, entry, kind, type, popularity, size)
    select search_starts_tier(d.tier), w.at > 1, left(array_to_string(n.words[w.at:], ' '), 48), d.movie_id, n.entry, n.kind, d.type, d.popularity,
      least(length(n.folded), 500)
    from (select s.*, string_to_array(s.folded, ' ') as words from search_names s where s.movie_id = any (ids)) n
    join search_documents d on d.movie_id = n.movie_id
    -- A half's later words are those of its title.
    cross join lateral generate_series(1, case n.kind when 'h' then 1 else least(cardinality(n.words), 10) end) w (at)
  $$;

-- Titles of a tier then lie side by side: what is looked for in one skips all of a word's other titles, and reads fewer pages.
create function search_order_documents() returns void
  language plpgsql
  as $$
  begin
    -- Stored as they will be: what ranking reads isn't compressed.
    create temporary table search_ordered (like search_documents including storage);
    insert into search_ordered
      select d.movie_id, d.type, t.tier, d.popularity, d.release_year, d.story_id, d.part_number, d.entry_kinds, d.entry_lengths,
        d.words, d.word_entries, d.plot_stems, d.entry_values, case when t.tier = d.tier then d.vector
          else array_to_tsvector(tsvector_to_array(ts_delete(d.vector, '=k' || d.tier)) || ('=k' || t.tier)) end as vector
      from search_documents d
      join movie_stats s on s.movie_id = d.movie_id
      cross join search_statistics st
      cross join lateral (select search_tier(s.popularity, d.movie_id, st.floor_popularities, st.floor_ids) as tier) t
      order by s.popularity desc, d.movie_id desc;
    truncate search_documents;
    insert into search_documents table search_ordered;
    drop table search_ordered;
  end
  $$;
comment on function search_order_documents() is
  'Gives all documents, but not the beginnings of their names, the tiers that there are now and puts them in the order of popularity. Nobody can search meanwhile.';

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
    perform search_order_documents();
    insert into search_names
      select d.movie_id, n.* from search_documents d cross join lateral search_document_names(d.words, d.entry_kinds) n;
    insert into search_starts (tier, inner_word, start, movie_id, entry, kind, type, popularity, size)
    select search_starts_tier(d.tier), w.at > 1, left(array_to_string(n.words[w.at:], ' '), 48), d.movie_id, n.entry, n.kind, d.type, d.popularity,
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

drop function search_retrieve(text[], tsquery, text[], integer, double precision);
-- As many of the first tiers at once as should have enough, and then as many of the others.
create function search_retrieve(operands text[], filter tsquery, phrases text[], wanted integer, titles double precision, most_keys integer default 3)
  returns uuid[]
  language plpgsql stable
  as $$
  declare
    -- Of one tsquery with alternatives the scan reads nearly all lists to their end; as conditions of their own the operands
    -- skip ahead of each other.
    queries tsquery[] := array(
      select o.operand::tsquery
      from unnest(operands) with ordinality o (operand, nth) where o.operand <> '' and o.nth <= most_keys order by o.nth);
    -- What the rarest leave is little, and read anyway.
    rest tsquery := (
      select string_agg('(' || o.operand || ')', '&')::tsquery
      from unnest(operands) with ordinality o (operand, nth) where o.operand <> '' and o.nth > most_keys);
    ends constant integer[] := search_tier_ends();
    lowest constant integer := cardinality(ends);
    documents double precision := (select greatest(s.documents, 1) from search_statistics s);
    first_tier integer := 0;
    last_tier integer;
    likely double precision;
    most integer;
    keys tsquery[];
    together tsquery;
    most_read constant integer := 2000;
    having_them uuid[];
    found uuid[] := '{}';
    seen integer := 0;
    matches integer;
  begin
    if cardinality(queries) = 0 then return found; end if;
    if phrases is not null then
      together := (select string_agg('(' || o || ')', '&') from unnest(operands) o where o <> '')::tsquery;
      if filter is not null then together := together && filter; end if;
      for at_tier in 0..lowest loop
        select coalesce(array_agg(d.movie_id order by d.popularity desc, d.movie_id) filter (where d.has_them), '{}'), count(*)
        into having_them, matches
        from (
          select d.movie_id, d.popularity, search_has_phrases(phrases, d.words, d.movie_id) as has_them from (
            select d.movie_id, d.popularity, d.words from search_documents d
            where d.vector @@ (('''=k' || at_tier || '''')::tsquery && together)
            order by d.popularity desc, d.movie_id limit most_read
          ) d
        ) d;
        found := found || having_them[1:wanted - cardinality(found)];
        -- The next tier has some three times as many of words that are as common.
        exit when cardinality(found) >= wanted or matches = most_read;
      end loop;
      return found;
    end if;
    if filter is not null then queries[cardinality(queries)] := queries[cardinality(queries)] && filter; end if;
    -- Words of one name keep company: together they are had by some five times as many titles as chance gives.
    likely := titles * case when cardinality(queries) > 1 then 5 else 1 end;
    last_tier := coalesce((
      select min(e.nth) - 1 from unnest(ends) with ordinality e (size, nth) where likely * e.size / documents >= wanted and 2 * e.size <= documents), lowest);
    loop
      -- As one more condition, the tiers of most titles cost more than reading again what has been found.
      keys := case when last_tier = lowest then queries
        else (select string_agg('''=k' || t || '''', '|') from generate_series(first_tier, last_tier) t)::tsquery || queries end;
      -- Of one tier all are read; of more, which were expected to have few, no more than that.
      most := case when first_tier < last_tier then 1001 end;
      if cardinality(keys) <= 2 then
        select array_agg(m.movie_id order by m.popularity desc, m.movie_id), count(*) into having_them, matches
        from (
          select d.movie_id, d.popularity from search_documents d
          where d.vector @@ keys[1] and d.vector @@ keys[cardinality(keys)]
            and (rest is null or ts_match_vq(d.vector, rest)) and d.tier >= first_tier
          limit most
        ) m;
      elsif cardinality(keys) = 3 then
        select array_agg(m.movie_id order by m.popularity desc, m.movie_id), count(*) into having_them, matches
        from (
          select d.movie_id, d.popularity from search_documents d
          where d.vector @@ keys[1] and d.vector @@ keys[2] and d.vector @@ keys[3]
            and (rest is null or ts_match_vq(d.vector, rest)) and d.tier >= first_tier
          limit most
        ) m;
      else
        select array_agg(m.movie_id order by m.popularity desc, m.movie_id), count(*) into having_them, matches
        from (
          select d.movie_id, d.popularity from search_documents d
          where d.vector @@ keys[1] and d.vector @@ keys[2] and d.vector @@ keys[3] and d.vector @@ keys[4]
            and (rest is null or ts_match_vq(d.vector, rest)) and d.tier >= first_tier
          limit most
        ) m;
      end if;
      if matches > 1000 and first_tier < last_tier then
        last_tier := first_tier;
        continue;
      end if;
      found := found || having_them[1:wanted - cardinality(found)];
      seen := seen + matches;
      exit when cardinality(found) >= wanted or last_tier = lowest or ends[last_tier + 1] >= documents;
      -- Those that have been read tell better how many the others have.
      likely := (seen + 0.5) * documents / ends[last_tier + 1];
      first_tier := last_tier + 1;
      last_tier := coalesce((
        select min(e.nth) - 1 from unnest(ends) with ordinality e (size, nth)
        where e.nth > first_tier and likely * e.size / documents >= 1.2 * wanted and 2 * e.size <= documents), lowest);
    end loop;
    return found;
  end
  $$;
comment on function search_retrieve(text[], tsquery, text[], integer, double precision, integer) is
  'The best known titles that match all operands, the rarest of which comes first; titles is how many do, as far as is known, and the index is asked for the first most_keys operands (2 or 3).';

create function search_most_keys(operands search_term[], documents double precision) returns integer
  language sql immutable
  as $$
    -- A list of a twentieth of all titles costs more than to look into the few that two words leave.
    select case when operands[3].titles > documents / 20 and search_estimate(operands[1:2], documents) < 50 then 2 else 3 end
  $$;
comment on function search_most_keys(search_term[], double precision) is
  'How many of the operands, the rarest of which come first, the index is to be asked for: 2 or 3.';

select search_refresh_tiers();
select search_order_documents();
update search_starts s set tier = search_starts_tier(d.tier), popularity = d.popularity
from search_documents d where d.movie_id = s.movie_id and s.tier <> search_starts_tier(d.tier);
create index search_documents_vector_idx on search_documents using gin (vector) with (fastupdate = off);

-- migrate:down
drop function search_most_keys(search_term[], double precision);
drop function search_retrieve(text[], tsquery, text[], integer, double precision, integer);
create function search_retrieve(operands text[], filter tsquery, phrases text[], wanted integer, titles double precision) returns uuid[]
  language plpgsql stable
  as $$
  declare
    -- Of one tsquery with alternatives the scan reads nearly all lists to their end; as conditions of their own the operands
    -- skip ahead of each other.
    queries tsquery[] := array(
      select o.operand::tsquery
      from unnest(operands) with ordinality o (operand, nth) where o.operand <> '' and o.nth <= 3 order by o.nth);
    -- What the three rarest leave is little, and read anyway.
    rest tsquery := (
      select string_agg('(' || o.operand || ')', '&')::tsquery
      from unnest(operands) with ordinality o (operand, nth) where o.operand <> '' and o.nth > 3);
    keys tsquery[];
    together tsquery;
    most_read constant integer := 2000;
    having_them uuid[];
    found uuid[] := '{}';
    matches integer;
  begin
    if cardinality(queries) = 0 then return found; end if;
    if phrases is not null then
      together := (select string_agg('(' || o || ')', '&') from unnest(operands) o where o <> '')::tsquery;
      if filter is not null then together := together && filter; end if;
      for at_tier in 0..3 loop
        select coalesce(array_agg(d.movie_id order by d.popularity desc, d.movie_id) filter (where d.has_them), '{}'), count(*)
        into having_them, matches
        from (
          select d.movie_id, d.popularity, search_has_phrases(phrases, d.words, d.movie_id) as has_them from (
            select d.movie_id, d.popularity, d.words from search_documents d
            where d.vector @@ (('''=k' || at_tier || '''')::tsquery && together)
            order by d.popularity desc, d.movie_id limit most_read
          ) d
        ) d;
        found := found || having_them[1:wanted - cardinality(found)];
        -- The next tier has some twelve times as many of words that are as common.
        exit when cardinality(found) >= wanted or matches = most_read;
      end loop;
      return found;
    end if;
    if filter is not null then queries[cardinality(queries)] := queries[cardinality(queries)] && filter; end if;
    if titles <= 400 then
      if cardinality(queries) < 3 then
        select array_agg(m.movie_id order by m.popularity desc, m.movie_id), count(*) into found, matches
        from (
          select d.movie_id, d.popularity from search_documents d
          where d.vector @@ queries[1] and d.vector @@ queries[cardinality(queries)]
          limit 1001
        ) m;
      else
        select array_agg(m.movie_id order by m.popularity desc, m.movie_id), count(*) into found, matches
        from (
          select d.movie_id, d.popularity from search_documents d
          where d.vector @@ queries[1] and d.vector @@ queries[2] and d.vector @@ queries[3]
            and (rest is null or ts_match_vq(d.vector, rest))
          limit 1001
        ) m;
      end if;
      if matches <= 1000 then return coalesce(found[1:wanted], '{}'); end if;
      found := '{}';
    end if;
    for at_tier in 0..3 loop
      keys := ('''=k' || at_tier || '''')::tsquery || queries;
      if cardinality(keys) = 2 then
        found := found || array(
          select d.movie_id from search_documents d
          where d.vector @@ keys[1] and d.vector @@ keys[2]
          order by d.popularity desc, d.movie_id limit wanted - cardinality(found));
      elsif cardinality(keys) = 3 then
        found := found || array(
          select d.movie_id from search_documents d
          where d.vector @@ keys[1] and d.vector @@ keys[2] and d.vector @@ keys[3]
          order by d.popularity desc, d.movie_id limit wanted - cardinality(found));
      else
        found := found || array(
          select d.movie_id from search_documents d
          where d.vector @@ keys[1] and d.vector @@ keys[2] and d.vector @@ keys[3] and d.vector @@ keys[4]
            and (rest is null or ts_match_vq(d.vector, rest))
          order by d.popularity desc, d.movie_id limit wanted - cardinality(found));
      end if;
      exit when cardinality(found) >= wanted;
    end loop;
    return found;
  end
  $$;
comment on function search_retrieve(text[], tsquery, text[], integer, double precision) is
  'The best known titles that match all operands, the rarest of which comes first; titles is how many do, as far as is known.';

drop index search_documents_vector_idx;
alter table search_statistics
  alter column floor_popularities set default '{-1,-1,-1}',
  alter column floor_ids set default array_fill('00000000-0000-0000-0000-000000000000'::uuid, array[3]);
create or replace function search_tier(popularity real, id uuid, floor_popularities real[], floor_ids uuid[]) returns smallint
  language sql immutable parallel safe
  return (3 - ((popularity, id) >= (floor_popularities[1], floor_ids[1]))::integer
            - ((popularity, id) >= (floor_popularities[2], floor_ids[2]))::integer
            - ((popularity, id) >= (floor_popularities[3], floor_ids[3]))::integer)::smallint;
comment on function search_tier(real, uuid, real[], uuid[]) is
  'The tier of a title by popularity: 0 the best known 2,000, 1 up to 24,000, 2 up to 288,000, 3 all others. What would find too much is asked tier by tier until there is enough, so that no word is too common.';

create or replace function search_refresh_tiers() returns void
  language sql
  as $$
    update search_statistics s set
      documents = (select count(*) from movies), floor_popularities = f.popularities, floor_ids = f.ids
    from (
      select array_agg(coalesce(last.popularity, -1) order by v.n) as popularities,
        array_agg(coalesce(last.movie_id, '00000000-0000-0000-0000-000000000000') order by v.n) as ids
      from (values (1, 2000), (2, 24000), (3, 288000)) v (n, place)
      left join lateral (
        select p.popularity, p.movie_id from movie_stats p order by p.popularity desc, p.movie_id desc offset v.place - 1 limit 1
      ) last on true
    ) f
  $$;

create or replace function search_move_documents(ids uuid[]) returns void
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  begin
    with changed as materialized (
      select d.movie_id, d.tier as former_tier, t.tier, s.popularity
      from search_documents d
      join movie_stats s on s.movie_id = d.movie_id
      cross join search_statistics st
      cross join lateral (select search_tier(s.popularity, d.movie_id, st.floor_popularities, st.floor_ids) as tier) t
      where (ids is null or d.movie_id = any (ids)) and (d.tier <> t.tier or abs(d.popularity - s.popularity) > 0.005)
      order by d.movie_id for update of d
    ), moved as (
      update search_starts s set tier = c.tier, popularity = c.popularity from changed c where s.movie_id = c.movie_id
    )
    update search_documents d set tier = c.tier, popularity = c.popularity,
      vector = case when c.tier = c.former_tier then d.vector
        else array_to_tsvector(tsvector_to_array(ts_delete(d.vector, '=k' || c.former_tier)) || ('=k' || c.tier)) end
    from changed c where d.movie_id = c.movie_id;
  end
  $$;

create or replace function search_write_starts(ids uuid[]) returns void
  language sql
  as $$
    insert into search_starts (tier, inner_word, start, movie_id, entry, kind, type, popularity, size)
    select d.tier, w.at > 1, left(array_to_string(n.words[w.at:], ' '), 48), d.movie_id, n.entry, n.kind, d.type, d.popularity,
      least(length(n.folded), 500)
    from (select s.*, string_to_array(s.folded, ' ') as words from search_names s where s.movie_id = any (ids)) n
    join search_documents d on d.movie_id = n.movie_id
    -- A half's later words are those of its title.
    cross join lateral generate_series(1, case n.kind when 'h' then 1 else least(cardinality(n.words), 10) end) w (at)
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

select search_refresh_tiers();
select search_order_documents();
update search_starts s set tier = d.tier, popularity = d.popularity
from search_documents d where d.movie_id = s.movie_id and s.tier <> d.tier;
create index search_documents_vector_idx on search_documents using gin (vector) with (fastupdate = off);
drop function search_order_documents();
drop function search_starts_tier(smallint);
drop function search_tier_ends();
