import type pg from 'pg'
import { SeedError } from './seed-error.ts'

/** Finds staged titles in the database by slug, present or former; the others get the id that they will have. */
export async function resolveTitles(client: pg.ClientBase): Promise<void> {
  await client.query(`
    update seed_titles s set movie_id = m.id, existing = true from movies m where m.slug = s.slug;
    update seed_titles s set movie_id = f.movie_id, existing = true from movie_former_slugs f
    where s.movie_id is null and f.slug = s.slug;
    update seed_titles set movie_id = uuidv7() where movie_id is null;
    create unique index on seed_titles (movie_id, entry)`)
  const twice = await client.query<{ slugs: string[] }>(
    'select array_agg(slug order by entry) as slugs from seed_titles group by movie_id having count(*) > 1',
  )
  if (twice.rows.length > 0) {
    const pairs = twice.rows.map((row) => row.slugs.join(' and ')).join('; ')
    throw new SeedError(`Nothing was imported: ids that are one title here, by a present and a former slug: ${pairs}`)
  }
}

const columns = [
  'title',
  'local_title',
  'release_date',
  'release_year',
  'release_precision',
  'runtime',
  'plot_summary',
  'production_state',
  'box_office_ng',
  'box_office_note',
]
const list = (prefix: string): string => columns.map((column) => `${prefix}.${column}`).join(', ')

/**
 * Makes films series and the other way round. Triggers count a genre's films and series by the type that a title has when its
 * genres are written, so these, and the languages, are taken off and put back.
 */
async function retypeTitles(client: pg.ClientBase): Promise<void> {
  await client.query(`
    create temp table seed_retyped on commit drop as
      select s.movie_id, s.type from seed_titles s join movies m on m.id = s.movie_id where s.type <> m.type;
    create temp table seed_retyped_genres on commit drop as
      select movie_id, genre_id from movie_genres where movie_id in (select movie_id from seed_retyped);
    create temp table seed_retyped_languages on commit drop as
      select movie_id, language from movie_languages where movie_id in (select movie_id from seed_retyped);
    delete from movie_genres where movie_id in (select movie_id from seed_retyped);
    delete from movie_languages where movie_id in (select movie_id from seed_retyped);
    update movies m set type = r.type from seed_retyped r where m.id = r.movie_id;
    insert into movie_genres (movie_id, genre_id) select movie_id, genre_id from seed_retyped_genres;
    insert into movie_languages (movie_id, language) select movie_id, language from seed_retyped_languages;
    insert into seed_touched select movie_id from seed_retyped`)
}

/** Inserts new titles and updates those of which the file says something else; what it does not know stays. */
export async function mergeTitles(client: pg.ClientBase): Promise<void> {
  await retypeTitles(client)
  await client.query(`
    with added as (
      insert into movies (id, slug, type, ${columns.join(', ')})
      select movie_id, slug, type, ${columns.join(', ')} from seed_titles where not existing order by entry
      returning id
    ) insert into seed_touched select id from added`)
  await client.query(`
    with wanted as (
      select s.movie_id, s.title,
        coalesce(s.local_title, m.local_title) as local_title,
        case when keep then m.release_date else s.release_date end as release_date,
        case when keep then m.release_year else s.release_year end as release_year,
        case when keep then m.release_precision else s.release_precision end as release_precision,
        coalesce(s.runtime, m.runtime) as runtime,
        coalesce(s.plot_summary, m.plot_summary) as plot_summary,
        coalesce(s.production_state, m.production_state) as production_state,
        coalesce(s.box_office_ng, m.box_office_ng) as box_office_ng,
        coalesce(s.box_office_note, m.box_office_note) as box_office_note
      from seed_titles s
      join movies m on m.id = s.movie_id
      -- A year alone says less than a date in that year.
      cross join lateral (select s.release_precision = 'unknown'
        or (s.release_precision > m.release_precision and s.release_year = m.release_year) as keep) k
      where s.existing
    ), changed as (
      update movies m set (${columns.join(', ')}) = (select ${list('w')})
      from wanted w where m.id = w.movie_id and (${list('m')}) is distinct from (${list('w')})
      returning m.id
    ) insert into seed_touched select id from changed`)
}

/**
 * Sets what continues what, where the database doesn't say so yet. A story has one first part, which is nobody's sequel: the
 * sequel of a sequel continues the first, and a title that others continue stays a first part.
 */
export async function mergeParts(client: pg.ClientBase): Promise<void> {
  await client.query(`
    with wanted as (
      select s.movie_id, coalesce(first.part_of, first.id) as part_of, p.part_number
      from seed_parts p
      join seed_titles s on s.slug = p.slug
      left join seed_titles f on f.slug = p.part_of
      join movies first on first.id = f.movie_id or f.movie_id is null and first.slug = p.part_of
    ), changed as (
      update movies m set part_of = w.part_of, part_number = w.part_number
      from wanted w
      where m.id = w.movie_id and m.part_of is null and m.part_number is null and w.part_of <> m.id
        and not exists (select from movies sequel where sequel.part_of = m.id)
      returning m.id
    ) insert into seed_touched select id from changed;
    -- What became a sequel just now may be what another one was said to continue.
    update movies m set part_of = f.part_of from movies f where f.id = m.part_of and f.part_of is not null and f.part_of <> m.id`)
}
