-- What titles are found by: one document a title, the words of all names, and the beginnings that suggestions complete.

-- migrate:up

-- Plots are matched by stems, tone marks or not.
create text search configuration plots (copy = english);
alter text search configuration plots alter mapping for hword, hword_part, word with unaccent, english_stem;

-- Words ---------------------------------------------------------------------------------------------------------------

create function search_phonetic(word text) returns text
  language sql immutable strict parallel safe
  return regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    translate(
      replace(replace(regexp_replace(replace(word, 'ph', 'f'), '([sctgd])h', '\1', 'g'), 'x', 'ks'), 'ck', 'k'),
      'qz', 'ks'),
    'c([eiy])', 's\1', 'g'),
    'y|ie|ei|ee|ea', 'i', 'g'),
    'oo|ou|w$', 'u', 'g'),
    '(.)\1+|c', '\1', 'g');
comment on function search_phonetic(text) is
  'A folded word as it sounds, for Nigerian spellings: te/the, taksi/taxi, asewo/ashewo, difficulti/difficulty are one.';

create function search_skeleton(phonetic text) returns text
  language sql immutable strict parallel safe
  return left(phonetic, 1) || regexp_replace(substr(phonetic, 2), '[aeiouhw]', '', 'g');
comment on function search_skeleton(text) is 'The first sound and the consonants: what misspellings of vowels leave alone.';

-- Two words within n edits of each other become equal by deleting at most n letters of each (SymSpell). Of words over 10
-- letters the beginning stands for all, or the number of pairs would run away. Hashes are cut to a number of buckets: that
-- halves the index, and what meets in a bucket by chance is told apart by its distance.
-- In a loop, which takes a fifth of the time of the same as a query.
create function search_deletions(word text, depth integer, buckets integer) returns integer[]
  language plpgsql immutable strict parallel safe
  as $$
  declare
    keys integer[] := array[hashtext(word) & (buckets - 1)];
    rest text;
  begin
    if depth = 0 then return keys; end if;
    for i in 1..length(word) loop
      rest := overlay(word placing '' from i for 1);
      keys := keys || (hashtext(rest) & (buckets - 1));
      if depth > 1 then
        for j in i..length(rest) loop
          keys := keys || (hashtext(overlay(rest placing '' from j for 1)) & (buckets - 1));
        end loop;
      end if;
    end loop;
    return keys;
  end
  $$;
comment on function search_deletions(text, integer, integer) is
  'Hashes, in so many buckets (a power of two), of a word and of all that is left of it after at most so many deletions.';

create function search_word_keys(word text, phonetic text) returns integer[]
  language sql immutable strict parallel safe
  return search_deletions(left(word, 10), case when length(word) <= 5 then 1 else 2 end, 2097152)
    || (hashtext('~' || phonetic) & 2097151)
    || case when length(word) >= 6 then array[hashtext('^' || search_skeleton(phonetic)) & 2097151] else '{}'::integer[] end;
comment on function search_word_keys(text, text) is
  'What a word, with its sound, has in common with its misspellings: one edit up to five letters, two beyond; the sound; its consonants.';

create function search_beginning_keys(word text) returns integer[]
  language plpgsql immutable strict parallel safe
  as $$
  declare
    keys integer[] := '{}';
    beginning text;
  begin
    for n in 3..least(length(word), 8) loop
      beginning := left(word, n);
      keys := keys || (hashtext(beginning) & 262143);
      if n > 3 then
        for i in 1..n loop
          keys := keys || (hashtext(overlay(beginning placing '' from i for 1)) & 262143);
        end loop;
      end if;
    end loop;
    return keys;
  end
  $$;
comment on function search_beginning_keys(text) is 'The same for its beginnings of up to eight letters, with one edit.';

create table search_words (
  word text collate "C" primary key check (length(word) between 1 and 40),
  name_count integer not null,
  person_count integer not null,
  other_count integer not null,
  phonetic text collate "C" not null
);
comment on table search_words is
  'Every word of every name: in how many titles as a word of the title, of a person or character, of a genre, company, state or language (exact after search_refresh_statistics, else at least 1 where it occurs), and how it sounds. The indexes find it when it is misspelt.';
