-- Most names are plain words, and folding one is then no more than writing it small: a fifth of the time.

-- migrate:up
-- Not strict, or it could not be inlined: CASE is not. Null still gives null.
create or replace function fold(value text) returns text
  language sql immutable parallel safe
  as $$
    select case when value ~ '^[A-Za-z0-9]+( [A-Za-z0-9]+)*$' then lower(value)
      else btrim(regexp_replace(
        replace(
          translate(
            lower(public.unaccent_immutable(regexp_replace(normalize(value, nfd), '[\u0300-\u036f]', '', 'g'))),
            '''’‘ʼʻ`´ʹ′', ''),
          '&', ' and '),
        '[^[:alnum:]]+', ' ', 'g')) end
  $$;

-- migrate:down
create or replace function fold(value text) returns text
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
