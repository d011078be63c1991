-- Searching: words are corrected against the vocabulary, candidates come from indexes, and only those are ranked.

-- migrate:up

create type search_correction as (
  position smallint, word text, confidence real, share real, name_count integer, person_count integer, other_count integer
);
comment on type search_correction is
  'A word that the word at a position of the query may stand for, how surely, which share of it (less than 1 for a part of a joined word), and how common it is.';

create type search_term as (position smallint, in_names text, anywhere text, titles double precision);
comment on type search_term is 'The corrections of one word of a query as operands of a tsquery, and in how many titles they occur at most.';

create type search_hit as (
  movie_id uuid, score double precision, coverage real, story_id uuid, part_number smallint, entries smallint[], words text[]
);
comment on type search_hit is
  'A title found: its score, how much of the query it covers, its story, the entries of its document that matched (0 the plot, -1 the year) and the words that did.';

-- Words ---------------------------------------------------------------------------------------------------------------

create table search_synonyms (
  word text collate "C",
  synonym text collate "C",
  confidence real not null check (confidence between 0 and 1),
  primary key (word, synonym)
);
comment on table search_synonyms is 'Folded words that may stand for others in a query: numbers, titles of address, and Pidgin for, which is in.';
insert into search_synonyms (word, synonym, confidence)
select a.form, b.form, case when a.form in ('i', 'v', 'x') then 0.9 else 0.97 end
from (values
  ('1', 'one'), ('1', 'i'), ('2', 'two'), ('2', 'ii'), ('3', 'three'), ('3', 'iii'), ('4', 'four'), ('4', 'iv'), ('5', 'five'), ('5', 'v'),
  ('6', 'six'), ('6', 'vi'), ('7', 'seven'), ('7', 'vii'), ('8', 'eight'), ('8', 'viii'), ('9', 'nine'), ('9', 'ix'), ('10', 'ten'), ('10', 'x'),
  ('11', 'eleven'), ('12', 'twelve'), ('20', 'twenty'), ('30', 'thirty'), ('40', 'forty'), ('50', 'fifty'), ('90', 'ninety'), ('100', 'hundred'),
  ('1st', 'first'), ('2nd', 'second'), ('3rd', 'third'), ('4th', 'fourth'), ('5th', 'fifth'), ('7th', 'seventh'), ('10th', 'tenth'),
  ('mr', 'mister'), ('dr', 'doctor'), ('st', 'saint'), ('prof', 'professor'), ('rev', 'reverend'), ('you', 'u'), ('and', 'n')
) f (first, other)
cross join lateral (values (first), (other)) a (form)
cross join lateral (values (first), (other)) b (form)
where a.form <> b.form
union
select a.other, b.other, 0.95
from (values ('two', 'ii'), ('three', 'iii'), ('four', 'iv'), ('five', 'v'), ('six', 'vi'), ('seven', 'vii'), ('eight', 'viii'), ('nine', 'ix'), ('ten', 'x')) p (word, roman)
cross join lateral (values (word, roman), (roman, word)) v (w, s)
cross join lateral (values (w)) a (other) cross join lateral (values (s)) b (other)
union values ('for', 'in', 0.85::real), ('4', 'for', 0.8);

create function search_letters(word text) returns text
  language sql immutable strict parallel safe
  return (select string_agg(letter, '' order by letter) from string_to_table(word, null) letter);
comment on function search_letters(text) is 'The letters of a word in order: swapped letters leave them alone.';