-- The keys live in the indexes alone: rows are read by the hundred to measure distances, and short ones are near each other.
create index search_words_keys_idx on search_words using gin (search_word_keys(word, phonetic)) with (fastupdate = off);
create index search_words_beginning_keys_idx on search_words using gin (search_beginning_keys(word)) with (fastupdate = off);

-- Documents -----------------------------------------------------------------------------------------------------------

create table search_statistics (
  singleton boolean primary key default true check (singleton),
  documents integer not null default 0,
  floor_popularities real[] not null default '{-1,-1,-1}',
  floor_ids uuid[] not null default array_fill('00000000-0000-0000-0000-000000000000'::uuid, array[3])
);
comment on table search_statistics is
  'One row: how many titles there are, and the last title, by popularity, of each tier but the lowest. Until there are statistics every title is of the first.';
insert into search_statistics default values;

-- By being compared as a pair a tier has its size even where many titles are equally popular.
create function search_tier(popularity real, id uuid, floor_popularities real[], floor_ids uuid[]) returns smallint
  language sql immutable parallel safe
  return (3 - ((popularity, id) >= (floor_popularities[1], floor_ids[1]))::integer
            - ((popularity, id) >= (floor_popularities[2], floor_ids[2]))::integer
            - ((popularity, id) >= (floor_popularities[3], floor_ids[3]))::integer)::smallint;
comment on function search_tier(real, uuid, real[], uuid[]) is
  'The tier of a title by popularity: 0 the best known 2,000, 1 up to 24,000, 2 up to 288,000, 3 all others. What would find too much is asked tier by tier until there is enough, so that no word is too common.';

create table search_documents (
  movie_id uuid primary key references movies (id) on delete cascade,
  type content_type not null,
  tier smallint not null,
  popularity real not null,
  release_year smallint,
  story_id uuid not null,
  part_number smallint,
  entry_kinds "char"[] not null,
  entry_lengths smallint[] not null,
  words text[] collate "C" not null,
  word_entries smallint[] not null,
  plot_stems text[] collate "C" not null,
  entry_values text[] not null,
  vector tsvector not null
);
comment on table search_documents is 'What a title is found and ranked by, made by search_refresh from the catalogue''s tables.';
comment on column search_documents.entry_kinds is
  'One letter for each entry of the title: t title, l local title, a alias, m misspelling, h half of a title with a colon or brackets, n the story''s name with the number of the part, y acronym, d director, p actor, w other crew, c character, g genre, o company, s state, x language.';
comment on column search_documents.words is 'The words of all entries in order; word_entries has the entry of each. Between entries stands an empty word.';
comment on column search_documents.vector is
  'Words by where they occur: bare in names, @ people and characters, # genres, companies, state, languages, ^ acronyms, ~ stems of the plot; and = what filters ask for: t type, g genre, l language, y year, s state, d director, r rating, v has reviews, k tier.';
-- What ranking reads stays in the row, uncompressed; the rest moves out where a row is long.
alter table search_documents
  alter column words set storage main, alter column word_entries set storage main, alter column entry_kinds set storage main,
  alter column entry_lengths set storage main, alter column plot_stems set storage main,
  alter column entry_values set storage external, alter column vector set storage external;
create index search_documents_vector_idx on search_documents using gin (vector) with (fastupdate = off);

create table search_names (
  movie_id uuid not null,
  entry smallint not null,
  kind "char" not null,
  folded text collate "C" not null,
  squashed text collate "C" not null,
  primary key (movie_id, entry)
);
comment on table search_names is 'The names of titles, folded; squashed is without spaces.';
create index search_names_squashed_idx on search_names (left(squashed, 200));

create table search_starts (
  tier smallint not null,
  inner_word boolean not null,
  start text collate "C" not null check (length(start) <= 48),
  movie_id uuid not null,
  entry smallint not null,
  kind "char" not null,
  type content_type not null,
  popularity real not null,
  size smallint not null
);
comment on table search_starts is 'Where a name can be begun to be typed: at its start, and (inner_word) at each later word. size is the length of the name.';
create index search_starts_start_idx on search_starts (tier, inner_word, start);
create index search_starts_movie_id_idx on search_starts (movie_id);

