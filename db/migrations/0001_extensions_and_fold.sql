-- Extensions, and the one fold that every name and every query goes through.

-- migrate:up
create extension if not exists pg_trgm;
create extension if not exists unaccent;
create extension if not exists fuzzystrmatch;
create extension if not exists btree_gin;

-- unaccent(text) is only STABLE because its dictionary is looked up on the search path. Naming the dictionary with its
-- schema makes the result depend on the argument alone, which is what an index needs.
create function unaccent_immutable(value text) returns text
  language sql immutable strict parallel safe
  as $$ select public.unaccent('public.unaccent'::regdictionary, value) $$;
comment on function unaccent_immutable(text) is 'unaccent with its dictionary named, so that indexes may use it.';

-- normalize() first composes, so that a letter typed as base + combining marks and the composed letter fold alike; what
-- marks are still left (a dot below and a tone above never compose into one) are then removed as characters.
create function fold(value text) returns text
  language sql immutable strict parallel safe
  as $$
    select btrim(regexp_replace(
      replace(
        translate(
          lower(public.unaccent_immutable(regexp_replace(normalize(value, nfd), '[\u0300-\u036f]', '', 'g'))),
          '''’‘ʼʻ`´ʹ′', ''),
        '&', ' and '),
      '[^[:alnum:]]+', ' ', 'g'))
  $$;
comment on function fold(text) is
  'Lower case, no diacritics, no apostrophes, & as "and", every other mark a single space: how names and queries are compared.';

-- migrate:down
drop function fold(text);
drop function unaccent_immutable(text);
drop extension if exists btree_gin;
drop extension if exists fuzzystrmatch;
drop extension if exists unaccent;
drop extension if exists pg_trgm;
