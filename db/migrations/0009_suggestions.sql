-- Suggestions while a query is being typed: names that begin so, and names that begin so but for a slip of the finger.

-- migrate:up

create type search_suggestion as (movie_id uuid, score real, entry smallint);
comment on type search_suggestion is 'A title to suggest, and the name of it (the entry of its document) that was begun to be typed.';

-- The tiers bound it: a branch is only looked at when those before it haven't given enough, so that where there are many
-- titles nobody looks beyond the first tiers, and where all four are looked at the beginning is rare.
create function suggest_starting(beginnings text[], certainties real[], whole_word boolean, wanted_type content_type, inner_words boolean, wanted integer)
  returns search_suggestion[]
  language sql stable
  as $$
    select array(
      select (f.movie_id, (b.certainty * case when inner_words then 0.86 else 1 end + 0.2 * f.popularity
        + 0.1 * least(1, length(b.beginning)::real / f.size)
        - case f.kind when 't' then 0 when 'l' then 0.01 else 0.03 end)::real, f.entry)::search_suggestion
      from unnest(beginnings, certainties) b (beginning, certainty)
      cross join lateral (
        select * from (
          (select s.movie_id, s.entry, s.popularity, s.size, s.kind from search_starts s
           where s.tier = 0 and s.inner_word = inner_words
             and s.start >= left(b.beginning, 48) and s.start < left(b.beginning, 48) || U&'\+10FFFF'
             and (wanted_type is null or s.type = wanted_type)
             and (not whole_word or length(s.start) = length(b.beginning) or substr(s.start, length(b.beginning) + 1, 1) = ' ')
           order by s.popularity desc, s.movie_id limit wanted)
          union all
          (select s.movie_id, s.entry, s.popularity, s.size, s.kind from search_starts s
           where s.tier = 1 and s.inner_word = inner_words
             and s.start >= left(b.beginning, 48) and s.start < left(b.beginning, 48) || U&'\+10FFFF'
             and (wanted_type is null or s.type = wanted_type)
             and (not whole_word or length(s.start) = length(b.beginning) or substr(s.start, length(b.beginning) + 1, 1) = ' ')
           order by s.popularity desc, s.movie_id limit wanted)
          union all
          (select s.movie_id, s.entry, s.popularity, s.size, s.kind from search_starts s
           where s.tier = 2 and s.inner_word = inner_words
             and s.start >= left(b.beginning, 48) and s.start < left(b.beginning, 48) || U&'\+10FFFF'
             and (wanted_type is null or s.type = wanted_type)
             and (not whole_word or length(s.start) = length(b.beginning) or substr(s.start, length(b.beginning) + 1, 1) = ' ')
           order by s.popularity desc, s.movie_id limit wanted)
          union all
          (select s.movie_id, s.entry, s.popularity, s.size, s.kind from search_starts s
           where s.tier = 3 and s.inner_word = inner_words
             and s.start >= left(b.beginning, 48) and s.start < left(b.beginning, 48) || U&'\+10FFFF'
             and (wanted_type is null or s.type = wanted_type)
             and (not whole_word or length(s.start) = length(b.beginning) or substr(s.start, length(b.beginning) + 1, 1) = ' ')
           order by s.popularity desc, s.movie_id limit wanted)
        ) t
        limit wanted
      ) f)
  $$;
comment on function suggest_starting(text[], real[], boolean, content_type, boolean, integer) is
  'For each beginning the best known titles with a name (inner_words: a later word of a name) that starts so. whole_word: and a word ends there.';

create function suggest_beginnings(typed text, wanted integer) returns table (beginning text, confidence real)
  language sql stable
  as $$
    select x.beginning, max(x.confidence)::real
    from (
      select left(w.word, k.letters) as beginning, w.name_count,
        0.95 - 0.9 / length(typed) - case when left(w.word, 1) = left(typed, 1) then 0 else 0.03 end as confidence
      from search_words w
      cross join lateral (
        select l.letters
        from (
          select n as letters, levenshtein_less_equal(left(w.word, n), typed, 2) as distance
          from generate_series(length(typed) - 1, least(length(w.word), length(typed) + 1)) n
        ) l
        where l.distance <= 1 or l.letters = length(typed) and l.distance = 2
          and translate(left(w.word, l.letters), typed, '') = '' and translate(typed, left(w.word, l.letters), '') = ''
        order by l.distance, abs(l.letters - length(typed)) limit 1
      ) k
      where search_beginning_keys(w.word) && search_deletions(left(typed, 8), 1, 262144) and w.name_count > 0
    ) x
    group by x.beginning
    order by max(x.confidence) + 0.03 * log(1 + sum(x.name_count)) desc, x.beginning
    limit wanted
  $$;
comment on function suggest_beginnings(text, integer) is
  'Beginnings of words of names from which a beginning of three letters and more differs by one edit.';

