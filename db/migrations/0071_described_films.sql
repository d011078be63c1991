-- Films are found by what viewers say of them: small words that their names don't have, numbers in two words, and what
-- happens in them.

-- migrate:up

-- Two words that make one are looked up as one.
insert into search_synonyms (word, synonym, confidence)
select t.word || u.word, (t.number + u.number)::text, 0.97
from (values (20, 'twenty'), (30, 'thirty'), (40, 'forty'), (50, 'fifty'), (60, 'sixty'), (70, 'seventy'), (80, 'eighty'), (90, 'ninety'))
  t (number, word)
cross join (values (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four'), (5, 'five'), (6, 'six'), (7, 'seven'), (8, 'eight'), (9, 'nine'))
  u (number, word);

-- The only correction of a query's only word counts by how sure it is, too.
create or replace function search_rank(ids uuid[], corrections search_correction[], weights real[], lengths smallint[], stems text[],
  full_name text, core_name text, wanted_year smallint, wanted integer)
  returns setof search_hit
  language sql stable
  as $$
    with q as materialized (
      select replace(core_name, ' ', '') as core, replace(full_name, ' ', '') as whole,
        (select sum(w) from unnest(weights) w)::float8 as total, array(select distinct c.word from unnest(corrections) c) as words
    ), cand as materialized (
      select d.movie_id, d.popularity, d.release_year, d.story_id, d.part_number, d.entry_kinds, d.entry_lengths, d.words, d.word_entries, d.plot_stems
      from search_documents d where d.movie_id = any (ids)
    ), corr as materialized (
      select c.position, c.word, c.confidence, c.share from unnest(corrections) c
    ), matched as (
      -- A few words are looked for in each document; of many, each document's words are looked up.
      select d.movie_id, d.word_entries[at] as entry, d.entry_kinds[d.word_entries[at]] as kind, d.entry_lengths[d.word_entries[at]] as size,
        c.position, c.confidence, c.share
      from cand d cross join corr c cross join lateral unnest(array_positions(d.words, c.word)) at
      where cardinality(corrections) <= 2 and (cardinality(lengths) > 1 or cardinality(corrections) > 1)
      union all
      select w.movie_id, w.entry, w.entry_kinds[w.entry], w.entry_lengths[w.entry], c.position, c.confidence, c.share
      from (select d.movie_id, d.entry_kinds, d.entry_lengths, unnest(d.words) as word, unnest(d.word_entries) as entry from cand d) w
      join corr c on c.word = w.word
      where cardinality(corrections) > 2
    ), per_word as (
      -- The best correction, or the parts of a joined word together.
      select m.movie_id, m.entry, m.kind, m.size, m.position, greatest(
          max(m.confidence) filter (where m.share = 1),
          least(sum(m.confidence * m.share) filter (where m.share < 1), max(m.confidence) filter (where m.share < 1))) as confidence
      from matched m group by m.movie_id, m.entry, m.kind, m.size, m.position
    ), per_entry as (
      select p.*, least(1, sum(p.confidence * lengths[p.position]) over (partition by p.movie_id, p.entry) / greatest(1, p.size)) as covered
      from per_word p
    ), valued as (
      -- The value in millionths before the entry, so that the best of both is one number.
      select p.movie_id, p.position, (p.confidence * search_value(p.kind, p.covered) * 1e6)::bigint * 4096 - p.entry as best from per_entry p
      union all
      -- Words that a plot has together back each other.
      select d.movie_id, s.position, (410000 + least(5, count(*) filter (where weights[s.position] > 0.1) over (partition by d.movie_id)) * 40000) * 4096
      from cand d join unnest(stems) with ordinality s (stem, position) on s.stem = any (d.plot_stems)
      where cardinality(lengths) > 1 or cardinality(corrections) > 1
      union all
      select d.movie_id, s.position, (case when d.release_year = wanted_year then 970000 else 400000 end) * 4096::bigint + 1
      from cand d cross join unnest(stems) with ordinality s (stem, position)
      where wanted_year is not null and s.stem = wanted_year::text and d.release_year between wanted_year - 1 and wanted_year + 1
    ), best_value as (
      select v.movie_id, v.position, max(v.best) as best from valued v group by v.movie_id, v.position
    ), summed as (
      select b.movie_id, sum(((b.best + 4094) / 4096) / 1e6 * weights[b.position])::float8 as coverage,
        array_agg(distinct (((b.best + 4094) / 4096) * 4096 - b.best)::smallint) as entries
      from best_value b group by b.movie_id
    ), covering as (
      -- One word in one spelling needs no gathering.
      select d.movie_id, d.popularity, d.story_id, d.part_number, coalesce(v.best, 0) / 1e6::float8 as coverage,
        case when v.best is not null then array[v.entry]::smallint[] end as entries
      from cand d cross join lateral (
        select greatest(max(x.best), (case when stems[1] = any (d.plot_stems) then 450000 * 4096::bigint end)) as packed
        from (
          select (search_value(d.entry_kinds[d.word_entries[at]],
              least(1::float8, lengths[1]::float8 / greatest(1, d.entry_lengths[d.word_entries[at]]))) * corrections[1].confidence * 1e6)::bigint * 4096 - d.word_entries[at] as best
          from unnest(array_positions(d.words, corrections[1].word)) at
        ) x
      ) p cross join lateral (select (p.packed + 4094) / 4096 as best, ((p.packed + 4094) / 4096 * 4096 - p.packed)::smallint as entry) v
      where cardinality(lengths) = 1 and cardinality(corrections) = 1
      union all
      select d.movie_id, d.popularity, d.story_id, d.part_number, coalesce(s.coverage, 0) / q.total, s.entries
      from cand d cross join q left join summed s on s.movie_id = d.movie_id
      where cardinality(lengths) > 1 or cardinality(corrections) > 1
    ), best as (
      select c.*, row_number() over (order by c.coverage + 0.05 * c.popularity desc nulls first, c.movie_id) as nth
      from covering c order by c.coverage + 0.05 * c.popularity desc nulls first, c.movie_id limit wanted
    )
    select b.movie_id,
      c.coverage + 0.35::float8 * greatest(0, coalesce(a.likeness, 0) - 0.3::float8) / 0.7::float8 + 0.1::float8 * coalesce(a.same, 0) + 0.05::float8 * coalesce(a.exact, 0)
        + 0.06::float8 * b.popularity - case when b.part_number > 1 then 0.004::float8 else 0 end as score,
      c.coverage::real, b.story_id, b.part_number,
      coalesce(b.entries, array[a.same_entry]), q.words
    from best b
    cross join q
    left join lateral (
      -- What stands further down is not moved by being alike as a whole.
      select
        max(greatest(similarity(n.folded, core_name),
            0.95 - levenshtein_less_equal(left(n.squashed, 100), left(q.core, 100), 40)::real
              / greatest(least(100, greatest(length(n.squashed), length(q.core))), 1))
          * case n.kind when 't' then 1 when 'l' then 0.99 when 'a' then 0.98 else 0.95 end) as likeness,
        max(case when n.squashed in (q.core, q.whole)
          then case n.kind when 't' then 1 when 'l' then 0.97 when 'a' then 0.95 else 0.6 end else 0 end)::float8 as same,
        max(case when n.folded = full_name then case n.kind when 't' then 1 when 'l' then 0.97 when 'a' then 0.95 else 0.6 end else 0 end)::float8 as exact,
        min(n.entry) filter (where n.squashed in (q.core, q.whole)) as same_entry
      from search_names n where n.movie_id = b.movie_id and b.nth <= 80
    ) a on true
    cross join lateral (select greatest(b.coverage, 0.95::float8 * coalesce(a.same, 0)) as coverage) c
    order by score desc, b.movie_id
  $$;

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
    told text[];
    is_name boolean;
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
            ln((documents + 1) / least(documents + 1, 1 + w.name_count + w.person_count + w.other_count)) / ln(documents + 1),
            -- A small word that no title has says as little as one that many have.
            case when stems[u.o] = '' then 0.2 else 0.8 end)))::real
      from unnest(tokens) with ordinality u (t, o) left join search_words w on w.word = u.t order by u.o);

    -- Names that are the query, but for its spaces.
    ids := array(
      select d.movie_id from search_names n join search_documents d on d.movie_id = n.movie_id
      where left(n.squashed, 200) = any (joined)
        and (filter is null or d.vector @@ filter) and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
      order by d.popularity desc, d.movie_id limit 60);
    is_name := cardinality(ids) > 0;

    -- All words together as they are: in one title's names, then anywhere.
    operands := search_terms(corrections, core, 1);
    if cardinality(operands) = size then
      named := search_name_terms(corrections, core, 1);
      if cardinality(named) = size then
        if wanted_year is not null then
          ids := ids || search_retrieve(array(select o.in_names from unnest(named) o) || ('''=y' || wanted_year || ''''), filter, phrases, 60,
            search_estimate(named, documents) / 20, search_most_keys(named, documents));
        end if;
        if size = 1 then
          ids := ids || search_retrieve(array[named[1].in_names], filter, phrases, wanted, named[1].titles);
        end if;
      end if;
      if cardinality(ids) < wanted then
        found := search_retrieve(array(select o.anywhere from unnest(operands) o),
          filter, phrases, 150, search_estimate(operands, documents), search_most_keys(operands, documents));
        -- Who has them in names is among them, unless there were more.
        if size > 1 and cardinality(found) = 150 and cardinality(named) = size then
          ids := ids || search_retrieve(array(select o.in_names from unnest(named) o), filter, phrases, wanted, search_estimate(named, documents),
            search_most_keys(named, documents));
        end if;
        ids := ids || found;
        -- Small words are easily put in where there were none.
        certain := array(select o from unnest(operands) o where stems[o.position] <> '');
        if cardinality(ids) < 20 and not is_name and cardinality(certain) between 2 and size - 1 then
          ids := ids || search_retrieve(array(select o.anywhere from unnest(certain) o), filter, phrases, 40, search_estimate(certain, documents),
            search_most_keys(certain, documents));
        end if;
      end if;
    end if;
    if cardinality(ids) < least(wanted, 150) then
      told := array(select distinct stems[c] from unnest(core) c where stems[c] <> '');
      -- One word is in some fiftieth of the plots.
      ids := ids || search_retrieve(array(select '''~' || t || '''' from unnest(told) t), filter, phrases, 50, case when cardinality(told) = 1 then documents / 50 else 0 end);
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
          from search_word_matches(tokens[place], 8) m
          -- A number is another way to write one, and no slip for a word.
          where m.confidence >= 0.8 or tokens[place] !~ '^(\d+|[ivx]+)$');
      end if;
      if place - 1 = any (core) then
        corrections := corrections || array(
          select (p, w.word, 0.95, 1, w.name_count, w.person_count, w.other_count)::search_correction
          from search_words w cross join unnest(array[place - 1, place]) p where w.word = any (array(
            select tokens[place - 1] || tokens[place]
            union all select s.synonym from search_synonyms s where s.word = tokens[place - 1] || tokens[place])));
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
        filter, phrases, 100, search_estimate(certain, documents),
            search_most_keys(certain, documents));
      named := search_name_terms(array(select c from unnest(corrections) c where c.confidence = 1 or c.position <> all (known)), core, 0);
      if cardinality(found) = 100 and cardinality(named) = size then
        ids := ids || search_retrieve(array(select o.in_names from unnest(named) o), filter, phrases, 100, search_estimate(named, documents),
          search_most_keys(named, documents));
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
        filter, phrases, 100, search_estimate(operands, documents), search_most_keys(operands, documents));
      if cardinality(found) = 100 and cardinality(named) = size then
        ids := ids || search_retrieve(array(select o.in_names from unnest(named) o), filter, phrases, 100, search_estimate(named, documents),
          search_most_keys(named, documents));
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
        alike := search_retrieve(array(select o.in_names from unnest(named) o), filter, phrases, 150, search_estimate(named, documents),
          search_most_keys(named, documents));
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
    -- Two of the words in the plots of the better known, where names have next to nothing: a film that somebody describes.
    told := array(select stems[c] from unnest(core) c where stems[c] <> '' group by stems[c] order by max(weights[c]) desc, stems[c] limit 6);
    if best < 0.5 and cardinality(told) > 2 then
      ids := ids || array(
        select d.movie_id from search_documents d
        where d.vector @@ '''=k0''|''=k1'''::tsquery
          and d.vector @@ (select string_agg('''~' || a || '''&''~' || b || '''', '|') from unnest(told) a cross join unnest(told) b where a < b)::tsquery
          and (filter is null or d.vector @@ filter) and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
        order by (select count(*) from unnest(d.plot_stems) s where s = any (told)) desc, d.popularity desc, d.movie_id limit 40);
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

create or replace function search_rank(ids uuid[], corrections search_correction[], weights real[], lengths smallint[], stems text[],
  full_name text, core_name text, wanted_year smallint, wanted integer)
  returns setof search_hit
  language sql stable
  as $$
    with q as materialized (
      select replace(core_name, ' ', '') as core, replace(full_name, ' ', '') as whole,
        (select sum(w) from unnest(weights) w)::float8 as total, array(select distinct c.word from unnest(corrections) c) as words
    ), cand as materialized (
      select d.movie_id, d.popularity, d.release_year, d.story_id, d.part_number, d.entry_kinds, d.entry_lengths, d.words, d.word_entries, d.plot_stems
      from search_documents d where d.movie_id = any (ids)
    ), corr as materialized (
      select c.position, c.word, c.confidence, c.share from unnest(corrections) c
    ), matched as (
      -- A few words are looked for in each document; of many, each document's words are looked up.
      select d.movie_id, d.word_entries[at] as entry, d.entry_kinds[d.word_entries[at]] as kind, d.entry_lengths[d.word_entries[at]] as size,
        c.position, c.confidence, c.share
      from cand d cross join corr c cross join lateral unnest(array_positions(d.words, c.word)) at
      where cardinality(corrections) <= 2 and (cardinality(lengths) > 1 or cardinality(corrections) > 1)
      union all
      select w.movie_id, w.entry, w.entry_kinds[w.entry], w.entry_lengths[w.entry], c.position, c.confidence, c.share
      from (select d.movie_id, d.entry_kinds, d.entry_lengths, unnest(d.words) as word, unnest(d.word_entries) as entry from cand d) w
      join corr c on c.word = w.word
      where cardinality(corrections) > 2
    ), per_word as (
      -- The best correction, or the parts of a joined word together.
      select m.movie_id, m.entry, m.kind, m.size, m.position, greatest(
          max(m.confidence) filter (where m.share = 1),
          least(sum(m.confidence * m.share) filter (where m.share < 1), max(m.confidence) filter (where m.share < 1))) as confidence
      from matched m group by m.movie_id, m.entry, m.kind, m.size, m.position
    ), per_entry as (
      select p.*, least(1, sum(p.confidence * lengths[p.position]) over (partition by p.movie_id, p.entry) / greatest(1, p.size)) as covered
      from per_word p
    ), valued as (
      -- The value in millionths before the entry, so that the best of both is one number.
      select p.movie_id, p.position, (p.confidence * search_value(p.kind, p.covered) * 1e6)::bigint * 4096 - p.entry as best from per_entry p
      union all
      select d.movie_id, s.position, 450000 * 4096::bigint from cand d join unnest(stems) with ordinality s (stem, position) on s.stem = any (d.plot_stems)
      where cardinality(lengths) > 1 or cardinality(corrections) > 1
      union all
      select d.movie_id, s.position, (case when d.release_year = wanted_year then 970000 else 400000 end) * 4096::bigint + 1
      from cand d cross join unnest(stems) with ordinality s (stem, position)
      where wanted_year is not null and s.stem = wanted_year::text and d.release_year between wanted_year - 1 and wanted_year + 1
    ), best_value as (
      select v.movie_id, v.position, max(v.best) as best from valued v group by v.movie_id, v.position
    ), summed as (
      select b.movie_id, sum(((b.best + 4094) / 4096) / 1e6 * weights[b.position])::float8 as coverage,
        array_agg(distinct (((b.best + 4094) / 4096) * 4096 - b.best)::smallint) as entries
      from best_value b group by b.movie_id
    ), covering as (
      -- One word in one spelling needs no gathering.
      select d.movie_id, d.popularity, d.story_id, d.part_number, coalesce(v.best, 0) / 1e6::float8 as coverage,
        case when v.best is not null then array[v.entry]::smallint[] end as entries
      from cand d cross join lateral (
        select greatest(max(x.best), (case when stems[1] = any (d.plot_stems) then 450000 * 4096::bigint end)) as packed
        from (
          select (search_value(d.entry_kinds[d.word_entries[at]],
              least(1::float8, lengths[1]::float8 / greatest(1, d.entry_lengths[d.word_entries[at]]))) * 1e6)::bigint * 4096 - d.word_entries[at] as best
          from unnest(array_positions(d.words, corrections[1].word)) at
        ) x
      ) p cross join lateral (select (p.packed + 4094) / 4096 as best, ((p.packed + 4094) / 4096 * 4096 - p.packed)::smallint as entry) v
      where cardinality(lengths) = 1 and cardinality(corrections) = 1
      union all
      select d.movie_id, d.popularity, d.story_id, d.part_number, coalesce(s.coverage, 0) / q.total, s.entries
      from cand d cross join q left join summed s on s.movie_id = d.movie_id
      where cardinality(lengths) > 1 or cardinality(corrections) > 1
    ), best as (
      select c.*, row_number() over (order by c.coverage + 0.05 * c.popularity desc nulls first, c.movie_id) as nth
      from covering c order by c.coverage + 0.05 * c.popularity desc nulls first, c.movie_id limit wanted
    )
    select b.movie_id,
      c.coverage + 0.35::float8 * greatest(0, coalesce(a.likeness, 0) - 0.3::float8) / 0.7::float8 + 0.1::float8 * coalesce(a.same, 0) + 0.05::float8 * coalesce(a.exact, 0)
        + 0.06::float8 * b.popularity - case when b.part_number > 1 then 0.004::float8 else 0 end as score,
      c.coverage::real, b.story_id, b.part_number,
      coalesce(b.entries, array[a.same_entry]), q.words
    from best b
    cross join q
    left join lateral (
      -- What stands further down is not moved by being alike as a whole.
      select
        max(greatest(similarity(n.folded, core_name),
            0.95 - levenshtein_less_equal(left(n.squashed, 100), left(q.core, 100), 40)::real
              / greatest(least(100, greatest(length(n.squashed), length(q.core))), 1))
          * case n.kind when 't' then 1 when 'l' then 0.99 when 'a' then 0.98 else 0.95 end) as likeness,
        max(case when n.squashed in (q.core, q.whole)
          then case n.kind when 't' then 1 when 'l' then 0.97 when 'a' then 0.95 else 0.6 end else 0 end)::float8 as same,
        max(case when n.folded = full_name then case n.kind when 't' then 1 when 'l' then 0.97 when 'a' then 0.95 else 0.6 end else 0 end)::float8 as exact,
        min(n.entry) filter (where n.squashed in (q.core, q.whole)) as same_entry
      from search_names n where n.movie_id = b.movie_id and b.nth <= 80
    ) a on true
    cross join lateral (select greatest(b.coverage, 0.95::float8 * coalesce(a.same, 0)) as coverage) c
    order by score desc, b.movie_id
  $$;

delete from search_synonyms s using
  unnest(array['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']) t,
  unnest(array['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']) u
where s.word = t || u;
