import type pg from 'pg'
import { slugOf } from '../../src/lib/slug.ts'
import { isGenerated } from './generated-ids.ts'

/** Slugs that nobody has or had, one for each key: the key's own, else with -2, -3 and so on. */
async function freeSlugs(client: pg.ClientBase, keys: readonly string[]): Promise<Map<string, string>> {
  const free = new Map<string, string>()
  const used = new Set<string>()
  let waiting = keys.map((key) => ({ key, stem: slugOf(key).slice(0, 190) || 'person', number: 1 }))
  while (waiting.length > 0) {
    const asked = waiting.map(({ key, stem, number }) => ({
      key,
      stem,
      number,
      slug: number === 1 ? stem : `${stem}-${number}`,
    }))
    const taken = await client.query<{ slug: string }>(
      `select slug from people where slug = any ($1) union select slug from person_former_slugs where slug = any ($1)`,
      [asked.map((candidate) => candidate.slug)],
    )
    for (const { slug } of taken.rows) used.add(slug)
    waiting = []
    for (const { key, stem, number, slug } of asked) {
      if (used.has(slug)) waiting.push({ key, stem, number: number + 1 })
      else free.set(key, slug)
      used.add(slug)
    }
  }
  return free
}

/** Finds staged people in the database by any of their names, of namesakes the first; adds the others, and new aliases. */
export async function mergePeople(client: pg.ClientBase): Promise<{ inserted: number; existing: number }> {
  await client.query(`
    create temp table seed_person_keys on commit drop as
      select p.key, k.name, k.rank from seed_people p, unnest(p.keys) with ordinality as k (name, rank);
    analyze seed_person_keys;
    with found as (
      select k.key, k.rank, 0 as by_alias, p.id from seed_person_keys k join people p on fold(p.name) = k.name
      where not ${isGenerated('p.id')}
      union all
      select k.key, k.rank, 1, a.person_id from seed_person_keys k join person_aliases a on fold(a.name) = k.name
      where not ${isGenerated('a.person_id')} and k.name like '% %'
    )
    update seed_people s set person_id = f.id
    from (select distinct on (key) key, id from found order by key, by_alias, rank, id) f where f.key = s.key`)
  const missing = await client.query<{ key: string }>('select key from seed_people where person_id is null')
  const slugs = await freeSlugs(
    client,
    missing.rows.map((row) => row.key),
  )
  await client.query(
    `update seed_people s set slug = n.slug, person_id = uuidv7()
     from unnest($1::text[], $2::text[]) as n (key, slug) where n.key = s.key`,
    [[...slugs.keys()], [...slugs.values()]],
  )
  await client.query(`
    insert into people (id, slug, name) select person_id, slug, name from seed_people where slug is not null;
    with added as (
      insert into person_aliases (person_id, name)
      select p.person_id, a.name from seed_person_aliases a join seed_people p on p.key = a.key
      join people q on q.id = p.person_id where fold(a.name) <> fold(q.name)
      on conflict do nothing
      returning person_id
    ) insert into seed_reindexed select c.movie_id from added a join movie_credits c on c.person_id = a.person_id`)
  return { inserted: slugs.size, existing: await existingPeople(client) }
}

async function existingPeople(client: pg.ClientBase): Promise<number> {
  const found = await client.query<{ count: string }>('select count(*) from seed_people where slug is null')
  return Number(found.rows[0]?.count)
}
