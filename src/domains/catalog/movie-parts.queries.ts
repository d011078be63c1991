import { sql } from 'kysely'
import { named, type Tx } from '../../infra/db.ts'
import type { MoviePatch } from './movie-input.schemas.ts'

export const findGenres = (db: Tx, slugs: readonly string[]) =>
  db
    .selectFrom('genres')
    .modifyFront(named('findGenres'))
    .select(['id', 'slug'])
    .where('slug', 'in', [...slugs, ''])
    .execute()

export const findLanguages = (db: Tx, codes: readonly string[]) =>
  db
    .selectFrom('languages')
    .modifyFront(named('findLanguages'))
    .select('code')
    .where('code', 'in', [...codes, ''])
    .execute()

/** Makes the genres of a title these; what stays is not written again. */
export async function replaceGenres(db: Tx, movieId: string, genreIds: readonly number[]): Promise<void> {
  await sql`/* dropGenres */ delete from movie_genres
    where movie_id = ${movieId}::uuid and genre_id <> all (${[...genreIds]}::smallint[])`.execute(db)
  await sql`/* addGenres */ insert into movie_genres (movie_id, genre_id)
    select ${movieId}::uuid, unnest(${[...genreIds]}::smallint[]) on conflict do nothing`.execute(db)
}

export async function replaceLanguages(db: Tx, movieId: string, codes: readonly string[]): Promise<void> {
  await sql`/* dropLanguages */ delete from movie_languages
    where movie_id = ${movieId}::uuid and language <> all (${[...codes]}::text[])`.execute(db)
  await sql`/* addLanguages */ insert into movie_languages (movie_id, language)
    select ${movieId}::uuid, unnest(${[...codes]}::text[]) on conflict do nothing`.execute(db)
}

/** Companies are known by their name as published; new ones are added. */
export async function replaceCompanies(db: Tx, movieId: string, names: readonly string[]): Promise<void> {
  await sql`/* addCompanies */ insert into companies (name)
    select name from unnest(${[...names]}::text[]) name order by name on conflict do nothing`.execute(db)
  await sql`/* dropMovieCompanies */ delete from movie_companies where movie_id = ${movieId}::uuid`.execute(db)
  await sql`/* addMovieCompanies */ insert into movie_companies (movie_id, company_id, position)
    select ${movieId}::uuid, c.id, billed.position - 1
    from unnest(${[...names]}::text[]) with ordinality billed (name, position)
    join companies c on c.name = billed.name`.execute(db)
}

export async function replaceAliases(
  db: Tx,
  movieId: string,
  aliases: NonNullable<MoviePatch['aliases']>,
): Promise<void> {
  await db.deleteFrom('movie_aliases').modifyEnd(named('dropAliases')).where('movie_id', '=', movieId).execute()
  if (aliases.length === 0) return
  await db
    .insertInto('movie_aliases')
    .modifyEnd(named('addAliases'))
    .values(
      aliases.map(({ name, kind, language }, position) => ({
        movie_id: movieId,
        name,
        kind,
        language: language ?? null,
        position,
      })),
    )
    .execute()
}

export interface CreditRow {
  readonly person_id: string
  readonly role: 'actor' | 'director' | 'producer' | 'writer'
  readonly character_name: string | null
  readonly billing_order: number
}

/** Makes the actors of a title these, or all others. */
export async function replaceCredits(
  db: Tx,
  movieId: string,
  whose: 'cast' | 'crew',
  credits: readonly CreditRow[],
): Promise<void> {
  await db
    .deleteFrom('movie_credits')
    .modifyEnd(named('dropCredits'))
    .where('movie_id', '=', movieId)
    .where('role', whose === 'cast' ? '=' : '<>', 'actor')
    .execute()
  if (credits.length === 0) return
  await db
    .insertInto('movie_credits')
    .modifyEnd(named('addCredits'))
    .values(credits.map((credit) => ({ movie_id: movieId, ...credit })))
    .execute()
}
