import type { Insertable, Selectable } from 'kysely'
import { sql } from 'kysely'
import type { DB } from '../../db/types.ts'
import type { Db } from '../../src/infra/db.ts'

/** A number that no other call of this process got: names and slugs made with it collide with nobody's. */
const serial = (() => {
  let last = 0
  return () => {
    last += 1
    return last
  }
})()

type Row<T extends keyof DB> = Selectable<DB[T]>

/** A title as lists need it, with its lists as they are known by clients. Missing genres, languages and people are made. */
export interface TitleOptions extends Partial<Insertable<DB['movies']>> {
  readonly genres?: readonly string[]
  readonly languages?: readonly string[]
  readonly directors?: readonly string[]
  readonly actors?: readonly string[]
  readonly aliases?: readonly string[]
  readonly companies?: readonly string[]
  readonly stats?: Partial<Omit<Insertable<DB['movie_stats']>, 'movie_id'>>
}

const slugText = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** The genre of this slug, made when it isn't there. */
export async function makeGenre(db: Db, slug = `genre-${serial()}`): Promise<Pick<Row<'genres'>, 'id' | 'slug'>> {
  await db
    .insertInto('genres')
    .values({ slug, name: slug[0]!.toUpperCase() + slug.slice(1) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return db.selectFrom('genres').select(['id', 'slug']).where('slug', '=', slug).executeTakeFirstOrThrow()
}

const languageNames: Readonly<Record<string, string>> = {
  en: 'English',
  ha: 'Hausa',
  ig: 'Igbo',
  pcm: 'Nigerian Pidgin',
  yo: 'Yoruba',
}

/** The language of this code, made when it isn't there. */
export async function makeLanguage(db: Db, code: string): Promise<void> {
  await db
    .insertInto('languages')
    .values({ code, name: languageNames[code] ?? `Language ${code}` })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** The person of this name, made when nobody has it. */
export async function makePerson(
  db: Db,
  name = `Person ${serial()}`,
): Promise<Pick<Row<'people'>, 'id' | 'slug' | 'name'>> {
  const known = await db.selectFrom('people').select(['id', 'slug', 'name']).where('name', '=', name).executeTakeFirst()
  if (known) return known
  return db
    .insertInto('people')
    .values({ name, slug: slugText(name) })
    .returning(['id', 'slug', 'name'])
    .executeTakeFirstOrThrow()
}

type Credit = Insertable<DB['movie_credits']>

async function creditsOf(db: Db, movieId: string, role: Credit['role'], names: readonly string[]): Promise<Credit[]> {
  const credits: Credit[] = []
  for (const [index, name] of names.entries()) {
    const { id } = await makePerson(db, name)
    credits.push({ movie_id: movieId, person_id: id, role, billing_order: index })
  }
  return credits
}

/** Each list by one statement, since each statement has the title indexed again. */
async function makeLists(db: Db, movieId: string, options: TitleOptions): Promise<void> {
  const genres: Array<Insertable<DB['movie_genres']>> = []
  for (const slug of options.genres ?? []) {
    genres.push({ movie_id: movieId, genre_id: (await makeGenre(db, slug)).id })
  }
  if (genres.length > 0) await db.insertInto('movie_genres').values(genres).execute()
  const languages = (options.languages ?? []).map((language) => ({ movie_id: movieId, language }))
  for (const { language } of languages) await makeLanguage(db, language)
  if (languages.length > 0) await db.insertInto('movie_languages').values(languages).execute()
  const aliases = (options.aliases ?? []).map((name, position) => ({
    ...{ movie_id: movieId, name, kind: 'retitle' as const, position },
  }))
  if (aliases.length > 0) await db.insertInto('movie_aliases').values(aliases).execute()
  for (const [position, name] of (options.companies ?? []).entries()) {
    await sql`insert into companies (name) values (${name}) on conflict do nothing`.execute(db)
    await sql`insert into movie_companies (movie_id, company_id, position)
      select ${movieId}, id, ${position} from companies where name = ${name}`.execute(db)
  }
  const credits = [
    ...(await creditsOf(db, movieId, 'director', options.directors ?? [])),
    ...(await creditsOf(db, movieId, 'actor', options.actors ?? [])),
  ]
  if (credits.length > 0) await db.insertInto('movie_credits').values(credits).execute()
}

/** A title, by default a film of 2020 that nobody else has. What is not of the table goes where it belongs. */
export async function makeTitle(db: Db, options: TitleOptions = {}): Promise<Row<'movies'>> {
  const { genres, languages, directors, actors, aliases, companies, stats, ...columns } = options
  const title = columns.title ?? `Film ${serial()}`
  const release_year = columns.release_date ? Number(columns.release_date.slice(0, 4)) : (columns.release_year ?? 2020)
  const row = await db
    .insertInto('movies')
    .values({
      type: 'movie',
      slug: `${slugText(title)}-${serial()}`,
      release_precision: columns.release_date ? 'day' : 'year',
      ...columns,
      title,
      release_year: columns.release_precision === 'unknown' ? null : release_year,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await makeLists(db, row.id, options)
  if (stats) await db.updateTable('movie_stats').set(stats).where('movie_id', '=', row.id).execute()
  return row
}
