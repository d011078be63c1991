import { sql } from 'kysely'
import type { Db } from '../../src/infra/db.ts'

/** Table → a number that moves with any insert, update or delete of its rows, also with one that changes no value. */
export type RowPrints = Readonly<Record<string, string>>

interface Part {
  readonly table: string
  /** Which of its rows, as SQL; all of them when left out. */
  readonly where?: string
}

/** What writes a row leaves another version of it, in another place (ctid) or by another transaction (xmin). */
const printOf = ({ table, where = 'true' }: Part): string => `
  select '${table}' as name, count(*) || ' ' || coalesce(sum(hashtext(t.ctid::text || t.xmin::text)), 0) as print
  from ${table} t where ${where}`

async function prints(db: Db, parts: readonly Part[]): Promise<RowPrints> {
  const statement = parts.map(printOf).join(' union all ')
  const { rows } = await sql<{ name: string; print: string }>`${sql.raw(statement)}`.execute(db)
  return Object.fromEntries(rows.map(({ name, print }) => [name, print]))
}

/** Prints of every table of a database, and of those rows alone that are about one account. */
export async function rowPrinter(db: Db) {
  const tables = await sql<{ table: string; where: string | null }>`
    select c.relname as table,
      string_agg(distinct format('t.%I = ', a.attname), '|') filter (where a.attname is not null) as where
    from pg_class c
    left join pg_constraint k on k.conrelid = c.oid and k.confrelid = 'users'::regclass and k.contype = 'f'
    left join pg_attribute a on a.attrelid = c.oid and a.attnum = any (k.conkey)
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
    group by c.relname`.execute(db)
  const personal = (id: string) =>
    tables.rows.flatMap(({ table, where }) => {
      if (table === 'users') return [{ table, where: `t.id = '${id}'` }]
      if (where === null) return []
      const conditions = where.split('|').map((start) => `${start}'${id}'`)
      return [{ table, where: conditions.join(' or ') }]
    })
  return {
    all: () =>
      prints(
        db,
        tables.rows.map(({ table }) => ({ table })),
      ),
    of: (accountId: string) => prints(db, personal(accountId)),
  }
}