-- Foreign keys from these two would be half the time of a bulk load.
create function search_forget() returns trigger
  language plpgsql
  as $$
  begin
    delete from search_names n using gone where n.movie_id = gone.movie_id;
    delete from search_starts s using gone where s.movie_id = gone.movie_id;
    return null;
  end
  $$;
comment on function search_forget() is 'Names and their starts go with their document.';
create trigger search_documents_forget after delete on search_documents
  referencing old table as gone for each statement execute function search_forget();

-- Making them ---------------------------------------------------------------------------------------------------------

create function search_acronyms(words text[]) returns setof text
  language sql immutable parallel safe
  as $$
    select distinct a.acronym from (
      select string_agg(left(w, 1), '' order by o) from unnest(words) with ordinality x (w, o)
      union all
      select string_agg(left(w, 1), '' order by o) from unnest(words) with ordinality x (w, o)
      where w not in ('the', 'a', 'an', 'of', 'and', 'in', 'on', 'to')
    ) a (acronym)
    where length(a.acronym) between 3 and 8
  $$;
comment on function search_acronyms(text[]) is 'The first letters of a name of three words and more, with and without its small words.';

-- Not strict, or it could not be inlined.
create function search_namespace(kind "char") returns text
  language sql immutable parallel safe
  return case when kind in ('t', 'l', 'a', 'm', 'h', 'n') then '' when kind in ('d', 'p', 'w', 'c') then '@' when kind = 'y' then '^' else '#' end;
comment on function search_namespace("char") is 'What words of an entry of this kind begin with in search_documents.vector.';

create function search_entries(ids uuid[]) returns table (movie_id uuid, kind "char", value text, folded text, place integer)
  language sql stable
  as $$
    with titles as materialized (
      select m.id, m.title, m.folded_title, m.local_title, m.production_state, m.part_of, m.part_number
      from movies m where m.id = any (ids)
    ), credits as materialized (
      select c.movie_id, c.person_id, c.character_name, c.role,
        row_number() over (partition by c.movie_id order by c.role = 'actor', c.billing_order, c.id) as nth
      from movie_credits c where c.movie_id = any (ids)
    ), names as materialized (
      select distinct on (n.movie_id, n.folded) n.*
      from (
        select t.id as movie_id, 't'::"char" as kind, t.title as value, t.folded_title as folded, 0 as place from titles t
        union all
        select t.id, 'l', t.local_title, fold(t.local_title), 1 from titles t where t.local_title is not null
        union all
        select a.movie_id, case a.kind when 'misspelling' then 'm' else 'a' end::"char", a.name, fold(a.name), 2 + a.position
        from movie_aliases a where a.movie_id = any (ids)
        union all
        select t.id, 'm', t.title, fold(replace(t.title, '&', ' ')), 49 from titles t where t.title like '%&%'
        union all
        select t.id, 'h', half, fold(half), 50
        from titles t cross join lateral regexp_split_to_table(t.title, '\s*[:;()\u2013\u2014]\s*|\s+-\s+') half
        where t.title ~ '[:;(\u2013\u2014]|\s-\s' and length(half) > 1
        union all
        select t.id, 'n', first.title || ' ' || t.part_number, first.folded_title || ' ' || t.part_number, 51
        from titles t join movies first on first.id = t.part_of where t.part_of is not null
      ) n
      where n.folded <> ''
      order by n.movie_id, n.folded, n.place
    ), people_of as materialized (
      select c.movie_id, c.person_id, min(c.nth) as nth, min(case c.role when 'director' then 1 when 'actor' then 2 else 3 end) as part from credits c where c.nth <= 80 group by c.movie_id, c.person_id
    ), folded_genres as materialized (
      select g.id, g.name, fold(g.name) as folded from genres g
    ), folded_languages as materialized (
      select l.code, l.name, fold(l.name) as folded from languages l
    ), folded_companies as materialized (
      select c.id, c.name, fold(c.name) as folded from companies c
      where c.id in (select company_id from movie_companies where movie_id = any (ids))
    ), person_names as materialized (
      select p.id, p.name, fold(p.name) as folded from people p where p.id in (select person_id from people_of)
      union all
      select a.person_id, a.name, fold(a.name) from person_aliases a where a.person_id in (select person_id from people_of)
    )
    select * from names
    union all
    select distinct on (n.movie_id, a.acronym) n.movie_id, 'y'::"char", a.acronym, a.acronym, 100
    from names n cross join lateral search_acronyms(string_to_array(n.folded, ' ')) a (acronym)
    where n.kind in ('t', 'l', 'a', 'h') and n.folded like '% % %'
    union all
    select o.movie_id, (array['d', 'p', 'w'])[o.part]::"char", p.name, p.folded, 200 + o.nth::integer from people_of o join person_names p on p.id = o.person_id
    union all
    select c.movie_id, 'c', c.character_name, fold(c.character_name), 300 + min(c.nth)::integer
    from credits c where c.character_name is not null and c.nth <= 40 group by c.movie_id, c.character_name
    union all
    select mg.movie_id, 'g', g.name, g.folded, 400 from movie_genres mg join folded_genres g on g.id = mg.genre_id where mg.movie_id = any (ids)
    union all
    select mc.movie_id, 'o', c.name, c.folded, 500 + mc.position
    from movie_companies mc join folded_companies c on c.id = mc.company_id where mc.movie_id = any (ids)
    union all
    select ml.movie_id, 'x', l.name, l.folded, 600 from movie_languages ml join folded_languages l on l.code = ml.language where ml.movie_id = any (ids)
    union all
    select t.id, 's', t.production_state, fold(t.production_state), 700 from titles t where t.production_state is not null
  $$;
