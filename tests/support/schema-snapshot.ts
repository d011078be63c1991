import { withClient } from './databases.ts'

// Everything that migrations make, as the catalogs describe it, apart from what belongs to an extension.
const snapshotQuery = `
  with ours as (
    select n.oid from pg_namespace n where n.nspname = 'public'
  ), extension_members as (
    select classid, objid from pg_depend where deptype = 'e'
  ), described as (
    select 'extension' as kind, extname as name, extversion as definition from pg_extension
    union all
    select 'relation', c.relname, concat_ws(' ', c.relkind, c.relpersistence, c.reloptions::text, obj_description(c.oid, 'pg_class'))
      from pg_class c where c.relnamespace in (select oid from ours)
       and (c.tableoid, c.oid) not in (select classid, objid from extension_members)
    union all
    select 'column', c.relname || '.' || a.attname, concat_ws(' ',
             row_number() over (partition by c.oid order by a.attnum), format_type(a.atttypid, a.atttypmod), a.attnotnull,
             a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation, a.attstattarget,
             col_description(c.oid, a.attnum))
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where c.relnamespace in (select oid from ours) and a.attnum > 0 and not a.attisdropped
    union all
    select 'index', i.indexrelid::regclass::text, concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid)
      from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace in (select oid from ours)
    union all
    select 'constraint', concat_ws(' ', k.conrelid::regclass, k.conname),
           concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated, obj_description(k.oid, 'pg_constraint'))
      from pg_constraint k where k.connamespace in (select oid from ours)
    union all
    select 'view', c.relname, pg_get_viewdef(c.oid)
      from pg_class c where c.relkind in ('v', 'm') and c.relnamespace in (select oid from ours)
    union all
    select 'routine', p.oid::regprocedure::text,
           concat_ws(' ', case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end, obj_description(p.oid, 'pg_proc'))
      from pg_proc p where p.pronamespace in (select oid from ours)
       and (p.tableoid, p.oid) not in (select classid, objid from extension_members)
    union all
    select 'trigger', concat_ws(' ', t.tgrelid::regclass, t.tgname), concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
      from pg_trigger t where not t.tgisinternal
    union all
    select 'type', t.oid::regtype::text, concat_ws(' ', t.typtype,
             (select string_agg(e.enumlabel, ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
             obj_description(t.oid, 'pg_type'))
      from pg_type t where t.typnamespace in (select oid from ours) and t.typtype in ('e', 'd', 'c', 'r')
       and (t.tableoid, t.oid) not in (select classid, objid from extension_members)
    union all
    select 'text search', c.cfgname, (select string_agg(concat_ws(' ', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ', '
             order by m.maptokentype, m.mapseqno) from pg_ts_config_map m where m.mapcfg = c.oid)
      from pg_ts_config c where c.cfgnamespace in (select oid from ours)
    union all
    select 'text search', d.dictname, d.dictinitoption from pg_ts_dict d where d.dictnamespace in (select oid from ours)
       and (d.tableoid, d.oid) not in (select classid, objid from extension_members)
    union all
    select 'statistics', s.stxname, pg_get_statisticsobjdef(s.oid)
      from pg_statistic_ext s where s.stxnamespace in (select oid from ours)
  )
  select concat_ws(' | ', kind, name, definition) as line from described order by kind, name, definition`

/** A database's schema as sorted lines; two are equal when the schemas are. */
export function schemaSnapshot(url: string): Promise<string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ line: string }>(snapshotQuery)
    return rows.map(({ line }) => line)
  })
}