-- No single edit at its start can part a name from what was typed in all four of the first letters' pairings, which are
-- far cheaper to compare than distances.
create function suggest_nearly(typed text, wanted_type content_type, wanted integer) returns search_suggestion[]
  language sql stable
  as $$
    select array(
      select (n.movie_id, (0.9 * (1 - 0.8 * n.edits / length(typed)) + 0.2 * n.popularity
        + 0.03 * least(1, length(typed)::real / n.size))::real, n.entry)::search_suggestion
      from (
        select s.movie_id, s.entry, s.popularity, s.size,
          case when e.edits = 2 and translate(left(s.start, length(typed)), typed, '') = '' and translate(typed, left(s.start, length(typed)), '') = ''
            then 1.0 else e.edits end as edits
        from search_starts s
        cross join lateral (
          select least(levenshtein_less_equal(left(s.start, length(typed)), typed, 2),
            levenshtein_less_equal(left(s.start, length(typed) - 1), typed, 2),
            levenshtein_less_equal(left(s.start, length(typed) + 1), typed, 2)) as edits
        ) e
        where s.tier = 0 and not s.inner_word and (wanted_type is null or s.type = wanted_type) and s.kind in ('t', 'l', 'a')
          and (left(s.start, 1) in (left(typed, 1), substr(typed, 2, 1)) or substr(s.start, 2, 1) in (left(typed, 1), substr(typed, 2, 1)))
          and levenshtein_less_equal(left(s.start, length(typed)), typed, 3) <= 3
      ) n
      where n.edits <= case when length(typed) < 8 then 1 else 2 end
      order by n.edits, n.popularity desc, n.movie_id
      limit wanted)
  $$;
comment on function suggest_nearly(text, content_type, integer) is
  'The best known titles, those of the first tier, with a name that begins nearly so.';

create function suggest_titles(typed text, whole_word boolean, wanted_type content_type, wanted integer)
  returns setof search_suggestion
  language plpgsql stable
  set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan
  as $$
  declare
    beginning text := fold(left(typed, 200));
    tokens text[];
    last_token text;
    joined text;
    found search_suggestion[];
    beginnings text[] := array[''];
    certainties real[] := array[1.0];
  begin
    if beginning = '' then return; end if;
    found := suggest_starting(array[beginning], array[1.0]::real[], whole_word, wanted_type, false, 2 * wanted)
      || suggest_starting(array[beginning], array[1.0]::real[], whole_word, wanted_type, true, 2 * wanted);

    -- Word by word as it may have been meant, then all of it.
    if (select count(distinct f.movie_id) from unnest(found) f) < wanted then
      tokens := (string_to_array(beginning, ' '))[1:8];
      last_token := left(tokens[cardinality(tokens)], 40);
      for i in 1..cardinality(tokens) - case when whole_word then 0 else 1 end loop
        select array_agg(x.text order by x.certainty desc, x.text), array_agg(x.certainty order by x.certainty desc, x.text)
        into beginnings, certainties
        from (
          select b.text || m.word || ' ' as text, b.certainty * m.confidence as certainty
          from unnest(beginnings, certainties) b (text, certainty)
          cross join (
            select tokens[i] as word, 1.0::real as confidence
            union all
            (select w.word, w.confidence from search_word_matches(left(tokens[i], 40), 6) w where w.name_count > 0 and w.confidence > 0.5 limit 4)
          ) m
          order by certainty desc, text limit 16
        ) x;
      end loop;
      if whole_word then
        beginnings := array(select rtrim(b) from unnest(beginnings) with ordinality u (b, o) order by o);
      else
        select array_agg(x.text order by x.certainty desc, x.text), array_agg(x.certainty order by x.certainty desc, x.text)
        into beginnings, certainties
        from (
          select b.text || m.beginning as text, b.certainty * m.confidence as certainty
          from unnest(beginnings, certainties) b (text, certainty)
          cross join (
            select last_token as beginning, 1.0::real as confidence
            union all
            select w.beginning, w.confidence from suggest_beginnings(last_token, 6) w where length(last_token) >= 3
          ) m
          order by certainty desc, text limit 24
        ) x;
      end if;
      -- What was typed itself was asked for above.
      select array_agg(x.text order by x.certainty desc), array_agg(0.9 * x.certainty order by x.certainty desc) into beginnings, certainties
      from unnest(beginnings, certainties) x (text, certainty) where x.text <> beginning;
      found := found || suggest_starting(beginnings, certainties, whole_word, wanted_type, false, wanted);
      if (select count(distinct f.movie_id) from unnest(found) f) < wanted then
        found := found || suggest_starting(beginnings[1:8], certainties[1:8], whole_word, wanted_type, true, wanted);
      end if;
      if (select count(distinct f.movie_id) from unnest(found) f) < least(3, wanted) and length(beginning) between 4 and 40 then
        found := found || suggest_nearly(beginning || case when whole_word then ' ' else '' end, wanted_type, wanted);
      end if;
      joined := left(replace(beginning, ' ', ''), 100);
      if (select count(distinct f.movie_id) from unnest(found) f) < wanted and length(joined) >= 4 then
        found := found || array(
          select (n.movie_id, (0.8 + 0.2 * d.popularity)::real, n.entry)::search_suggestion
          from (
            select s.movie_id, s.entry from search_names s
            where left(s.squashed, 200) >= joined and left(s.squashed, 200) < joined || U&'\+10FFFF' limit 200
          ) n
          join search_documents d on d.movie_id = n.movie_id
          where wanted_type is null or d.type = wanted_type
          order by d.popularity desc, d.movie_id limit wanted);
      end if;
    end if;
    return query
      select b.movie_id, b.score, b.entry
      from (
        select distinct on (f.movie_id) f.movie_id, f.score, f.entry from unnest(found) f order by f.movie_id, f.score desc, f.entry
      ) b
      order by b.score desc, b.movie_id limit wanted;
  end
  $$;
comment on function suggest_titles(text, boolean, content_type, integer) is
  'Titles of a type, or of any (null), that what has been typed may become, likeliest first. whole_word: its last word is finished.';

-- migrate:down
drop function suggest_titles(text, boolean, content_type, integer);
drop function suggest_nearly(text, content_type, integer);
drop function suggest_beginnings(text, integer);
drop function suggest_starting(text[], real[], boolean, content_type, boolean, integer);
drop type search_suggestion;