comment on function search_entries(uuid[]) is 'All that titles are known by, in the order of their documents'' entries. Of a long cast the first 80 credits count.';

create function search_filter_lexemes(ids uuid[]) returns table (movie_id uuid, lexemes text[])
  language sql stable
  as $$
    select f.id, array_agg(f.lexeme) from (
      select m.id, '=t' || m.type as lexeme from movies m where m.id = any (ids)
      union all select m.id, '=y' || m.release_year from movies m where m.id = any (ids) and m.release_year is not null
      union all select m.id, '=s' || fold(m.production_state) from movies m where m.id = any (ids) and m.production_state is not null
      union all select s.movie_id, '=v' from movie_stats s where s.movie_id = any (ids) and s.review_count > 0
      union all select s.movie_id, '=r' || s.lemon_pie_rating from movie_stats s where s.movie_id = any (ids) and s.lemon_pie_rating is not null
      union all select mg.movie_id, '=g' || g.slug from movie_genres mg join genres g on g.id = mg.genre_id where mg.movie_id = any (ids)
      union all select ml.movie_id, '=l' || ml.language from movie_languages ml where ml.movie_id = any (ids)
      union all select c.movie_id, '=d' || c.person_id from movie_credits c where c.movie_id = any (ids) and c.role = 'director'
    ) f
    group by f.id
  $$;
comment on function search_filter_lexemes(uuid[]) is 'What filters can ask of titles, as lexemes of their documents.';

-- Words are put together and cut apart as text, for whole titles at a time: a tenth of the rows to handle.
create function search_write_documents(ids uuid[]) returns void
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
comment on function search_write_documents(uuid[]) is 'Writes the documents and names of titles; their former names must be gone.';

create function search_write_starts(ids uuid[]) returns void
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
comment on function search_write_starts(uuid[]) is 'Writes where the names of titles can be begun to be typed.';

-- In the order of the words, or two writers who add the same ones would wait for each other.
create function search_write_words(ids uuid[]) returns void
  language sql
  as $$
    with found as materialized (
      select ltrim(l, '@#') as word, bool_or(left(l, 1) not in ('@', '#'))::integer as names, bool_or(left(l, 1) = '@')::integer as people,
        bool_or(left(l, 1) = '#')::integer as others
      from search_documents d cross join lateral unnest(tsvector_to_array(d.vector)) l
      where d.movie_id = any (ids) and left(l, 1) not in ('=', '~', '^')
      group by 1
    )
    insert into search_words as w (word, name_count, person_count, other_count, phonetic)
    select f.word, f.names, f.people, f.others, search_phonetic(f.word)
    from found f
    where not exists (
      select from search_words o where o.word = f.word
        and o.name_count >= f.names and o.person_count >= f.people and o.other_count >= f.others)
    order by f.word
    on conflict (word) do update set name_count = greatest(w.name_count, excluded.name_count),
      person_count = greatest(w.person_count, excluded.person_count), other_count = greatest(w.other_count, excluded.other_count)
  $$;
