-- Gathering candidates with less reading: scans whose keys skip ahead of each other, words that there are taken as they are
-- before they are corrected, and common words alone only where nothing better was found.

-- migrate:up
create or replace function search_estimate(operands search_term[], documents double precision) returns double precision
  language sql immutable
  as $$
    select least(min(o.titles), documents * exp(sum(ln(greatest(least(o.titles / documents, 1), 1e-9))))) from unnest(operands) o
  $$;
comment on function search_estimate(search_term[], double precision) is 'How many titles have all words by chance.';

-- Where no more than a thousand are expected all are asked for at once, and only if they turn out to be more, tier by tier.
drop function search_retrieve(tsquery, tsquery, text[], integer, double precision);
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
comment on function search_retrieve(text[], tsquery, text[], integer, double precision) is
  'The best known titles that match all operands, the rarest of which comes first; titles is how many do, as far as is known.';

create function search_name_terms(corrections search_correction[], positions integer[], least_confidence real) returns search_term[]
  language sql stable
  as $$
    select array_agg(t.term order by t.titles) from (
      select (c.position, string_agg('''' || c.word || '''', '|'), null, sum(c.name_count))::search_term as term, sum(c.name_count) as titles
      from unnest(corrections) c
      where c.position = any (positions) and c.share = 1 and c.confidence >= least_confidence and c.name_count > 0
      group by c.position
    ) t
  $$;
comment on function search_name_terms(search_correction[], integer[], real) is
  'One operand for each word of a query that occurs in names, the rarest there first; titles counts names alone.';

create or replace function search_reading(terms text[], quiet_terms boolean[], wanted_year smallint, filter tsquery, phrases text[], wanted integer)
  returns search_hit[]
  language plpgsql stable
  as $$
  declare
    documents double precision := (select greatest(s.documents, 2) from search_statistics s);
    tokens text[];
    quiet boolean[];
    core integer[];
    full_name text;
    core_name text;
    joined text[];
    corrections search_correction[];
    weights real[];
    lengths smallint[];
    stems text[];
    operands search_term[];
    named search_term[];
    segments text[];
    respelt text[] := array[''];
    ids uuid[];
    found uuid[];
    alike uuid[] := '{}';
    ranked uuid[] := '{}';
    known integer[];
    certain search_term[];
    hits search_hit[] := '{}';
    best real := 0;
    size integer;
    place integer;
  begin
    select array_agg(x.token order by x.o, x.p), array_agg(x.quiet order by x.o, x.p) into tokens, quiet
    from (
      select left(w.token, 60) as token, t.quiet, t.o, w.p
      from unnest(terms, quiet_terms) with ordinality t (term, quiet, o)
      cross join lateral string_to_table(fold(t.term), ' ') with ordinality w (token, p)
      where w.token <> '' order by t.o, w.p limit 16
    ) x;
    if tokens is null then return hits; end if;
    full_name := array_to_string(tokens, ' ');
    -- A query of noise words alone means them, and so does one of a year alone.
    if not (false = any (quiet)) then quiet := array_fill(false, array[cardinality(tokens)]); end if;
    core := array(select g from generate_subscripts(tokens, 1) g
      where not quiet[g] and (wanted_year is null or tokens[g] <> wanted_year::text) order by g);
    if core = '{}' then core := array(select g from generate_subscripts(tokens, 1) g order by g); end if;
    size := cardinality(core);
    core_name := array_to_string(array(select tokens[g] from unnest(core) with ordinality c (g, o) order by o), ' ');
    joined := array[left(replace(full_name, ' ', ''), 200), left(replace(core_name, ' ', ''), 200)];
    lengths := array(select length(t)::smallint from unnest(tokens) with ordinality u (t, o) order by o);
    stems := array(select coalesce((tsvector_to_array(to_tsvector('plots', t)))[1], '') from unnest(tokens) with ordinality u (t, o) order by o);
    corrections := array(
      select (u.o, w.word, 1, 1, w.name_count, w.person_count, w.other_count)::search_correction
      from unnest(tokens) with ordinality u (t, o) join search_words w on w.word = u.t);
    weights := array(
      select (case when quiet[u.o] then 0.03 when u.t = wanted_year::text then 0.5 else 1 end
        * (0.1 + 0.9 * coalesce(
            ln((documents + 1) / least(documents + 1, 1 + w.name_count + w.person_count + w.other_count)) / ln(documents + 1), 0.8)))::real
      from unnest(tokens) with ordinality u (t, o) left join search_words w on w.word = u.t order by u.o);

    -- Names that are the query, but for its spaces.
    ids := array(
      select d.movie_id from search_names n join search_documents d on d.movie_id = n.movie_id
      where left(n.squashed, 200) = any (joined)
        and (filter is null or d.vector @@ filter) and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
      order by d.popularity desc, d.movie_id limit 60);

    -- All words together as they are: in one title's names, then anywhere.
    operands := search_terms(corrections, core, 1);
    if cardinality(operands) = size then
      named := search_name_terms(corrections, core, 1);
      if cardinality(named) = size then
        if wanted_year is not null then
          ids := ids || search_retrieve(array(select o.in_names from unnest(named) o) || ('''=y' || wanted_year || ''''), filter, phrases, 60,
            search_estimate(named, documents) / 20);
        end if;
        if size = 1 then
          ids := ids || search_retrieve(array[named[1].in_names], filter, phrases, wanted, named[1].titles);
        end if;
      end if;
      if cardinality(ids) < wanted then
        found := search_retrieve(array(select o.anywhere from unnest(operands) o),
          filter, phrases, 150, search_estimate(operands, documents));
        -- Who has them in names is among them, unless there were more.
        if size > 1 and cardinality(found) = 150 and cardinality(named) = size then
          ids := ids || search_retrieve(array(select o.in_names from unnest(named) o), filter, phrases, wanted, search_estimate(named, documents));
        end if;
        ids := ids || found;
      end if;
    end if;
    if cardinality(ids) < least(wanted, 150) then
      ids := ids || search_retrieve(array(select '''~' || stems[c] || '''' from unnest(core) c where stems[c] <> ''),
        filter, phrases, 50, 0);
    end if;
    if cardinality(ids) > 0 then
      hits := array(select h from search_rank(ids, corrections, weights, lengths, stems, full_name, core_name, wanted_year, wanted) h);
      best := coalesce((select max(h.coverage) from unnest(hits) h), 0);
    end if;
    known := array(select c.position from unnest(corrections) c);
    -- Words that one title has together as they are were hardly meant otherwise, the less the more titles have them.
    if best >= (case when cardinality(ids) >= 100 then 0.7 when size > 2 and core <@ known then 0.8 else 0.86 end) then return hits; end if;

    -- The words as they may have been meant: corrected, joined with the next one, taken apart.
    foreach place in array core loop
      if length(tokens[place]) >= 2 then
        corrections := corrections || array(
          select (place, m.word, m.confidence, 1, m.name_count, m.person_count, m.other_count)::search_correction
          from search_word_matches(tokens[place], 8) m);
      end if;
      if place - 1 = any (core) then
        corrections := corrections || array(
          select (p, w.word, 0.95, 1, w.name_count, w.person_count, w.other_count)::search_correction
          from search_words w cross join unnest(array[place - 1, place]) p where w.word = tokens[place - 1] || tokens[place]);
      end if;
      if length(tokens[place]) >= 6 and not exists (select from search_words w where w.word = tokens[place]) then
        segments := search_segments(tokens[place]);
        if cardinality(segments) > 1 then
          corrections := corrections || array(
            select (place, w.word, 0.95, length(w.word)::real / length(tokens[place]), w.name_count, w.person_count, w.other_count)::search_correction
            from search_words w where w.word = any (segments));
          ids := ids || search_retrieve(array(
              select '''' || w.word || '''|''@' || w.word || '''' from search_words w where w.word = any (segments)
              order by w.name_count + w.person_count),
            filter, phrases, 60, 0);
        end if;
      end if;
    end loop;
    foreach place in array core loop
      respelt := array(
        select r || w.word from unnest(respelt) r cross join lateral (
          select c.word from unnest(corrections) c where c.position = place and c.name_count > 0 and c.share = 1
          order by c.confidence desc, c.name_count desc limit 3) w
        limit 100);
    end loop;
    ids := ids || array(
      select d.movie_id from search_names n join search_documents d on d.movie_id = n.movie_id
      where left(n.squashed, 200) = any (respelt)
        and (filter is null or d.vector @@ filter) and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
      order by d.popularity desc, d.movie_id limit 60);
    hits := '{}';
    -- First words that there are count as they are and only the others as corrected: that is most of the slips, and lists
    -- of all corrections of common words are long.
    certain := search_terms(array(select c from unnest(corrections) c where c.confidence = 1 or c.position <> all (known)), core, 0);
    if cardinality(certain) = size and core && known and not core <@ known then
      found := search_retrieve(array(select o.anywhere from unnest(certain) o),
        filter, phrases, 100, search_estimate(certain, documents));
      named := search_name_terms(array(select c from unnest(corrections) c where c.confidence = 1 or c.position <> all (known)), core, 0);
      if cardinality(found) = 100 and cardinality(named) = size then
        ids := ids || search_retrieve(array(select o.in_names from unnest(named) o), filter, phrases, 100, search_estimate(named, documents));
      end if;
      ids := ids || found;
      if cardinality(ids) > 0 then
        ranked := array(select distinct i from unnest(ids) i);
        hits := array(select h from search_rank(ranked, corrections, weights, lengths, stems, full_name, core_name, wanted_year, wanted) h);
        best := coalesce((select max(h.coverage) from unnest(hits) h), 0);
      end if;
      if best >= 0.72 then return hits; end if;
    end if;
    operands := search_terms(corrections, core, 0);
    named := search_name_terms(corrections, core, 0);
    if cardinality(operands) = size then
      found := search_retrieve(array(select o.anywhere from unnest(operands) o),
        filter, phrases, 100, search_estimate(operands, documents));
      if cardinality(found) = 100 and cardinality(named) = size then
        ids := ids || search_retrieve(array(select o.in_names from unnest(named) o), filter, phrases, 100, search_estimate(named, documents));
      end if;
      ids := ids || found;
    end if;
    -- What has been ranked by all corrections is not ranked again.
    found := array(select i from unnest(ids) i except select r from unnest(ranked) r);
    if cardinality(found) > 0 then
      hits := hits || array(select h from search_rank(found, corrections, weights, lengths, stems, full_name, core_name, wanted_year, wanted) h);
      ranked := ranked || found;
      best := coalesce((select max(h.coverage) from unnest(hits) h), 0);
    end if;
    if best >= 0.72 then return hits; end if;

    -- Names that are nearly the query as a whole, though one word is beyond correction: with all of the others, and with one
    -- of the rarest.
    if size > 1 and length(core_name) between 6 and 60 then
      if cardinality(named) between 2 and size - 1 then
        alike := search_retrieve(array(select o.in_names from unnest(named) o), filter, phrases, 150, search_estimate(named, documents));
      end if;
      named := search_name_terms(corrections, core, 0.65);
      for i in 1..(case when size <= 4 then least(2, coalesce(cardinality(named), 0)) else 0 end) loop
        if named[i].titles <= 2000 then
          alike := alike || search_retrieve(array[named[i].in_names], filter, phrases, 300, named[i].titles);
        end if;
      end loop;
      ids := ids || array(
        select distinct n.movie_id
        from unnest(alike) f (id)
        join search_names n on n.movie_id = f.id
        where abs(length(n.folded) - length(core_name)) <= 4
          and levenshtein_less_equal(left(n.folded, 70), core_name, least(5, length(core_name) / 3)) <= least(5, length(core_name) / 3)
        limit 60);
    end if;
    -- Nearly the name of one of the best known titles, however misspelt.
    if length(core_name) between 4 and 48 then
      ids := ids || array(
        select d.movie_id from search_starts s join search_documents d on d.movie_id = s.movie_id
        where s.tier = 0 and not s.inner_word and s.size between length(core_name) - 4 and length(core_name) + 4
          and levenshtein_less_equal(s.start, core_name, least(4, (length(core_name) + 2) / 3)) <= least(4, (length(core_name) + 2) / 3)
          and (filter is null or d.vector @@ filter) and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
        limit 40);
    end if;
    -- Some of the words: pairs of the rarest, then each of them.
    certain := search_terms(corrections, core, 0.7);
    for i in 1..least(4, cardinality(certain)) loop
      for j in i + 1..least(4, cardinality(certain)) loop
        -- The only pair of two words was asked for above.
        if size > 2 and cardinality(ids) < 150 then
          ids := ids || search_retrieve(array[certain[i].anywhere, certain[j].anywhere], filter, phrases, 40,
            search_estimate(array[certain[i], certain[j]], documents));
        end if;
      end loop;
    end loop;
    for i in 1..least(3, cardinality(certain)) loop
      exit when i > 1 and cardinality(ids) >= 100;
      ids := ids || search_retrieve(array[certain[i].anywhere], filter, phrases, 50, certain[i].titles);
    end loop;
    if size <= 2 then
      found := search_retrieve(array[(select string_agg('''^' || tokens[c] || '''', '|') from unnest(core) c)], filter, phrases, 40, 100000);
      ids := ids || found;
      -- So that acronyms count where they are no word of a name, for those that have them.
      corrections := corrections || array(
        select (c, tokens[c], 1, 1, 0, 0, 0)::search_correction from unnest(core) c
        where not exists (select from search_words w where w.word = tokens[c]));
      -- A word alone that no name has was ranked as if its only correction had been typed, or, without one, not at all.
      ranked := case when cardinality(tokens) > 1 then array(select r from unnest(ranked) r except select f from unnest(found) f) else '{}' end;
      hits := array(select h from unnest(hits) h where h.movie_id = any (ranked));
    end if;
    -- The surest sources came first.
    ids := array(
      select i from unnest(ids) with ordinality u (i, o) where i <> all (ranked) group by i order by min(o)
      limit greatest(50, 200 - cardinality(ranked)));
    return hits || array(select h from search_rank(ids, corrections, weights, lengths, stems, full_name, core_name, wanted_year, wanted) h);
  end
  $$;

-- migrate:down
drop function search_retrieve(text[], tsquery, text[], integer, double precision);
create function search_retrieve(query tsquery, filter tsquery, phrases text[], wanted integer, titles double precision) returns uuid[]
  language plpgsql stable
  as $$
  declare
    found uuid[] := '{}';
    matches integer;
  begin
    if query is null or numnode(query) = 0 then return found; end if;
    if filter is not null then query := query && filter; end if;
    if titles <= 20000 then
      select array_agg(m.movie_id order by m.popularity desc, m.movie_id), count(*) into found, matches
      from (
        select d.movie_id, d.popularity from search_documents d
        where d.vector @@ query and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
        limit 2001
      ) m;
      if matches <= 2000 then return coalesce(found[1:wanted], '{}'); end if;
      found := '{}';
    end if;
    for at_tier in 0..3 loop
      found := found || array(
        select d.movie_id from search_documents d
        where d.vector @@ (query && ('''=k' || at_tier || '''')::tsquery) and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
        order by d.popularity desc, d.movie_id limit wanted - cardinality(found));
      exit when cardinality(found) >= wanted;
    end loop;
    return found;
  end
  $$;
comment on function search_retrieve(tsquery, tsquery, text[], integer, double precision) is
  'The best known titles that match; titles is at most how many do, as far as is known.';

create or replace function search_reading(terms text[], quiet_terms boolean[], wanted_year smallint, filter tsquery, phrases text[], wanted integer)
  returns search_hit[]
  language plpgsql stable
  as $$
  declare
    documents double precision := (select greatest(s.documents, 2) from search_statistics s);
    tokens text[];
    quiet boolean[];
    core integer[];
    full_name text;
    core_name text;
    joined text[];
    corrections search_correction[];
    weights real[];
    lengths smallint[];
    stems text[];
    operands search_term[];
    anywhere text[];
    segments text[];
    respelt text[] := array[''];
    ids uuid[];
    found uuid[];
    hits search_hit[] := '{}';
    best real := 0;
    size integer;
    place integer;
  begin
    select array_agg(x.token order by x.o, x.p), array_agg(x.quiet order by x.o, x.p) into tokens, quiet
    from (
      select left(w.token, 60) as token, t.quiet, t.o, w.p
      from unnest(terms, quiet_terms) with ordinality t (term, quiet, o)
      cross join lateral string_to_table(fold(t.term), ' ') with ordinality w (token, p)
      where w.token <> '' order by t.o, w.p limit 16
    ) x;
    if tokens is null then return hits; end if;
    full_name := array_to_string(tokens, ' ');
    -- A query of noise words alone means them, and so does one of a year alone.
    if not (false = any (quiet)) then quiet := array_fill(false, array[cardinality(tokens)]); end if;
    core := array(select g from generate_subscripts(tokens, 1) g
      where not quiet[g] and (wanted_year is null or tokens[g] <> wanted_year::text) order by g);
    if core = '{}' then core := array(select g from generate_subscripts(tokens, 1) g order by g); end if;
    size := cardinality(core);
    core_name := array_to_string(array(select tokens[g] from unnest(core) with ordinality c (g, o) order by o), ' ');
    joined := array[left(replace(full_name, ' ', ''), 200), left(replace(core_name, ' ', ''), 200)];
    lengths := array(select length(t)::smallint from unnest(tokens) with ordinality u (t, o) order by o);
    stems := array(select coalesce((tsvector_to_array(to_tsvector('plots', t)))[1], '') from unnest(tokens) with ordinality u (t, o) order by o);
    corrections := array(
      select (u.o, w.word, 1, 1, w.name_count, w.person_count, w.other_count)::search_correction
      from unnest(tokens) with ordinality u (t, o) join search_words w on w.word = u.t);
    weights := array(
      select (case when quiet[u.o] then 0.03 when u.t = wanted_year::text then 0.5 else 1 end
        * (0.1 + 0.9 * coalesce(
            ln((documents + 1) / least(documents + 1, 1 + w.name_count + w.person_count + w.other_count)) / ln(documents + 1), 0.8)))::real
      from unnest(tokens) with ordinality u (t, o) left join search_words w on w.word = u.t order by u.o);

    -- Names that are the query, but for its spaces.
    ids := array(
      select d.movie_id from search_names n join search_documents d on d.movie_id = n.movie_id
      where left(n.squashed, 200) = any (joined)
        and (filter is null or d.vector @@ filter) and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
      order by d.popularity desc, d.movie_id limit 60);

    -- All words together as they are: in one title's names, then anywhere.
    operands := search_terms(corrections, core, 1);
    if cardinality(operands) = size then
      anywhere := array(select o.in_names from unnest(operands) o where o.in_names is not null);
      if cardinality(anywhere) = size then
        if wanted_year is not null then
          ids := ids || search_retrieve((array_to_string(anywhere, '&') || '&''=y' || wanted_year || '''')::tsquery, filter, phrases, 60, search_estimate(operands, documents));
        end if;
        if size = 1 then
          ids := ids || search_retrieve(anywhere[1]::tsquery, filter, phrases, wanted, operands[1].titles);
        end if;
      end if;
      if cardinality(ids) < wanted then
        found := search_retrieve(array_to_string(array(select o.anywhere from unnest(operands) o), '&')::tsquery,
          filter, phrases, 150, search_estimate(operands, documents));
        -- Who has them in names is among them, unless there were more.
        if size > 1 and cardinality(found) = 150 and cardinality(anywhere) = size then
          ids := ids || search_retrieve(array_to_string(anywhere, '&')::tsquery, filter, phrases, wanted, search_estimate(operands, documents));
        end if;
        ids := ids || found;
      end if;
    end if;
    if cardinality(ids) < wanted then
      ids := ids || search_retrieve((select string_agg('''~' || stems[c] || '''', '&') from unnest(core) c where stems[c] <> '')::tsquery,
        filter, phrases, 50, 100000);
    end if;
    if cardinality(ids) > 0 then
      hits := array(select h from search_rank(ids, corrections, weights, lengths, stems, full_name, core_name, wanted_year, wanted) h);
      best := coalesce((select max(h.coverage) from unnest(hits) h), 0);
    end if;
    if best >= 0.86 then return hits; end if;

    -- The words as they may have been meant: corrected, joined with the next one, taken apart.
    foreach place in array core loop
      if length(tokens[place]) >= 2 then
        corrections := corrections || array(
          select (place, m.word, m.confidence, 1, m.name_count, m.person_count, m.other_count)::search_correction
          from search_word_matches(tokens[place], 8) m);
      end if;
      if place - 1 = any (core) then
        corrections := corrections || array(
          select (p, w.word, 0.95, 1, w.name_count, w.person_count, w.other_count)::search_correction
          from search_words w cross join unnest(array[place - 1, place]) p where w.word = tokens[place - 1] || tokens[place]);
      end if;
      if length(tokens[place]) >= 6 and not exists (select from search_words w where w.word = tokens[place]) then
        segments := search_segments(tokens[place]);
        if cardinality(segments) > 1 then
          corrections := corrections || array(
            select (place, w.word, 0.95, length(w.word)::real / length(tokens[place]), w.name_count, w.person_count, w.other_count)::search_correction
            from search_words w where w.word = any (segments));
          ids := ids || search_retrieve((select string_agg('(''' || s || '''|''@' || s || ''')', '&') from unnest(segments) s)::tsquery,
            filter, phrases, 60, 1000);
        end if;
      end if;
    end loop;
    foreach place in array core loop
      respelt := array(
        select r || w.word from unnest(respelt) r cross join lateral (
          select c.word from unnest(corrections) c where c.position = place and c.name_count > 0 and c.share = 1
          order by c.confidence desc, c.name_count desc limit 3) w
        limit 100);
    end loop;
    ids := ids || array(
      select d.movie_id from search_names n join search_documents d on d.movie_id = n.movie_id
      where left(n.squashed, 200) = any (respelt)
        and (filter is null or d.vector @@ filter) and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
      order by d.popularity desc, d.movie_id limit 60);
    operands := search_terms(corrections, core, 0);
    anywhere := array(select o.in_names from unnest(operands) o where o.in_names is not null);
    if cardinality(operands) = size then
      found := search_retrieve(array_to_string(array(select o.anywhere from unnest(operands) o), '&')::tsquery,
        filter, phrases, 100, search_estimate(operands, documents));
      if cardinality(found) = 100 and cardinality(anywhere) = size then
        ids := ids || search_retrieve(array_to_string(anywhere, '&')::tsquery, filter, phrases, 100, search_estimate(operands, documents));
      end if;
      ids := ids || found;
    end if;
    if cardinality(ids) > 0 then
      ids := array(select distinct i from unnest(ids) i);
      hits := array(select h from search_rank(ids, corrections, weights, lengths, stems, full_name, core_name, wanted_year, wanted) h);
      best := coalesce((select max(h.coverage) from unnest(hits) h), 0);
    end if;
    if best >= 0.72 then return hits; end if;

    -- Names with one of the rarest words that are nearly the query as a whole, though another word is beyond correction.
    if size > 1 and length(core_name) between 6 and 60 then
      for i in 1..least(2, cardinality(operands)) loop
        ids := ids || array(
          select distinct n.movie_id
          from unnest(search_retrieve(operands[i].in_names::tsquery, filter, phrases, 300, operands[i].titles)) f (id)
          join search_names n on n.movie_id = f.id
          where abs(length(n.folded) - length(core_name)) <= 4
            and levenshtein_less_equal(left(n.folded, 70), core_name, least(5, length(core_name) / 3)) <= least(5, length(core_name) / 3)
          limit 40);
      end loop;
    end if;
    -- Nearly the name of one of the best known titles, however misspelt.
    if length(core_name) between 4 and 48 then
      ids := ids || array(
        select d.movie_id from search_starts s join search_documents d on d.movie_id = s.movie_id
        where s.tier = 0 and not s.inner_word and s.size between length(core_name) - 4 and length(core_name) + 4
          and levenshtein_less_equal(s.start, core_name, least(4, (length(core_name) + 2) / 3)) <= least(4, (length(core_name) + 2) / 3)
          and (filter is null or d.vector @@ filter) and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
        limit 40);
    end if;
    -- Some of the words: pairs of the rarest, then each of them.
    operands := search_terms(corrections, core, 0.7);
    for i in 1..least(4, cardinality(operands)) loop
      for j in i + 1..least(4, cardinality(operands)) loop
        -- The only pair of two words was asked for above.
        if size > 2 then
          ids := ids || search_retrieve((operands[i].anywhere || '&' || operands[j].anywhere)::tsquery, filter, phrases, 40,
            search_estimate(array[operands[i], operands[j]], documents));
        end if;
      end loop;
    end loop;
    for i in 1..least(3, cardinality(operands)) loop
      ids := ids || search_retrieve(operands[i].anywhere::tsquery, filter, phrases, 50, operands[i].titles);
    end loop;
    if size <= 2 then
      ids := ids || search_retrieve((select string_agg('''^' || tokens[c] || '''', '|') from unnest(core) c)::tsquery, filter, phrases, 40, 100000);
      -- So that acronyms count where they are no word of a name.
      corrections := corrections || array(
        select (c, tokens[c], 1, 1, 0, 0, 0)::search_correction from unnest(core) c
        where not exists (select from search_words w where w.word = tokens[c]));
    end if;
    -- The surest sources came first.
    ids := array(select i from unnest(ids) with ordinality u (i, o) group by i order by min(o) limit 300);
    return array(select h from search_rank(ids, corrections, weights, lengths, stems, full_name, core_name, wanted_year, wanted) h);
  end
  $$;

drop function search_name_terms(search_correction[], integer[], real);
create or replace function search_estimate(operands search_term[], documents double precision) returns double precision
  language sql immutable
  as $$
    select least(min(o.titles), 20 * documents * exp(sum(ln(greatest(least(o.titles / documents, 1), 1e-9))))) from unnest(operands) o
  $$;
comment on function search_estimate(search_term[], double precision) is
  'How many titles have all words, if words came together twenty times as often as by chance: the words of one name do.';
