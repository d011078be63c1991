-- A phrase is looked for in the best known titles that have its words, not in all of them.

-- migrate:up

-- Reading a title for a phrase takes some 30 µs. For a phrase of two common words that nobody has, they were read by the hundred
-- thousand, in each pass anew.
create or replace function search_retrieve(operands text[], filter tsquery, phrases text[], wanted integer, titles double precision) returns uuid[]
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

-- migrate:down
create or replace function search_retrieve(operands text[], filter tsquery, phrases text[], wanted integer, titles double precision) returns uuid[]
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
    found uuid[] := '{}';
    matches integer;
  begin
    if cardinality(queries) = 0 then return found; end if;
    if filter is not null then queries[cardinality(queries)] := queries[cardinality(queries)] && filter; end if;
    if titles <= 400 then
      if cardinality(queries) < 3 then
        select array_agg(m.movie_id order by m.popularity desc, m.movie_id), count(*) into found, matches
        from (
          select d.movie_id, d.popularity from search_documents d
          where d.vector @@ queries[1] and d.vector @@ queries[cardinality(queries)]
            and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
          limit 1001
        ) m;
      else
        select array_agg(m.movie_id order by m.popularity desc, m.movie_id), count(*) into found, matches
        from (
          select d.movie_id, d.popularity from search_documents d
          where d.vector @@ queries[1] and d.vector @@ queries[2] and d.vector @@ queries[3]
            and (rest is null or ts_match_vq(d.vector, rest)) and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
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
          where d.vector @@ keys[1] and d.vector @@ keys[2] and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
          order by d.popularity desc, d.movie_id limit wanted - cardinality(found));
      elsif cardinality(keys) = 3 then
        found := found || array(
          select d.movie_id from search_documents d
          where d.vector @@ keys[1] and d.vector @@ keys[2] and d.vector @@ keys[3]
            and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
          order by d.popularity desc, d.movie_id limit wanted - cardinality(found));
      else
        found := found || array(
          select d.movie_id from search_documents d
          where d.vector @@ keys[1] and d.vector @@ keys[2] and d.vector @@ keys[3] and d.vector @@ keys[4]
            and (rest is null or ts_match_vq(d.vector, rest)) and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
          order by d.popularity desc, d.movie_id limit wanted - cardinality(found));
      end if;
      exit when cardinality(found) >= wanted;
    end loop;
    return found;
  end
  $$;
