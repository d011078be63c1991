import type pg from 'pg'

/** Functions whose work a load does itself, once for all titles, when they are in. */
const followers = ['search_follow', 'summary_lists_follow', 'movies_add_stats']

/**
 * Switches off, for the transaction that calls what it answers with, the triggers that would have nothing to do but keep a copy
 * of each row that is written.
 * @returns switches them on again
 */
export async function liftTriggers(client: pg.ClientBase, tables: readonly string[]): Promise<() => Promise<void>> {
  const found = await client.query<{ table: string; name: string }>(
    `select t.tgrelid::regclass::text as table, quote_ident(t.tgname) as name
     from pg_trigger t join pg_proc p on p.oid = t.tgfoid
     where t.tgrelid = any ($1::regclass[]) and t.tgenabled = 'O' and p.proname = any ($2)`,
    [tables, followers],
  )
  for (const { table, name } of found.rows) await client.query(`alter table ${table} disable trigger ${name}`)
  return async () => {
    for (const { table, name } of found.rows) await client.query(`alter table ${table} enable trigger ${name}`)
  }
}