-- Confidence is one minus the edits' share of the letters, a little less with another first letter, which is rarely
-- mistyped. What sounds the same is nearly as sure as the word itself.
create function search_word_matches(token text, wanted integer)
  returns table (word text, confidence real, name_count integer, person_count integer, other_count integer)
  language plpgsql stable
  as $$
  declare
    sound text := search_phonetic(token);
    token_keys integer[] := search_word_keys(token, sound);
    size integer := length(token);
    tolerated integer := case when length(token) <= 5 then 1 when length(token) <= 8 then 2 else 3 end;
  begin
    return query
      with near as (
        select w.word, w.name_count, w.person_count, w.other_count, length(w.word) as width, w.phonetic = sound as sounds_so,
          levenshtein_less_equal(w.word, token, tolerated + 1) as distance
        from search_words w
        where search_word_keys(w.word, w.phonetic) && token_keys and length(w.word) between size - 3 and size + 3 and w.word <> token
      ), measured as (
        -- Swapped letters are one slip and not two, which shows where the letters themselves differ by less.
        select n.*, case when n.distance > 1 and abs(n.width - size) <= 1
              and length(translate(n.word, token, '')) <= 1 and length(translate(token, n.word, '')) <= 1
            then (
              select case when l.distance = 0 then greatest(1, levenshtein_less_equal(n.word, token, 2 * tolerated) / 2)
                when l.distance <= n.distance - 2 then n.distance - 1 else n.distance end
              from (select levenshtein(search_letters(n.word), search_letters(token)) as distance) l)
            else n.distance end as edits
        from near n
      ), weighed as (
        select m.word, m.name_count, m.person_count, m.other_count, greatest(
            case when m.sounds_so then 0.94 - 0.02 * abs(m.width - size) else 0 end,
            case when m.edits <= tolerated
              then 0.97 - 0.95 * m.edits / greatest(m.width, size) - case when left(m.word, 1) = left(token, 1) then 0 else 0.03 end
              else 0 end) as confidence
        from measured m where m.sounds_so or m.edits <= tolerated
        union all
        select w.word, w.name_count, w.person_count, w.other_count, s.confidence
        from search_synonyms s join search_words w on w.word = s.synonym where s.word = token
      )
      select w.word, max(w.confidence)::real, w.name_count, w.person_count, w.other_count
      from weighed w
      group by w.word, w.name_count, w.person_count, w.other_count
      order by max(w.confidence) + 0.025 * log(1 + w.name_count + w.person_count) desc, w.word
      limit wanted;
  end
  $$;
comment on function search_word_matches(text, integer) is
  'The words of the vocabulary that a folded word may have been meant to be, likeliest first, itself not among them.';

create function search_segments(token text) returns text[]
  language plpgsql stable
  as $$
  declare
    size integer := least(length(token), 60);
    best double precision[] := array_fill(null::double precision, array[size + 1], array[0]);
    piece_start integer[] := array_fill(null::integer, array[size + 1], array[0]);
    piece record;
    place integer := size;
    segments text[] := '{}';
  begin
    best[0] := 0;
    for piece in
      with known as materialized (
        select w.word, ln((1.0 + w.name_count * 2 + w.person_count) / 1e6) - 3 as score
        from search_words w
        where w.word = any (array(
            select distinct substr(token, a + 1, b) from generate_series(0, size - 1) a cross join generate_series(1, 14) b where a + b <= size))
          and (length(w.word) > 1 or w.word in ('a', 'i', '1', '2', '3', '4', '5'))
      )
      select g as first, g + length(k.word) as last, k.score
      from generate_series(0, size - 1) g join known k on substr(token, g + 1, length(k.word)) = k.word
      order by last, first
    loop
      if best[piece.first] is not null and (best[piece.last] is null or best[piece.first] + piece.score > best[piece.last]) then
        best[piece.last] := best[piece.first] + piece.score;
        piece_start[piece.last] := piece.first;
      end if;
    end loop;
    if best[size] is null then return '{}'; end if;
    while place > 0 loop
      segments := substr(token, piece_start[place] + 1, place - piece_start[place]) || segments;
      place := piece_start[place];
    end loop;
    return segments;
  end
  $$;
comment on function search_segments(text) is
  'Words written as one taken apart into words of the vocabulary: the likeliest row of them, every word costing the more the rarer it is.';

