-- Cheaper ranking: words of documents are matched in one join, and what begins or looks like a query is looked for in less.

-- migrate:up
-- The whole names of the first tier are read through for what is nearly the query, by searches and by suggestions.
create index search_starts_best_idx on search_starts (size) include (start, movie_id, entry, kind, type, popularity)
  where tier = 0 and not inner_word;

-- Looking a word up in each document's array costs more than one join from the third word on. Unnesting in the list of
-- columns, unlike a function in from, keeps no rows of its own.
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

-- With more words than four typed, enough of them are whole for the others to be found by these.
create or replace function search_unfinished(reading jsonb, filter tsquery) returns setof search_answer
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
    where length(fold(typed.text)) >= 3 and fold(typed.text) not like '% % % % %' and (filter is null or d.vector @@ filter)
  $$;
comment on function search_unfinished(jsonb, tsquery) is
  'The 20 likeliest titles with a name that begins as a reading does, as answers of search_titles; of fewer than three letters or more than four words none.';

-- migrate:down
create or replace function search_unfinished(reading jsonb, filter tsquery) returns setof search_answer
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
      where cardinality(corrections) <= 8 and (cardinality(lengths) > 1 or cardinality(corrections) > 1)
      union all
      select d.movie_id, w.entry, d.entry_kinds[w.entry], d.entry_lengths[w.entry], c.position, c.confidence, c.share
      from cand d cross join lateral unnest(d.words, d.word_entries) w (word, entry) join corr c on c.word = w.word
      where cardinality(corrections) > 8
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

drop index search_starts_best_idx;
