import type pg from 'pg'
import { isGenerated } from './generated-ids.ts'

interface ListMerge {
  readonly table: string
  /** Flag of seed_titles: whether the file speaks of this list. */
  readonly known: string
  /** The staged rows: movie_id and the key and value columns. */
  readonly staged: string
  readonly key: readonly string[]
  readonly values: readonly string[]
}

const rows = (from: string, select: string): string =>
  `select s.movie_id, ${select} from ${from} x join seed_titles s on s.slug = x.slug`

const lists: readonly ListMerge[] = [
  {
    table: 'movie_aliases',
    known: 'knows_aliases',
    staged: rows('seed_aliases', 'x.name, x.kind, x.language, x.position'),
    key: ['name'],
    values: ['kind', 'language', 'position'],
  },
  {
    table: 'movie_genres',
    known: 'knows_genres',
    staged: `${rows('seed_genres', 'g.id as genre_id')} join lateral (
      select id from genres where slug = x.genre or name = x.name order by slug = x.genre desc limit 1) g on true`,
    key: ['genre_id'],
    values: [],
  },
  {
    table: 'movie_languages',
    known: 'knows_languages',
    staged: rows('seed_languages', 'x.language'),
    key: ['language'],
    values: [],
  },
  {
    table: 'movie_companies',
    known: 'knows_companies',
    staged: `select movie_id, company_id, min(position) as position
      from (${rows('seed_companies', 'x.company_id, x.position')}) c group by movie_id, company_id`,
    key: ['company_id'],
    values: ['position'],
  },
]

/** Adds genres, languages and companies that the database doesn't have. */
export async function mergeNames(client: pg.ClientBase): Promise<void> {
  // Not by ON CONFLICT, which would use up the numbers of genres.
  await client.query(`
    insert into genres (slug, name)
    select genre, min(name) from seed_genres x
    where not exists (select from genres g where g.slug = x.genre or g.name = x.name)
    group by genre order by genre;
    insert into languages (code, name)
    select code, name from seed_language_names n
    where not exists (select from languages l where l.code = n.code or l.name = n.name)`)
  await client.query(`
    update seed_companies s set company_id = c.id
    from (select distinct on (fold(name)) fold(name) as key, id from companies where not ${isGenerated('id')}
      order by fold(name), id) c
    where c.key = s.key;
    with added as (
      insert into companies (name)
      select distinct on (key) name from seed_companies where company_id is null order by key, name
      on conflict (name) do update set name = excluded.name
      returning id, name
    ) update seed_companies s set company_id = a.id
    from (select distinct on (key) key, name from seed_companies where company_id is null order by key, name) n
    join added a on a.name = n.name where s.key = n.key`)
}

/** Makes the lists of each title what the file says they are. */
export async function mergeLists(client: pg.ClientBase): Promise<void> {
  for (const { table, known, staged, key, values } of lists) {
    const same = key.map((column) => `w.${column} = t.${column}`).join(' and ')
    const columns = [...key, ...values].join(', ')
    const update =
      values.length === 0
        ? 'do nothing'
        : `do update set ${values.map((column) => `${column} = excluded.${column}`).join(', ')}
           where (${values.map((column) => `t.${column}`).join(', ')})
             is distinct from (${values.map((column) => `excluded.${column}`).join(', ')})`
    await client.query(`
      with wanted as materialized (${staged}), gone as (
        delete from ${table} t using seed_titles s
        where s.existing and s.${known} and t.movie_id = s.movie_id
          and not exists (select from wanted w where w.movie_id = t.movie_id and ${same})
        returning t.movie_id
      ), put as (
        insert into ${table} as t (movie_id, ${columns}) select movie_id, ${columns} from wanted
        on conflict (movie_id, ${key.join(', ')}) ${update}
        returning t.movie_id
      ) insert into seed_touched select movie_id from gone union select movie_id from put`)
  }
}

/** The same for credits, role by role. */
export async function mergeCredits(client: pg.ClientBase): Promise<void> {
  await client.query(`
    with wanted as materialized (
      select s.movie_id, p.person_id, c.role, c.character_name, min(c.billing_order) as billing_order
      from seed_credits c join seed_titles s on s.slug = c.slug join seed_people p on p.key = c.key
      group by 1, 2, 3, 4
    ), gone as (
      delete from movie_credits t using seed_titles s
      where s.existing and t.movie_id = s.movie_id and t.role = any (s.knows_roles) and not exists (
        select from wanted w where w.movie_id = t.movie_id and w.person_id = t.person_id and w.role = t.role
          and w.character_name is not distinct from t.character_name)
      returning t.movie_id
    ), put as (
      insert into movie_credits as t (movie_id, person_id, role, character_name, billing_order)
      select movie_id, person_id, role, character_name, billing_order from wanted order by movie_id, role, billing_order
      on conflict on constraint movie_credits_key do update set billing_order = excluded.billing_order
      where t.billing_order <> excluded.billing_order
      returning t.movie_id
    ) insert into seed_touched select movie_id from gone union select movie_id from put`)
}
