// The seed design's own search (section 5 of the design that this system grew from), on the same rows, to compare with.
import type pg from 'pg'

const setup = `
create schema if not exists seed_design;
create table seed_design.movies as
  select m.id, m.title, m.local_title, m.release_date, m.runtime, m.plot_summary, m.poster_url, m.trailer_url,
    (select string_agg(p.name, ', ') from public.movie_credits c join public.people p on p.id = c.person_id
      where c.movie_id = m.id and c.role = 'director') as director,
    (select string_agg(p.name, ', ') from public.movie_credits c join public.people p on p.id = c.person_id
      where c.movie_id = m.id and c.role = 'producer') as producer,
    (select string_agg(k.name, ', ') from public.movie_companies mk join public.companies k on k.id = mk.company_id
      where mk.movie_id = m.id) as production_company,
    m.production_state, m.box_office_ng, m.type, s.lemon_pie_rating, m.created_at, m.updated_at
  from public.movies m join public.movie_stats s on s.movie_id = m.id;
alter table seed_design.movies add primary key (id);
create table seed_design.movie_search_index as
  select id as movie_id,
    to_tsvector('english', coalesce(title, '') || ' ' || coalesce(local_title, '') || ' ' || coalesce(director, '') || ' ' ||
      coalesce(producer, '') || ' ' || coalesce(production_company, '') || ' ' || coalesce(production_state, '')) as search_vector,
    to_tsvector('english', coalesce(title, '') || ' ' || coalesce(local_title, '')) as title_vector,
    to_tsvector('english', coalesce(plot_summary, '')) as content_vector
  from seed_design.movies;
alter table seed_design.movie_search_index add primary key (movie_id);
create index on seed_design.movie_search_index using gin (search_vector);
create index on seed_design.movie_search_index using gin (title_vector);
create index on seed_design.movie_search_index using gin (content_vector);
analyze seed_design.movies;
analyze seed_design.movie_search_index;
`

/** Makes the seed design's tables and indexes from the rows of the catalogue, anew. */
export async function makeSeedDesign(pool: pg.Pool): Promise<void> {
  await pool.query('drop schema if exists seed_design cascade')
  await pool.query(setup)
}

/** $1 the query, $2 how many. */
export const seedSearch = `
  select m.*,
    ts_rank(msi.search_vector, plainto_tsquery('english', $1)) as rank,
    ts_headline('english', m.plot_summary, plainto_tsquery('english', $1)) as snippet
  from seed_design.movies m
  join seed_design.movie_search_index msi on m.id = msi.movie_id
  where msi.search_vector @@ plainto_tsquery('english', $1)
  order by rank desc, m.lemon_pie_rating desc
  limit $2`

/** $1 the beginning of a title, $2 how many. */
export const seedSuggestions = `
  select distinct title, similarity(title, $1) as sim
  from seed_design.movies
  where similarity(title, $1) > 0.3
  order by sim desc
  limit $2`

/** The word that most titles are found by, of those that the seed's search does not drop as a stop word. */
export async function commonestWord(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ word: string }>(
    `select w.word
     from (select word from ts_stat('select search_vector from seed_design.movie_search_index') order by ndoc desc limit 1) stem
     join search_words w on tsvector_to_array(to_tsvector('english', w.word)) = array[stem.word]
     order by w.name_count + w.person_count + w.other_count desc limit 1`,
  )
  return rows[0]!.word
}
