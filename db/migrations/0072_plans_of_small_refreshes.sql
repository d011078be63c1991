-- What editors write is found at less cost: the search is refreshed for a title or a few by plans that are kept.

-- migrate:up

create or replace function search_refresh(ids uuid[]) returns void
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  begin
    -- Planning the refresh of one title takes several times as long as doing it; of thousands it decides how long it takes.
    if cardinality(ids) <= 10 then
      perform set_config('plan_cache_mode', 'force_generic_plan', true);
    end if;
    perform from search_documents d where d.movie_id = any (ids) order by d.movie_id for update;
    perform search_forget_common(ids);
    delete from search_names n where n.movie_id = any (ids);
    delete from search_starts s where s.movie_id = any (ids);
    perform search_write_documents(ids);
    perform search_write_starts(ids);
    perform search_write_words(ids);
    perform search_forget_common(ids);
  end
  $$;

-- migrate:down

create or replace function search_refresh(ids uuid[]) returns void
  language plpgsql
  set plan_cache_mode = force_custom_plan
  as $$
  begin
    perform from search_documents d where d.movie_id = any (ids) order by d.movie_id for update;
    perform search_forget_common(ids);
    delete from search_names n where n.movie_id = any (ids);
    delete from search_starts s where s.movie_id = any (ids);
    perform search_write_documents(ids);
    perform search_write_starts(ids);
    perform search_write_words(ids);
    perform search_forget_common(ids);
  end
  $$;