-- Queries of the index ------------------------------------------------------------------------------------------------

create function search_terms(corrections search_correction[], positions integer[], least_confidence real) returns search_term[]
  language sql stable
  as $$
    select array_agg(t.term order by t.titles) from (
      select (c.position,
          '(' || string_agg('''' || c.word || '''', '|') filter (where c.name_count > 0) || ')',
          '(' || string_agg(concat_ws('|', case when c.name_count > 0 then '''' || c.word || '''' end,
            case when c.person_count > 0 then '''@' || c.word || '''' end, case when c.other_count > 0 then '''#' || c.word || '''' end), '|') || ')',
          sum(c.name_count + c.person_count + c.other_count))::search_term as term,
        sum(c.name_count + c.person_count + c.other_count) as titles
      from unnest(corrections) c
      where c.position = any (positions) and c.share = 1 and c.confidence >= least_confidence and c.name_count + c.person_count + c.other_count > 0
      group by c.position
    ) t
  $$;
comment on function search_terms(search_correction[], integer[], real) is 'One operand for each word of a query, the rarest first.';

create function search_has_phrases(phrases text[], words text[], id uuid) returns boolean
  language sql stable
  as $$
    select bool_and(' ' || array_to_string(words, ' ') || ' ' like '% ' || p || ' %'
      or ' ' || (select fold(m.plot_summary) from movies m where m.id = search_has_phrases.id) || ' ' like '% ' || p || ' %')
    from unnest(phrases) p
  $$;
comment on function search_has_phrases(text[], text[], uuid) is 'Whether a title has all of the folded phrases, each in one entry or in its plot.';

-- Tier by tier a common word never gives more than the few thousand titles of which it takes the best known.
create function search_retrieve(query tsquery, filter tsquery, phrases text[], wanted integer, titles double precision) returns uuid[]
  language plpgsql stable
  as $$
  declare
    found uuid[] := '{}';
  begin
    if query is null or numnode(query) = 0 then return found; end if;
    if filter is not null then query := query && filter; end if;
    if titles <= 500 then
      return array(
        select d.movie_id from search_documents d
        where d.vector @@ query and (phrases is null or search_has_phrases(phrases, d.words, d.movie_id))
        order by d.popularity desc, d.movie_id limit wanted);
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

-- Ranking -------------------------------------------------------------------------------------------------------------

create function search_rank(ids uuid[], corrections search_correction[], weights real[], lengths smallint[], stems text[],
  full_name text, core_name text, wanted_year smallint, wanted integer)
  returns setof search_hit
  language sql stable
  as $$
    with cand as materialized (
      select d.movie_id, d.popularity, d.release_year, d.story_id, d.part_number, d.entry_kinds, d.entry_lengths, d.words, d.word_entries, d.plot_stems
      from search_documents d where d.movie_id = any (ids)
    ), corr as materialized (
      select c.position, c.word, c.confidence, c.share from unnest(corrections) c
    ), matched as materialized (
      -- A few words are looked for in each document; of many, each document's words are looked up.
      select d.movie_id, d.word_entries[at] as entry, d.entry_kinds[d.word_entries[at]] as kind, d.entry_lengths[d.word_entries[at]] as size,
        c.position, c.word, c.confidence, c.share
      from cand d cross join corr c cross join lateral unnest(array_positions(d.words, c.word)) at
      where cardinality(corrections) <= 8
      union all
      select d.movie_id, w.entry, d.entry_kinds[w.entry], d.entry_lengths[w.entry], c.position, c.word, c.confidence, c.share
      from cand d cross join lateral unnest(d.words, d.word_entries) w (word, entry) join corr c on c.word = w.word
      where cardinality(corrections) > 8
    ), per_word as materialized (
      -- The best correction, or the parts of a joined word together.
      select m.movie_id, m.entry, m.kind, m.size, m.position, greatest(
          max(m.confidence) filter (where m.share = 1),
          least(sum(m.confidence * m.share) filter (where m.share < 1), max(m.confidence) filter (where m.share < 1))) as confidence
      from matched m group by m.movie_id, m.entry, m.kind, m.size, m.position
    ), per_entry as (
      select p.*, least(1, sum(p.confidence * lengths[p.position]) over (partition by p.movie_id, p.entry) / greatest(1, p.size)) as covered
      from per_word p
    ), valued as (
      select p.movie_id, p.position, p.entry, p.confidence * case
          when p.kind in ('t', 'l', 'a', 'm', 'h', 'n') then (0.7 + 0.3 * p.covered)
            * case p.kind when 't' then 1.0 when 'l' then 0.99 when 'a' then 0.98 when 'n' then 0.96 when 'h' then 0.95 else 0.93 end
          when p.kind in ('d', 'p', 'w')
            then case p.kind when 'd' then 0.92 when 'p' then 0.9 else 0.87 end * (0.7 + 0.3 * p.covered)
          when p.kind = 'c' then 0.7 * (0.7 + 0.3 * p.covered)
          when p.kind = 'y' then 0.8 * p.covered
          else 0.5 * (0.8 + 0.2 * p.covered) end as value
      from per_entry p
      union all
      select d.movie_id, s.position, 0, 0.45 from cand d join unnest(stems) with ordinality s (stem, position) on s.stem = any (d.plot_stems)
      union all
      select d.movie_id, s.position, -1, case when d.release_year = wanted_year then 0.97 else 0.4 end
      from cand d cross join unnest(stems) with ordinality s (stem, position)
      where wanted_year is not null and s.stem = wanted_year::text and d.release_year between wanted_year - 1 and wanted_year + 1
    ), best_value as (
      select v.movie_id, v.position, max(array[v.value, -v.entry]) as best from valued v group by v.movie_id, v.position
    ), summed as (
      select b.movie_id, sum(b.best[1] * weights[b.position]) / (select sum(w) from unnest(weights) w) as coverage,
        array_agg(distinct (-b.best[2])::smallint) as entries
      from best_value b group by b.movie_id
    ), best as materialized (
      select d.movie_id, d.popularity, d.story_id, d.part_number, coalesce(s.coverage, 0) as coverage, s.entries
      from cand d left join summed s on s.movie_id = d.movie_id
      order by s.coverage + 0.05 * d.popularity desc nulls first, d.movie_id limit wanted
    ), alike as materialized (
      -- What stands further down is not moved by being alike as a whole.
      select n.movie_id,
        max(greatest(similarity(n.folded, core_name),
            0.95 - levenshtein_less_equal(left(n.squashed, 100), left(replace(core_name, ' ', ''), 100), 40)::real
              / greatest(least(100, greatest(length(n.squashed), length(replace(core_name, ' ', '')))), 1))
          * case n.kind when 't' then 1 when 'l' then 0.99 when 'a' then 0.98 else 0.95 end) as likeness,
        max(case when n.squashed in (replace(core_name, ' ', ''), replace(full_name, ' ', ''))
          then case n.kind when 't' then 1 when 'l' then 0.97 when 'a' then 0.95 else 0.6 end else 0 end) as same,
        max(case when n.folded = full_name then case n.kind when 't' then 1 when 'l' then 0.97 when 'a' then 0.95 else 0.6 end else 0 end) as exact,
        min(n.entry) filter (where n.squashed in (replace(core_name, ' ', ''), replace(full_name, ' ', ''))) as same_entry
      from (select movie_id from best limit 80) b join search_names n on n.movie_id = b.movie_id group by n.movie_id
    ), words_of as materialized (
      select m.movie_id, array_agg(distinct m.word) as words from matched m where m.movie_id in (select movie_id from best) group by m.movie_id
    )
    select b.movie_id,
      (c.coverage + 0.35 * greatest(0, a.likeness - 0.3) / 0.7 + 0.1 * a.same + 0.05 * a.exact + 0.06 * b.popularity
        - case when b.part_number > 1 then 0.004 else 0 end)::double precision as score,
      c.coverage::real, b.story_id, b.part_number,
      coalesce(b.entries, array[a.same_entry]),
      coalesce(w.words, '{}')
    from best b
    left join words_of w on w.movie_id = b.movie_id
    left join alike n on n.movie_id = b.movie_id
    cross join lateral (
      select coalesce(n.likeness, 0) as likeness, coalesce(n.same, 0) as same, coalesce(n.exact, 0) as exact, n.same_entry
    ) a
    cross join lateral (select greatest(b.coverage, 0.95 * a.same) as coverage) c
    order by score desc, b.movie_id
  $$;
comment on function search_rank(uuid[], search_correction[], real[], smallint[], text[], text, text, smallint, integer) is
  'The formula (docs/search.md): every word of the query is worth what its best match is, names count by how much of them is covered, then whole-name likeness, equality and popularity.';

-- Searching -----------------------------------------------------------------------------------------------------------

create function search_any_of(prefix text, choices text[]) returns text
  language sql immutable parallel safe
  as $$ select coalesce('(' || string_agg('''' || prefix || translate(c, '''\', '') || '''', '|') || ')', '''=none''') from unnest(choices) c $$;
comment on function search_any_of(text, text[]) is 'An operand for any of the choices; for none of them one that nothing matches.';

create function search_filter(wanted_type content_type, genres text[], languages text[], year_min integer, year_max integer,
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
comment on function search_filter(content_type, text[], text[], integer, integer, numeric, numeric, text, text, boolean, text[]) is
  'What narrows a search, as a tsquery over search_documents.vector; null for nothing.';

create function search_reading(terms text[], quiet_terms boolean[], wanted_year smallint, filter tsquery, phrases text[], wanted integer)
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
          ids := ids || search_retrieve((array_to_string(anywhere, '&') || '&''=y' || wanted_year || '''')::tsquery, filter, phrases, 60, operands[1].titles);
        end if;
        ids := ids || search_retrieve(array_to_string(anywhere, '&')::tsquery, filter, phrases, wanted, operands[1].titles);
      end if;
      if cardinality(ids) < wanted then
        anywhere := array(select o.anywhere from unnest(operands) o);
        ids := ids || search_retrieve(array_to_string(anywhere, '&')::tsquery, filter, phrases, 150, operands[1].titles);
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
            filter, phrases, 60, 100000);
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
    if cardinality(anywhere) = size then
      ids := ids || search_retrieve(array_to_string(anywhere, '&')::tsquery, filter, phrases, 100, operands[1].titles);
    end if;
    if cardinality(operands) = size then
      anywhere := array(select o.anywhere from unnest(operands) o);
      ids := ids || search_retrieve(array_to_string(anywhere, '&')::tsquery, filter, phrases, 100, operands[1].titles);
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
          from unnest(search_retrieve(operands[i].in_names::tsquery, filter, phrases, 300, 100000)) f (id)
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
    anywhere := array(select o.anywhere from unnest(search_terms(corrections, core, 0.7)) o);
    for i in 1..least(4, cardinality(anywhere)) loop
      for j in i + 1..least(4, cardinality(anywhere)) loop
        -- The only pair of two words was asked for above.
        if size > 2 then
          ids := ids || search_retrieve((anywhere[i] || '&' || anywhere[j])::tsquery, filter, phrases, 40, 100000);
        end if;
      end loop;
    end loop;
    for i in 1..least(3, cardinality(anywhere)) loop
      ids := ids || search_retrieve(anywhere[i]::tsquery, filter, phrases, 50, 100000);
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
comment on function search_reading(text[], boolean[], smallint, tsquery, text[], integer) is
  'Titles for one reading of a query: its terms in order, which of them are noise, and the year in it. Work is bounded by 16 words and by the limits of each source.';

-- Parts of a story stand together, where its best part stands: that part first if it is clearly the best, else by number.
-- The rank is made such that this order is (rank, id), which pages.
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

-- Showing what was found ----------------------------------------------------------------------------------------------

create function search_matched(entries smallint[], kinds "char"[], names text[], release_year smallint) returns json
  language sql immutable parallel safe
  as $$
    select coalesce(json_agg(json_build_object('field', m.field, 'value', m.value) order by m.place), '[]')
    from (
      select x.field, x.value, min(x.place) as place
      from (
        select case e when 0 then 'plot' when -1 then 'year' else case kinds[e]
            when 't' then 'title' when 'l' then 'local_title' when 'h' then 'title' when 'n' then 'part' when 'y' then 'acronym'
            when 'd' then 'director' when 'p' then 'actor' when 'w' then 'crew' when 'c' then 'character' when 'g' then 'genre'
            when 'o' then 'company' when 's' then 'state' when 'x' then 'language' else 'alias' end end as field,
          case e when 0 then null when -1 then release_year::text else names[e] end as value,
          case when e > 0 then e else 1000 - e end as place
        from unnest(entries) e
      ) x
      group by x.field, x.value
    ) m
  $$;
comment on function search_matched(smallint[], "char"[], text[], smallint) is 'What of a title matched, as [{field, value}], names first.';

create function search_marked(value text, words text[]) returns text
  language sql stable parallel safe
  as $$
    select string_agg(case when p.piece[1] ~ '[[:alnum:]]' and fold(p.piece[1]) = any (words) then E'\x02' || p.piece[1] || E'\x03' else p.piece[1] end, '' order by p.nth)
    from regexp_matches(translate(left(value, 500), E'\x02\x03', ''), '[[:alnum:]\u0300-\u036f''\u2019]+|[^[:alnum:]\u0300-\u036f''\u2019]+', 'g')
      with ordinality p (piece, nth)
  $$;
comment on function search_marked(text, text[]) is 'A name with the words that matched between U+0002 and U+0003. It is text, not HTML.';

create function search_snippet(entries smallint[], names text[], words text[], plot text, query text) returns text
  language sql stable parallel safe
  as $$
    select case when 0 = any (entries) and plot is not null
      then ts_headline('plots', translate(plot, E'\x02\x03', ''),
        search_any_of('', tsvector_to_array(to_tsvector('plots', query)))::tsquery,
        E'StartSel=\x02, StopSel=\x03, MaxFragments=1, MaxWords=30, MinWords=12')
      else search_marked(names[(select e from unnest(entries) with ordinality x (e, o) where e > 0 order by e limit 1)], words) end
  $$;
comment on function search_snippet(smallint[], text[], text[], text, text) is
  'Where a title matched: of its plot if it did there, else of the first of its names that did, marked like search_marked.';

-- migrate:down
drop function search_snippet(smallint[], text[], text[], text, text);
drop function search_marked(text, text[]);
drop function search_matched(smallint[], "char"[], text[], smallint);
drop function search_titles(jsonb, tsquery, text[], integer);
drop function search_reading(text[], boolean[], smallint, tsquery, text[], integer);
drop function search_filter(content_type, text[], text[], integer, integer, numeric, numeric, text, text, boolean, text[]);
drop function search_any_of(text, text[]);
drop function search_rank(uuid[], search_correction[], real[], smallint[], text[], text, text, smallint, integer);
drop function search_retrieve(tsquery, tsquery, text[], integer, double precision);
drop function search_has_phrases(text[], text[], uuid);
drop function search_terms(search_correction[], integer[], real);
drop function search_segments(text);
drop function search_word_matches(text, integer);
drop function search_letters(text);
drop table search_synonyms;
drop type search_hit;
drop type search_term;
drop type search_correction;
