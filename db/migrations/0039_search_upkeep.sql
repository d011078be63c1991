-- Two steps of the search's upkeep by their indexes and by one pass.

-- migrate:up
-- The planner takes the table for too small to be worth an index; it is not, for its rows are wide.
create or replace function search_forget_common(ids uuid[]) returns void
  language sql
  set enable_seqscan = off
  as $$
    delete from search_common_words c
    where c.word = any (array(select w from search_documents d cross join lateral unnest(d.words) w where d.movie_id = any (ids)))
      or c.stem = any (array(select s from search_documents d cross join lateral unnest(d.plot_stems) s where d.movie_id = any (ids)))
  $$;

create or replace function search_forget() returns trigger
  language plpgsql
  set enable_seqscan = off
  as $$
  begin
    delete from search_names n using gone where n.movie_id = gone.movie_id;
    delete from search_starts s using gone where s.movie_id = gone.movie_id;
    delete from search_common_words c
    where c.word = any (array(select w from gone cross join lateral unnest(gone.words) w))
      or c.stem = any (array(select s from gone cross join lateral unnest(gone.plot_stems) s));
    return null;
  end
  $$;

-- ts_stat keeps its words in a tree that is never balanced, and titles come with their words sorted.
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

-- migrate:down
create or replace function search_count_words() returns void
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

create or replace function search_forget_common(ids uuid[]) returns void
  language sql
  as $$
    delete from search_common_words c
    where c.word in (select w from search_documents d cross join lateral unnest(d.words) w where d.movie_id = any (ids))
      or c.stem in (select s from search_documents d cross join lateral unnest(d.plot_stems) s where d.movie_id = any (ids))
  $$;
