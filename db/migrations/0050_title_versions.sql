-- Which version of a title an editor has read: two of them must not undo each other's work unseen.

-- migrate:up
alter table movies add column version integer not null default 1 check (version >= 1);
comment on column movies.version is 'Grows with every change of the title or one of its lists; the ETag of a title carries it.';

-- Whoever changes a list of a title touches its row as well. In the database, so that no writer forgets it.
create function movies_count_version() returns trigger
  language plpgsql
  as $$
  begin
    new.version := old.version + 1;
    return new;
  end
  $$;
comment on function movies_count_version() is 'Counts the changes of a title.';
create trigger movies_count_version before update on movies for each row execute function movies_count_version();

-- migrate:down
drop trigger movies_count_version on movies;
drop function movies_count_version();
alter table movies drop column version;
