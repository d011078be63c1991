import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'
import type { ListPrivacy, TitleListName } from './title-list.schemas.ts'

export interface ExportedTitle {
  readonly list: TitleListName
  readonly movie_id: string
  readonly by_review: boolean
  readonly added_at: string
}

export async function exportListTitles(
  db: Db,
  userId: string,
  after: ExportedTitle | undefined,
  limit: number,
): Promise<ExportedTitle[]> {
  const beyond = after
    ? sql`and (l.list, l.added_at, l.movie_id) > (${after.list}::title_list, ${after.added_at}::timestamptz, ${after.movie_id}::uuid)`
    : sql``
  const { rows } = await sql<ExportedTitle>`
    /* exportListTitles */
    select l.list, l.movie_id, l.by_review, l.added_at from list_titles l
    where l.user_id = ${userId}::uuid ${beyond}
    order by l.list, l.added_at, l.movie_id
    limit ${limit}`.execute(db)
  return rows
}

export interface ExportedViewing {
  readonly movie_id: string
  readonly watched_on: string
}

export async function exportViewings(
  db: Db,
  userId: string,
  after: ExportedViewing | undefined,
  limit: number,
): Promise<ExportedViewing[]> {
  const beyond = after
    ? sql`and (v.movie_id, v.watched_on) > (${after.movie_id}::uuid, ${after.watched_on}::date)`
    : sql``
  const { rows } = await sql<ExportedViewing>`
    /* exportViewings */
    select v.movie_id, v.watched_on from viewings v
    where v.user_id = ${userId}::uuid ${beyond}
    order by v.movie_id, v.watched_on
    limit ${limit}`.execute(db)
  return rows
}

export interface ExportedPrivacy {
  readonly list: TitleListName
  readonly visibility: ListPrivacy['watchlist']
  readonly updated_at: string
}

export async function exportListPrivacy(
  db: Db,
  userId: string,
  after: ExportedPrivacy | undefined,
  limit: number,
): Promise<ExportedPrivacy[]> {
  const { rows } = await sql<ExportedPrivacy>`
    /* exportListPrivacy */
    select p.list, p.visibility, p.updated_at from list_privacy p
    where p.user_id = ${userId}::uuid and (${after?.list ?? null}::title_list is null or p.list > ${after?.list ?? null}::title_list)
    order by p.list
    limit ${limit}`.execute(db)
  return rows
}

/** Takes some titles off an account's lists. @returns how many */
export async function deleteSomeListed(db: Db, userId: string, limit: number): Promise<number> {
  const { rows } = await sql<{ taken: number }>`
    /* deleteSomeListed */
    with few as materialized (
      select movie_id, list from list_titles where user_id = ${userId}::uuid limit ${limit}
    ), gone as (
      delete from list_titles l using few s
      where l.user_id = ${userId}::uuid and l.movie_id = s.movie_id and l.list = s.list
      returning 1
    )
    select count(*) as taken from gone`.execute(db)
  return rows[0]!.taken
}

export async function deleteListsOf(db: Tx, userId: string): Promise<void> {
  await sql`/* deleteListsOf */ delete from list_titles where user_id = ${userId}::uuid`.execute(db)
}