comment on function search_write_words(uuid[]) is 'Adds the words of titles that are new.';

-- Whoever comes second waits here, and then sees what the first has written.
create function search_refresh(ids uuid[]) returns void
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
comment on function search_refresh(uuid[]) is 'Makes what titles are found by anew.';

create function search_refresh_tiers() returns void
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
comment on function search_refresh_tiers() is 'Counts the titles and measures the tiers, but moves no title.';

create function search_move_documents(ids uuid[]) returns void
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
comment on function search_move_documents(uuid[]) is 'Gives titles, or all (null), the tier that their popularity now has. Half a hundredth of popularity isn''t worth a write.';

create function search_count_words() returns void
  language sql
  as $$
    with counted as materialized (
      select ltrim(l.word, '@#') as word,
        coalesce(sum(l.ndoc) filter (where left(l.word, 1) not in ('@', '#')), 0) as names,
        coalesce(sum(l.ndoc) filter (where left(l.word, 1) = '@'), 0) as people,
        coalesce(sum(l.ndoc) filter (where left(l.word, 1) = '#'), 0) as others
      from ts_stat('select vector from search_documents') l where left(l.word, 1) not in ('=', '~', '^') group by 1
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
comment on function search_count_words() is 'Counts in how many titles each word occurs, adds those that are new and forgets those that occur in none.';

create function search_refresh_statistics() returns void
  language sql
  as $$ select search_refresh_tiers(); select search_move_documents(null); select search_count_words() $$;
comment on function search_refresh_statistics() is
  'Counts titles and words and sorts titles into tiers anew. Run it after bulk loads and now and then: the counts weigh words, they don''t decide what is found.';

-- Indexes are built over all rows at the end, which takes a third of the time.
create function search_refresh_all() returns void
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
comment on function search_refresh_all() is
  'Makes the whole index anew: after a bulk load, for which lemonnpie.search_index was ''deferred''. Nobody can search meanwhile.';

-- Keeping them ----------------------------------------------------------------------------------------------------------

create function search_is_deferred() returns boolean
  language sql stable
  return coalesce(current_setting('lemonnpie.search_index', true), '') = 'deferred';
comment on function search_is_deferred() is
  'Whether this transaction has said that it will refresh by itself: set local lemonnpie.search_index = ''deferred''.';

-- One function for all tables: a trigger's rows are called "changed", the columns that matter are named by its table.
create function search_follow() returns trigger
  language plpgsql
  as $$
  declare
    ids uuid[];
  begin
    if search_is_deferred() then return null; end if;
    case tg_table_name
      when 'movies' then
        ids := array(select id from changed union select m.id from movies m join changed c on m.part_of = c.id);
      when 'people' then
        ids := array(select distinct mc.movie_id from movie_credits mc join changed c on mc.person_id = c.id);
      when 'person_aliases' then
        ids := array(select distinct mc.movie_id from movie_credits mc join changed c on mc.person_id = c.person_id);
      when 'companies' then
        ids := array(select distinct mc.movie_id from movie_companies mc join changed c on mc.company_id = c.id);
      when 'genres' then
        ids := array(select distinct mg.movie_id from movie_genres mg join changed c on mg.genre_id = c.id);
      when 'languages' then
        ids := array(select distinct ml.movie_id from movie_languages ml join changed c on ml.language = c.code);
      else
        ids := array(select distinct movie_id from changed);
    end case;
    if cardinality(ids) > 0 then perform search_refresh(ids); end if;
    return null;
  end
  $$;
comment on function search_follow() is 'Refreshes the titles that a statement''s rows belong to.';

-- Of a title and of what many titles share, only some columns matter.
create function search_follow_update() returns trigger
  language plpgsql
  as $$
  declare
    ids uuid[];
  begin
    if search_is_deferred() then return null; end if;
    case tg_table_name
      when 'movies' then
        with differing as (
          select n.id from changed n join former o on o.id = n.id
          where (n.type, n.title, n.local_title, n.release_year, n.plot_summary, n.production_state, n.part_of, n.part_number)
            is distinct from (o.type, o.title, o.local_title, o.release_year, o.plot_summary, o.production_state, o.part_of, o.part_number)
        )
        select array(select d.id from differing d union select m.id from movies m join differing d on m.part_of = d.id) into ids;
      when 'people' then
        ids := array(select distinct mc.movie_id from movie_credits mc
          join changed n on n.id = mc.person_id join former o on o.id = n.id where n.name <> o.name);
      when 'companies' then
        ids := array(select distinct mc.movie_id from movie_companies mc
          join changed n on n.id = mc.company_id join former o on o.id = n.id where n.name <> o.name);
      when 'genres' then
        ids := array(select distinct mg.movie_id from movie_genres mg
          join changed n on n.id = mg.genre_id join former o on o.id = n.id where (n.name, n.slug) <> (o.name, o.slug));
      when 'languages' then
        ids := array(select distinct ml.movie_id from movie_languages ml
          join changed n on n.code = ml.language join former o on o.code = n.code where n.name <> o.name);
      when 'person_aliases' then
        ids := array(select mc.movie_id from movie_credits mc join changed n on n.person_id = mc.person_id
          union select mc.movie_id from movie_credits mc join former o on o.person_id = mc.person_id);
      else
        ids := array(select movie_id from changed union select movie_id from former);
    end case;
    if cardinality(ids) > 0 then perform search_refresh(ids); end if;
    return null;
  end
  $$;
comment on function search_follow_update() is 'The same for updates: rows as they were, and as they are now.';

-- Reviews change these rows often: only what filters or ranks is followed.
create function search_follow_stats() returns trigger
  language plpgsql
  as $$
  declare
    rated uuid[];
  begin
    if search_is_deferred() then return null; end if;
    rated := array(select n.movie_id from changed n join former o on o.movie_id = n.movie_id
      where (n.lemon_pie_rating, n.review_count > 0) is distinct from (o.lemon_pie_rating, o.review_count > 0));
    if cardinality(rated) > 0 then
      perform from search_documents d where d.movie_id = any (rated) order by d.movie_id for update;
      update search_documents d set vector = array_to_tsvector(
        array(select l from unnest(tsvector_to_array(d.vector)) l where left(l, 2) not in ('=r', '=v'))
        || case when s.review_count > 0 then array['=v'] else '{}' end
        || case when s.lemon_pie_rating is not null then array['=r' || s.lemon_pie_rating] else '{}' end)
      from movie_stats s where s.movie_id = d.movie_id and d.movie_id = any (rated);
    end if;
    perform search_move_documents(array(select n.movie_id from changed n join former o on o.movie_id = n.movie_id
      where n.popularity <> o.popularity order by n.movie_id));
    return null;
  end
  $$;
comment on function search_follow_stats() is 'Follows ratings and popularity.';

create trigger movies_search_insert after insert on movies
  referencing new table as changed for each statement execute function search_follow();
create trigger movie_aliases_search_insert after insert on movie_aliases
  referencing new table as changed for each statement execute function search_follow();
create trigger movie_credits_search_insert after insert on movie_credits
  referencing new table as changed for each statement execute function search_follow();
create trigger movie_genres_search_insert after insert on movie_genres
  referencing new table as changed for each statement execute function search_follow();
create trigger movie_languages_search_insert after insert on movie_languages
  referencing new table as changed for each statement execute function search_follow();
create trigger movie_companies_search_insert after insert on movie_companies
  referencing new table as changed for each statement execute function search_follow();
create trigger person_aliases_search_insert after insert on person_aliases
  referencing new table as changed for each statement execute function search_follow();
create trigger movie_aliases_search_delete after delete on movie_aliases
  referencing old table as changed for each statement execute function search_follow();
create trigger movie_credits_search_delete after delete on movie_credits
  referencing old table as changed for each statement execute function search_follow();
create trigger movie_genres_search_delete after delete on movie_genres
  referencing old table as changed for each statement execute function search_follow();
create trigger movie_languages_search_delete after delete on movie_languages
  referencing old table as changed for each statement execute function search_follow();
create trigger movie_companies_search_delete after delete on movie_companies
  referencing old table as changed for each statement execute function search_follow();
create trigger person_aliases_search_delete after delete on person_aliases
  referencing old table as changed for each statement execute function search_follow();
create trigger movies_search_update after update on movies
  referencing old table as former new table as changed for each statement execute function search_follow_update();
create trigger movie_aliases_search_update after update on movie_aliases
  referencing old table as former new table as changed for each statement execute function search_follow_update();
create trigger movie_credits_search_update after update on movie_credits
  referencing old table as former new table as changed for each statement execute function search_follow_update();
create trigger movie_genres_search_update after update on movie_genres
  referencing old table as former new table as changed for each statement execute function search_follow_update();
create trigger movie_languages_search_update after update on movie_languages
  referencing old table as former new table as changed for each statement execute function search_follow_update();
create trigger movie_companies_search_update after update on movie_companies
  referencing old table as former new table as changed for each statement execute function search_follow_update();
create trigger person_aliases_search_update after update on person_aliases
  referencing old table as former new table as changed for each statement execute function search_follow_update();
create trigger people_search_update after update on people
  referencing old table as former new table as changed for each statement execute function search_follow_update();
create trigger companies_search_update after update on companies
  referencing old table as former new table as changed for each statement execute function search_follow_update();
create trigger genres_search_update after update on genres
  referencing old table as former new table as changed for each statement execute function search_follow_update();
create trigger languages_search_update after update on languages
  referencing old table as former new table as changed for each statement execute function search_follow_update();
create trigger movie_stats_search_update after update on movie_stats
  referencing old table as former new table as changed for each statement execute function search_follow_stats();

-- What is there already.
select search_refresh_all() where exists (select from movies);

-- migrate:down
drop trigger movies_search_insert on movies;
drop trigger movie_aliases_search_insert on movie_aliases;
drop trigger movie_credits_search_insert on movie_credits;
drop trigger movie_genres_search_insert on movie_genres;
drop trigger movie_languages_search_insert on movie_languages;
drop trigger movie_companies_search_insert on movie_companies;
drop trigger person_aliases_search_insert on person_aliases;
drop trigger movie_aliases_search_delete on movie_aliases;
drop trigger movie_credits_search_delete on movie_credits;
drop trigger movie_genres_search_delete on movie_genres;
drop trigger movie_languages_search_delete on movie_languages;
drop trigger movie_companies_search_delete on movie_companies;
drop trigger person_aliases_search_delete on person_aliases;
drop trigger movies_search_update on movies;
drop trigger movie_aliases_search_update on movie_aliases;
drop trigger movie_credits_search_update on movie_credits;
drop trigger movie_genres_search_update on movie_genres;
drop trigger movie_languages_search_update on movie_languages;
drop trigger movie_companies_search_update on movie_companies;
drop trigger person_aliases_search_update on person_aliases;
drop trigger people_search_update on people;
drop trigger companies_search_update on companies;
drop trigger genres_search_update on genres;
drop trigger languages_search_update on languages;
drop trigger movie_stats_search_update on movie_stats;
drop function search_follow_stats();
drop function search_follow_update();
drop function search_follow();
drop function search_is_deferred();
drop function search_refresh_all();
drop function search_refresh_statistics();
drop function search_count_words();
drop function search_move_documents(uuid[]);
drop function search_refresh_tiers();
drop function search_refresh(uuid[]);
drop function search_write_words(uuid[]);
drop function search_write_starts(uuid[]);
drop function search_write_documents(uuid[]);
drop function search_filter_lexemes(uuid[]);
drop function search_entries(uuid[]);
drop function search_namespace("char");
drop function search_acronyms(text[]);
drop function search_tier(real, uuid, real[], uuid[]);
drop table search_words;
drop function search_beginning_keys(text);
drop function search_word_keys(text, text);
drop function search_deletions(text, integer, integer);
drop function search_skeleton(text);
drop function search_phonetic(text);
drop table search_starts;
drop table search_names;
drop table search_documents;
drop function search_forget();
drop table search_statistics;
drop text search configuration plots;
