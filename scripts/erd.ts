import type { Client } from 'pg'

interface Column {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly comment: string | null
}

interface Reference {
  readonly columns: readonly string[]
  readonly target: string
  readonly onDelete: string
}

export interface Table {
  readonly name: string
  readonly kind: 'table' | 'materialized view'
  readonly comment: string | null
  readonly columns: readonly Column[]
  /** Columns of the primary key first, then those of each unique constraint. */
  readonly keys: ReadonlyArray<{ readonly primary: boolean; readonly columns: readonly string[] }>
  readonly references: readonly Reference[]
}

// Everything is ordered by name or position, so that the same schema always reads the same.
const tablesQuery = `
  select c.relname as name,
         case c.relkind when 'm' then 'materialized view' else 'table' end as kind,
         obj_description(c.oid) as comment,
         (select json_agg(json_build_object(
                   'name', a.attname,
                   'type', case when t.typcategory = 'A' then ltrim(t.typname, '_') || '[]' else t.typname end,
                   'nullable', not a.attnotnull,
                   'comment', col_description(c.oid, a.attnum)) order by a.attnum)
            from pg_attribute a join pg_type t on t.oid = a.atttypid
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
         coalesce((select json_agg(json_build_object('primary', k.contype = 'p', 'columns', (
                   select json_agg(a.attname order by u.place)
                     from unnest(k.conkey) with ordinality as u(attnum, place)
                     join pg_attribute a on a.attrelid = c.oid and a.attnum = u.attnum))
                   order by k.contype = 'p' desc, k.conname)
            from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u')), '[]') as keys,
         coalesce((select json_agg(json_build_object('columns', (
                   select json_agg(a.attname order by u.place)
                     from unnest(k.conkey) with ordinality as u(attnum, place)
                     join pg_attribute a on a.attrelid = c.oid and a.attnum = u.attnum),
                   'target', target.relname,
                   'onDelete', case k.confdeltype when 'c' then 'deletes' when 'n' then 'sets null'
                                 when 'd' then 'sets default' else 'refuses' end) order by k.conname)
            from pg_constraint k join pg_class target on target.oid = k.confrelid
           where k.conrelid = c.oid and k.contype = 'f'), '[]') as "references"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = 'public' and c.relkind in ('r', 'p', 'm') and not c.relispartition
   order by c.relname`

/** The tables of the schema `public`, from the catalogs. */
export async function readTables(client: Client): Promise<Table[]> {
  return (await client.query<Table>(tablesQuery)).rows
}

const sameColumns = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name))

function keyMarks(table: Table, column: Column): string {
  const marks = [
    table.keys.some((key) => key.primary && key.columns.includes(column.name)) && 'PK',
    table.references.some((reference) => reference.columns.includes(column.name)) && 'FK',
    table.keys.some((key) => !key.primary && sameColumns(key.columns, [column.name])) && 'UK',
  ].filter((mark) => mark !== false)
  return marks.length > 0 ? ` ${marks.join(', ')}` : ''
}

function relation(table: Table, reference: Reference): string {
  const nullable = table.columns.some(({ name, nullable }) => nullable && reference.columns.includes(name))
  const single = table.keys.some((key) => sameColumns(key.columns, reference.columns))
  return `  ${reference.target} ${nullable ? '|o' : '||'}--${single ? 'o|' : 'o{'} ${table.name} : "${reference.columns.join(', ')}"`
}

function diagram(tables: readonly Table[]): string {
  const entities = tables.map((table) => {
    const columns = table.columns.map((column) => `    ${column.type} ${column.name}${keyMarks(table, column)}`)
    return [`  ${table.name} {`, ...columns, '  }'].join('\n')
  })
  const relations = tables.flatMap((table) => table.references.map((reference) => relation(table, reference)))
  return ['```mermaid', 'erDiagram', ...relations, ...entities, '```'].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

function section(table: Table): string {
  const rows = table.columns.map(({ name, type, nullable, comment }) => {
    const references = table.references
      .filter((reference) => reference.columns.includes(name))
      .map(
        ({ target, onDelete }) =>
          `References [${target}](#${target}); deleting that ${onDelete}${onDelete === 'deletes' ? ' this' : ''}.`,
      )
    const note = [comment, ...references].filter((text) => text !== null).join(' ')
    return `| \`${name}\`${keyMarks(table, { name, type, nullable, comment })} | ${type} | ${nullable ? 'yes' : ''} | ${cell(note)} |`
  })
  const kind = table.kind === 'table' ? '' : ` (${table.kind})`
  return [
    `### ${table.name}${kind}`,
    '',
    table.comment ?? '',
    '',
    '| Column | Type | Null | |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}

/** The page `docs/erd.md`. */
export function erdPage(tables: readonly Table[]): string {
  const blocks = [
    '# The database',
    'Made by `npm run erd:generate` from the catalogs of a migrated database; not written by hand.',
    diagram(tables),
    '## Tables',
    ...tables.map(section),
  ]
  return `${blocks.join('\n\n')}\n`
}
