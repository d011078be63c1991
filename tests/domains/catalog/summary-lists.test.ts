import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../support/context.ts'
import { makeGenre, makePerson, makeTitle } from '../../support/factories.ts'

let ctx: TestContext

beforeAll(async () => {
  ctx = await testContext()
  return () => ctx[Symbol.asyncDispose]()
})

/** Titles whose kept lists are not what their tables say. */
async function outdated(): Promise<string[]> {
  const { rows } = await sql<{ title: string }>`
    select m.title
    from movie_summary_lists_anew a
    join movies m on m.id = a.movie_id
    left join movie_summary_lists k on k.movie_id = a.movie_id
    where (coalesce(k.genres::text, '[]'), coalesce(k.languages::text, '[]'), coalesce(k.directors::text, '[]'))
      <> (a.genres::text, a.languages::text, a.directors::text)`.execute(ctx.db)
  return rows.map(({ title }) => title)
}

const shown = async (id: string): Promise<string> => {
  const row = await ctx.db
    .selectFrom('movie_summaries')
    .select(['genres', 'languages', 'directors'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return JSON.stringify(row)
}

async function madeTitle() {
  const genre = await makeGenre(ctx.db)
  const director = await makePerson(ctx.db)
  const { id } = await makeTitle(ctx.db, {
    genres: [genre.slug, 'kept-drama'],
    languages: ['yo'],
    directors: [director.name, 'Second Director'],
  })
  return { id, genre: genre.id, director: director.id }
}
type Made = Awaited<ReturnType<typeof madeTitle>>

describe('the kept lists of a short form', () => {
  const changes: ReadonlyArray<readonly [what: string, change: (made: Made) => ReturnType<typeof sql>]> = [
    ['a genre is renamed', ({ genre }) => sql`update genres set name = name || ' anew' where id = ${genre}`],
    ['a genre has another slug', ({ genre }) => sql`update genres set slug = slug || '-anew' where id = ${genre}`],
    ['a genre is taken away', ({ genre }) => sql`delete from movie_genres where genre_id = ${genre}`],
    [
      'a genre becomes another',
      ({ genre }) =>
        sql`with o as (insert into genres (slug, name) values ('anew', 'Anew') returning id)
          update movie_genres set genre_id = o.id from o where genre_id = ${genre}`,
    ],
    [
      'a language is added',
      ({ id }) =>
        sql`with l as (insert into languages (code, name) values ('ha', 'Hausa') returning code)
          insert into movie_languages select ${id}, code from l`,
    ],
    ['a language is renamed', () => sql`update languages set name = name || ' anew' where code = 'yo'`],
    ['the last language is taken away', ({ id }) => sql`delete from movie_languages where movie_id = ${id}`],
    [
      'a director is renamed',
      ({ director }) => sql`update people set name = name || ' anew', slug = slug || '-anew' where id = ${director}`,
    ],
    [
      'the directors change places',
      ({ id }) => sql`update movie_credits set billing_order = 9 - billing_order where movie_id = ${id}`,
    ],
    [
      'a director becomes a writer',
      ({ director }) => sql`update movie_credits set role = 'writer' where person_id = ${director}`,
    ],
    ['a director is taken away', ({ director }) => sql`delete from movie_credits where person_id = ${director}`],
  ]

  it.each(changes)('are what the tables say after %s', async (_, change) => {
    const made = await madeTitle()
    const before = await shown(made.id)
    await change(made).execute(ctx.db)
    expect(await outdated()).toEqual([])
    expect(await shown(made.id)).not.toBe(before)
  })

  it('go with their title', async () => {
    const { id } = await madeTitle()
    const rows = () => ctx.db.selectFrom('movie_summary_lists').selectAll().where('movie_id', '=', id).execute()
    expect(await rows()).toHaveLength(1)
    await ctx.db.deleteFrom('movies').where('id', '=', id).execute()
    expect(await rows()).toEqual([])
  })

  it('are made for all at once after a bulk load that said it would', async () => {
    const { id } = await ctx.db.transaction().execute(async (tx) => {
      await sql`set local lemonnpie.search_index = 'deferred'`.execute(tx)
      return makeTitle(tx, { title: 'Loaded', genres: ['kept-bulk'] })
    })
    expect(await outdated()).toEqual(['Loaded'])
    await sql`select refresh_summary_lists(null)`.execute(ctx.db)
    expect(await outdated()).toEqual([])
    expect(await shown(id)).toContain('kept-bulk')
  })
})
