import { sql } from 'kysely'
import { type Db, named } from '../../infra/db.ts'

export const listGenres = (db: Db) =>
  db
    .selectFrom('genres')
    .modifyFront(named('listGenres'))
    .select(['id', 'slug', 'name', 'movie_count', 'series_count'])
    .orderBy(sql`name collate "C"`)
    .execute()

export const listLanguages = (db: Db) =>
  db
    .selectFrom('languages')
    .modifyFront(named('listLanguages'))
    .select(['code', 'name', 'movie_count', 'series_count'])
    .orderBy(sql`name collate "C"`)
    .execute()
