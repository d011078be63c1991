import { sql } from 'kysely'
import { named, type Tx } from '../../infra/db.ts'

export interface NameMatch {
  readonly name: string
  readonly folded: string
  /** Everybody who has the name, by whatever accents, or has it as an alias. */
  readonly ids: string[]
}

export async function matchNames(db: Tx, names: readonly string[]): Promise<NameMatch[]> {
  const result = await sql<NameMatch>`
    /* matchNames */
    select wanted.name, fold(wanted.name) as folded, array(
        select id from people where fold(name) = fold(wanted.name)
        union
        select person_id from person_aliases where fold(name) = fold(wanted.name)
      ) as ids
    from unnest(${[...names]}::text[]) wanted (name)`.execute(db)
  return result.rows
}

export const findPeopleIds = (db: Tx, ids: readonly string[]) =>
  db
    .selectFrom('people')
    .modifyFront(named('findPeopleIds'))
    .select('id')
    .where('id', '=', sql<string>`any (${[...ids]}::uuid[])`)
    .execute()

/** @returns undefined when the slug is taken */
export const insertPerson = (db: Tx, name: string, slug: string) =>
  db
    .insertInto('people')
    .modifyEnd(named('insertPerson'))
    .values({ name, slug })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .returning('id')
    .executeTakeFirst()
