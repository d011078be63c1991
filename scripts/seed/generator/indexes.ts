import type pg from 'pg'

export interface Lifted {
  readonly table: string
  readonly name: string
  /** The statement that puts it back. */
  readonly restore: string
}

interface Found extends Lifted {
  readonly drop: string
  /** Whether it keeps rows apart. */
  readonly is_key: boolean
}

/** Keys that foreign keys point at stay: other tables depend on them. */
const constraintsOf = `
  select c.conrelid::regclass::text as table, c.conname as name, c.contype <> 'f' as is_key,
    format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname) as drop,
    format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as restore
  from pg_constraint c
  where c.conrelid = any ($1::regclass[]) and (c.contype = 'f' or (c.contype in ('p', 'u')
    and not exists (select from pg_constraint f where f.contype = 'f' and f.conindid = c.conindid)))
  order by c.contype <> 'f', c.conrelid, c.conname`

const indexesOf = `
  select i.indrelid::regclass::text as table, i.indexrelid::regclass::text as name, i.indisunique as is_key,
    format('drop index %s', i.indexrelid::regclass) as drop, pg_get_indexdef(i.indexrelid) as restore
  from pg_index i
  where i.indrelid = any ($1::regclass[])
    and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x'))
  order by i.indrelid, 2`

/**
 * Drops the indexes and foreign keys of tables, for loading much: building an index over all rows takes a third of the time
 * of adding them one by one. Keys stay where the rows that come go by them (`on conflict`). In the transaction that puts them back, nobody ever sees the tables without.
 */
export async function liftIndexes(
  client: pg.ClientBase,
  tables: readonly string[],
  { keepKeys = false } = {},
): Promise<Lifted[]> {
  const constraints = await client.query<Found>(constraintsOf, [tables])
  const indexes = await client.query<Found>(indexesOf, [tables])
  const found = [...constraints.rows, ...indexes.rows].filter(({ is_key }) => !(keepKeys && is_key))
  for (const { drop } of found) await client.query(drop)
  // Foreign keys were dropped first and come back last, when the indexes are there that check them.
  return found.toReversed().map(({ table, name, restore }) => ({ table, name, restore }))
}
